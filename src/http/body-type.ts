import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import { UTF8_CHARSETS } from '../errors/text-fault.ts'
import { CSV, NDJSON } from '../media-types.ts'

const JSON_TYPE = 'application/json'
/** The media types whose charset is checked. A workbook is not text, so a charset in its Content-Type is ignored. */
const TEXT_TYPES = [JSON_TYPE, NDJSON, CSV, 'multipart/form-data']
/**
 * By method: the response header that names the media types which an operation takes (RFC 5789, 3.1 for PATCH, RFC
 * 9110, 12.5.1 for PUT). For every other method it is Accept-Post (W3C Linked Data Platform 1.0, 7.1).
 */
const ACCEPTS: Readonly<Record<string, string>> = { PATCH: 'accept-patch', PUT: 'accept' }
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/i

/** Gives the media type of the body, in lower case and without parameters; '' for a request without a Content-Type. */
export function bodyType (request: FastifyRequest): string {
  return request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** Whether the head of a request announces a body. A chunked body may still be empty. */
export function declaresBody ({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/**
 * Gives the error UNSUPPORTED_MEDIA_TYPE for a media type that the operation does not take, and for a charset of a text
 * type that is not in UTF8_CHARSETS. Gives null for every other body.
 */
export function refusedType (request: FastifyRequest): AppError | null {
  const { documentedBody } = request.routeOptions.config
  const taken = documentedBody === null ? [] : Object.keys(documentedBody?.content ?? { [JSON_TYPE]: null })
  const type = bodyType(request)
  // Many clients send {} where no body is needed. The schema refuses an object with members.
  if (!taken.includes(type) && !(documentedBody === null && type === JSON_TYPE)) {
    const seen = type === '' ? 'The body has no Content-Type.' : `The Content-Type is ${type.slice(0, 100)}.`
    return unsupported(request, taken, `${seen} ${wanted(taken)}.`)
  }
  const charset = CHARSET.exec(request.headers['content-type'] ?? '')?.[1]?.toLowerCase()
  if (charset === undefined || UTF8_CHARSETS.includes(charset) || !TEXT_TYPES.includes(type)) return null
  return unsupported(request, taken, `The charset of the body is ${charset.slice(0, 100)}. Send ${type} as UTF-8.`)
}

function wanted (taken: readonly string[]): string {
  if (taken.length === 0) return 'This address takes no body'
  return `Send the body as ${taken.length === 1 ? '' : `${taken.slice(0, -1).join(', ')} or `}${taken.at(-1) ?? ''}`
}

function unsupported ({ method }: FastifyRequest, taken: readonly string[], detail: string): AppError {
  return new AppError('UNSUPPORTED_MEDIA_TYPE', detail, {
    ...(taken.length > 0 && { headers: { [ACCEPTS[method] ?? 'accept-post']: taken.join(', ') } })
  })
}
