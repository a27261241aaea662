import type { Static } from 'typebox'
import { Type } from 'typebox'
import { ERROR_CODES, type ErrorCode } from '../src/errors/codes.ts'
import { PROBLEM_TYPE } from '../src/errors/problem.ts'

const CODES = Object.keys(ERROR_CODES) as ErrorCode[]

export const Problem = Type.Object(
  {
    type: Type.String({
      description: 'Names the kind of problem: `urn:connect-usage-bff:problem:` and the code in kebab-case.'
    }),
    title: Type.String({ description: 'The kind of problem in a few words, always the same for a code.' }),
    status: Type.Integer({ description: 'The HTTP status.' }),
    detail: Type.String({ description: 'What went wrong this time.' }),
    instance: Type.String({ description: 'Path of the request.' }),
    code: Type.Enum([...CODES], { type: 'string', description: 'What programs should look at.' }),
    requestId: Type.String({
      description: 'Id of the request, as in `X-Request-Id`: name it when you report the problem.'
    }),
    errors: Type.Optional(
      Type.Array(
        Type.Object(
          {
            path: Type.String({ description: 'Where: `body.name`, `query.sort`, `path.fileId`.' }),
            message: Type.String({ description: 'What is wrong there.' })
          },
          { additionalProperties: false }
        ),
        { description: 'Each fault of the request, for `VALIDATION_FAILED`.' }
      )
    ),
    connect: Type.Optional(
      Type.Object(
        {
          status: Type.Integer({ description: "Connect's HTTP status." }),
          errorCode: Type.Unsafe<string | null>({ type: ['string', 'null'], description: "Connect's error code." }),
          errors: Type.Array(Type.String(), { description: "Connect's messages." })
        },
        { additionalProperties: false, description: 'What Connect said when it refused.' }
      )
    ),
    currentStatus: Type.Optional(
      Type.Unsafe<string | null>({
        type: ['string', 'null'],
        description: 'The status that forbids the action, for `ACTION_NOT_ALLOWED`.'
      })
    ),
    actions: Type.Optional(
      Type.Array(Type.String(), { description: 'What the caller may do instead, for `ACTION_NOT_ALLOWED`.' })
    )
  },
  { $id: 'Problem', description: 'An error as RFC 9457 problem details.' }
)
export type Problem = Static<typeof Problem>
export const ProblemRef = Type.Unsafe<Problem>(Type.Ref('Problem'))

export interface Sample { description: string, code: ErrorCode, detail: string, more?: object }

const LARGE_HEADERS: Sample = {
  description: 'The headers are too large.',
  code: 'HEADERS_TOO_LARGE',
  detail: 'The headers are larger than 16 KiB.'
}

const SAMPLES: Readonly<Record<number, Sample>> = {
  400: {
    description: 'The request is not valid, or Connect refused it.',
    code: 'VALIDATION_FAILED',
    detail: 'query.limit must be <= 1000',
    more: { errors: [{ path: 'query.limit', message: 'must be <= 1000' }] }
  },
  401: {
    description: 'No valid credential.',
    code: 'UNAUTHENTICATED',
    detail: 'No credential was sent. Send a partner key in X-API-Key.'
  },
  403: {
    description:
      'The caller lacks the scope, its token is for no account of this service, or Connect does not allow this to ' +
      'its account.',
    code: 'SCOPE_MISSING',
    detail: 'This needs the scope usage:close, which reports does not have.'
  },
  404: {
    description: 'Connect does not know the object.',
    code: 'NOT_FOUND',
    detail: 'Connect does not know this object.'
  },
  408: {
    description: 'The caller stayed silent for too long.',
    code: 'REQUEST_TIMEOUT',
    detail: 'No bytes of the upload arrived for 30000 ms.'
  },
  409: {
    description: 'The status of the file forbids the action.',
    code: 'ACTION_NOT_ALLOWED',
    detail: 'The usage file is draft: submit is not possible now.',
    more: {
      currentStatus: 'draft',
      actions: ['update', 'upload', 'delete'],
      connect: { status: 400, errorCode: 'USG_001', errors: ['Usage file in status draft does not allow submit.'] }
    }
  },
  413: {
    description: 'The body is too large.',
    code: 'BODY_TOO_LARGE',
    detail: 'The body is larger than this address takes.'
  },
  415: {
    description: 'The body has the wrong type.',
    code: 'UNSUPPORTED_MEDIA_TYPE',
    detail: 'This address does not take a body of this Content-Type.'
  },
  422: {
    description: 'The file is not a workbook.',
    code: 'NOT_A_WORKBOOK',
    detail: 'The file is not an XLSX workbook.'
  },
  429: {
    description: 'The caller has made too many requests, or too many wrong credentials came from its address.',
    code: 'RATE_LIMITED',
    detail: 'This caller may make 600 requests a minute.'
  },
  431: LARGE_HEADERS,
  502: {
    description: 'Connect cannot be reached, failed, or sent something unreadable.',
    code: 'UPSTREAM_FAILED',
    detail: 'Connect failed to handle the request.'
  },
  503: {
    description:
      'Too much work here, Connect is throttling, tokens cannot be checked, or the state store does not answer.',
    code: 'OVERLOADED',
    detail: 'Too many calls to Connect are running.'
  },
  504: {
    description: 'Connect did not answer in time; for a write, it is not known whether the write took effect.',
    code: 'UPSTREAM_TIMEOUT',
    detail: 'Connect did not answer in time.'
  }
}

export const RETRY_AFTER_PROBLEM = {
  'retry-after': { type: 'integer', description: 'Seconds after which to try again.' }
}
const HEADERS: Readonly<Record<number, object>> = {
  401: {
    'www-authenticate': {
      type: 'string',
      description: 'The credentials that are taken, and what is wrong with the one that was sent.'
    }
  },
  429: {
    ...RETRY_AFTER_PROBLEM,
    'ratelimit-policy': {
      type: 'string',
      description: 'The limit: `"default";q=600;w=60` is 600 requests in 60 seconds.'
    },
    ratelimit: {
      type: 'string',
      description: 'What is left of it, and the seconds until it is whole again: `"default";r=0;t=42`.'
    }
  },
  503: RETRY_AFTER_PROBLEM
}

/** The problems that every operation with a credential may answer. */
const ALWAYS = [401, 403, 429, 431, 502, 503, 504]

/** Gives problem responses by status, with those of every operation. `replaced` gives other examples. */
export function problems (
  statuses: readonly number[],
  replaced: Readonly<Record<number, Sample>> = {}
): Record<number, object> {
  // A body that may be too large may also be too slow.
  const slow = statuses.includes(413) ? [408] : []
  return Object.fromEntries(
    [...statuses, ...slow, ...ALWAYS].map(status => {
      const sample = replaced[status] ?? SAMPLES[status]
      if (sample === undefined) throw new Error(`no sample of a problem with status ${status}`)
      return [status, problem(sample, HEADERS[status])]
    })
  )
}

/** Gives the response for one problem. */
export function problem (sample: Sample, headers?: object): { description: string, headers?: object, content: object } {
  return {
    description: sample.description,
    ...(headers !== undefined && { headers }),
    content: { [PROBLEM_TYPE]: { schema: ProblemRef, example: exampleOf(sample) } }
  }
}

/** The problem of operations that need no credential. */
export const HEADERS_TOO_LARGE: Record<number, object> = { 431: problem(LARGE_HEADERS, HEADERS[431]) }

/** The example of a 409 for the closing operations. */
export const BILLING_CONFLICT: Readonly<Record<number, Sample>> = {
  409: {
    description: 'The record was closed with another billing id.',
    code: 'BILLING_CONFLICT',
    detail: 'The record is closed with the billing id INV-2026-000001.'
  }
}

function exampleOf ({ code, detail, more }: Sample): Problem {
  const { status, title } = ERROR_CODES[code]
  return {
    type: `urn:connect-usage-bff:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title, status, detail,
    instance: '/v1/usage-files/UF-2026-09-1512-0016',
    code,
    requestId: 'a3f0c1de-7a51-4f1c-9b39-0d5f6a1c2b3e',
    ...more
  }
}
