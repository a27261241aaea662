import type { Static } from 'typebox'
import { Type } from 'typebox'
import { ERROR_CODES, type ErrorCode } from '../src/errors/codes.ts'
import { PROBLEM_TYPE } from '../src/errors/problem.ts'
import { words } from './common.ts'
import { UsageCheckRef } from './usage-check.ts'
import { CHUNK_ACTIONS, CHUNK_STATUSES } from './usage-chunk.ts'
import { FILE_ACTIONS, FILE_STATUSES } from './usage-file.ts'
import { reportMembers } from './report-step.ts'
import { RECORD_STATUSES } from './usage-record.ts'
import { RULE_STATUSES } from './usage-rule.ts'

const CODES = Object.keys(ERROR_CODES) as ErrorCode[]

// ACTION and CURRENT_STATUS are one enum each: from several, orval makes code that uses names before they exist.

const ACTION = words(
  'Action',
  'An action on a usage file or a chunk: see `UsageFileAction` and `UsageChunkAction`.',
  [...new Set([...FILE_ACTIONS, ...CHUNK_ACTIONS])]
)

const CURRENT_STATUS = words(
  'CurrentStatus',
  'The status of the object in question: see `UsageFileStatus`, `UsageChunkStatus`, `UsageRecordStatus` and ' +
  '`UsageRuleStatus`.',
  [...new Set([...FILE_STATUSES, ...CHUNK_STATUSES, ...RECORD_STATUSES, ...RULE_STATUSES])],
  { description: 'The status that forbids the action, for `ACTION_NOT_ALLOWED`.' }
)

export const Problem = Type.Object(
  {
    type: Type.String({
      description: 'Names the kind of problem: `urn:connect-usage-bff:problem:` and the code in kebab-case.'
    }),
    title: Type.String({ description: 'The kind of problem in a few words, always the same for a code.' }),
    status: Type.Integer({ description: 'The HTTP status.' }),
    detail: Type.String({ description: 'What went wrong this time.' }),
    instance: Type.String({ description: 'Path of the request.' }),
    code: words('ErrorCode', 'The kind of problem. Programs decide by this word.', CODES),
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
          { title: 'FieldError', additionalProperties: false, description: 'One fault of the request.' }
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
        {
          title: 'ConnectRefusal', additionalProperties: false, description: 'What Connect answered when it refused.'
        }
      )
    ),
    currentStatus: Type.Optional(CURRENT_STATUS),
    actions: Type.Optional(
      Type.Array(ACTION, { description: 'What the caller may do instead, for `ACTION_NOT_ALLOWED`.' })
    ),
    check: Type.Optional(UsageCheckRef),
    ...reportMembers
  },
  { $id: 'Problem', description: 'An error as RFC 9457 problem details.' }
)
export type Problem = Static<typeof Problem>
export const ProblemRef = Type.Unsafe<Problem>(Type.Ref('Problem'))

export interface Sample { description: string, code: ErrorCode, detail: string, more?: object }

const SAMPLES = {
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
  405: {
    description: 'The address does not take this method; `Allow` names those that it takes.',
    code: 'METHOD_NOT_ALLOWED',
    detail: 'PUT is not possible here, only GET, HEAD, PATCH, DELETE.'
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
    description: 'The body has the wrong type.', code: 'UNSUPPORTED_MEDIA_TYPE',
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
  431: {
    description: 'The headers are too large.', code: 'HEADERS_TOO_LARGE',
    detail: 'The headers are larger than 16 KiB.'
  },
  500: {
    description: 'A fault of this service. Report it with the `requestId`.',
    code: 'INTERNAL',
    detail: 'Something went wrong in this service. The request id leads to its log.'
  },
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
} as const satisfies Readonly<Record<number, Sample>>

export const RETRY_AFTER_PROBLEM = {
  'retry-after': {
    type: 'integer',
    description: 'With 429, 503 and `IDEMPOTENCY_IN_FLIGHT`: seconds to wait before the next try.'
  }
}
const HEADERS = {
  ...RETRY_AFTER_PROBLEM,
  'www-authenticate': {
    type: 'string',
    description: 'With 401: the credentials that are taken, and what is wrong with the one that was sent.'
  },
  allow: { type: 'string', description: 'With 405: the methods that the address takes.' },
  'accept-post': { type: 'string', description: 'With 415 of a POST: the media types that the address takes.' },
  'accept-patch': { type: 'string', description: 'With 415 of a PATCH: the media types that the address takes.' },
  accept: { type: 'string', description: 'With 415 of a PUT: the media types that the address takes.' }
}

/** The response `default`, for all problems that have no response of their own in an operation. */
const EVERY_PROBLEM = {
  description: 'A problem. `code` says which; the examples show the most frequent one of each status.',
  headers: HEADERS,
  content: {
    [PROBLEM_TYPE]: {
      schema: ProblemRef,
      examples: Object.fromEntries(
        Object.entries(SAMPLES).map(([status, sample]) => [
          status, { summary: `${status}: ${sample.description}`, value: exampleOf(sample) }
        ])
      )
    }
  }
}

/**
 * Gives the problem responses of an operation: one for each of `statuses`, which tells what the operation refuses, and
 * `default` for all others. One shared response keeps an operation short, in Swagger UI and for readers of the
 * document. `replaced` has samples that replace the usual ones, by status.
 */
export function problems (
  statuses: readonly (409 | 422)[] = [],
  replaced: Readonly<Record<number, Sample>> = {}
): Record<string, object> {
  return {
    ...Object.fromEntries(statuses.map(status => [status, problem(replaced[status] ?? SAMPLES[status])])),
    default: EVERY_PROBLEM
  }
}

export function problem (sample: Sample, headers?: object): { description: string, headers?: object, content: object } {
  return {
    description: sample.description,
    ...(headers !== undefined && { headers }),
    content: { [PROBLEM_TYPE]: { schema: ProblemRef, example: exampleOf(sample) } }
  }
}

/** The example of a 409 response in the OpenAPI document, for closeUsageRecord. */
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
