import type { ConnectClientOptions } from '../../src/connect/client.ts'
import { jsonAnswer, type Exchange } from './upstream.ts'
import { bad, DEEP } from './faults-fixture.ts'

interface Fault {
  readonly name: string
  readonly script: (exchange: Exchange) => unknown
  readonly read: Record<string, unknown>
  /** Where it differs from what a read sees. */
  readonly write?: Record<string, unknown>
  /** Of the read. */
  readonly attempts?: number
  readonly options?: Partial<ConnectClientOptions>
}

const envelope = { error_code: 'VAL_001', errors: ['first', 'second'], params: null }
const html = '<html><body>nginx canary</body></html>'

const longBody = `[${'{"id":"x"},'.repeat(40)}{}]`

const answered = (status: number, extra: Record<string, unknown> = {}): Record<string, unknown> => ({
  name: 'ConnectResponseError', kind: 'response', status, sent: 'yes', bodyComplete: true, errorCode: null, errors: [],
  retryAfterSeconds: null, ...extra
})

export const FAULTS: readonly Fault[] = [
  {
    name: 'reset before the answer',
    script: ({ socket }) => socket.resetAndDestroy(),
    read: { name: 'ConnectResetError', kind: 'reset', sent: 'maybe', status: null },
    attempts: 3
  },
  {
    name: 'a clean end instead of an answer',
    script: ({ socket }) => socket.end(),
    read: { kind: 'reset', sent: 'maybe', status: null },
    attempts: 3
  },
  {
    name: 'no headers in time',
    script: () => {},
    read: { name: 'ConnectTimeoutError', kind: 'timeout', phase: 'total', sent: 'maybe' },
    options: { timeoutMs: 600 }
  },
  {
    name: 'a body that comes byte by byte',
    script: ({ raw, socket }) => {
      raw('HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n')
      const drip = setInterval(() => socket.write(' '), 5)
      socket.on('close', () => clearInterval(drip))
    },
    read: { kind: 'timeout', phase: 'total', sent: 'yes', status: 200 },
    options: { timeoutMs: 1_000 }
  },
  {
    name: 'a body that comes byte by byte for as long as it may',
    script: ({ raw, socket }) => {
      raw('HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n')
      const drip = setInterval(() => socket.write(' '), 20)
      socket.on('close', () => clearInterval(drip))
    },
    read: { kind: 'timeout', phase: 'body', sent: 'yes', status: 200 },
    options: { limits: { rateCheckMs: 100 } }
  },
  {
    name: 'a page with status 200',
    script: ({ json }) => json(200, html, { 'content-type': 'text/html' }),
    read: bad('content-type', { status: 200 })
  },
  {
    name: 'no content type',
    script: ({ raw }) => raw('HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\n{}'),
    read: bad('content-type')
  },
  { name: 'text that is not JSON', script: ({ json }) => json(200, '{"id": canary'), read: bad('json') },
  {
    name: 'values nested 8,000 deep',
    script: ({ json }) => json(200, `{"id":"UF-1","note":${DEEP}}`),
    read: bad('too-deep', { status: 200 })
  },
  { name: 'JSON of another shape', script: ({ json }) => json(200, '[1]'), read: bad('shape') },
  {
    name: 'a compressed body',
    script: ({ json }) => json(200, '{}', { 'content-encoding': 'gzip' }),
    read: bad('encoding')
  },
  {
    name: 'a body cut short of its length',
    script: ({ raw, socket }) => {
      raw(jsonAnswer(200, longBody).slice(0, -100))
      socket.end()
    },
    read: { kind: 'reset', sent: 'yes', status: 200 },
    attempts: 3
  },
  {
    name: 'a cut body on a connection that closes',
    script: ({ raw, socket }) => {
      raw(jsonAnswer(200, longBody, { connection: 'close' }).slice(0, -100))
      socket.end()
    },
    read: { kind: 'reset', sent: 'yes', status: 200 },
    attempts: 3
  },
  {
    name: 'chunks without the last',
    script: ({ raw, socket }) => {
      raw('HTTP/1.1 200 X\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n')
      socket.end()
    },
    read: { kind: 'reset', sent: 'yes', status: 200 },
    attempts: 3
  },
  {
    name: 'chunks without the last on a connection that closes',
    script: ({ raw, socket }) => {
      raw('HTTP/1.1 200 X\r\nConnection: close\r\nContent-Type: application/json\r\n')
      raw('Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n')
      socket.end()
    },
    read: { kind: 'reset', sent: 'yes', status: 200 },
    attempts: 3
  },
  {
    name: 'a redirect',
    script: ({ json }) => json(302, '', { location: 'http://169.254.169.254/canary' }),
    read: bad('redirect', { status: 302 })
  },
  {
    name: 'headers of 40 KB',
    script: ({ json }) => json(200, '{}', { 'x-big': 'x'.repeat(40_000) }),
    read: bad('headers-too-large', { sent: 'maybe' })
  },
  {
    name: 'a huge body',
    script: ({ json }) => json(200, `"${'x'.repeat(300_000)}"`),
    read: bad('too-large', { status: 200 }),
    options: { limits: { maxJsonBytes: 100_000 } }
  },
  {
    name: 'something that is not HTTP',
    script: ({ raw }) => raw('SSH-2.0-canary\r\n\r\n'),
    read: bad('not-http', { sent: 'maybe' })
  },
  {
    name: 'no body where there has to be one',
    script: ({ raw }) => raw('HTTP/1.1 204 X\r\n\r\n'),
    read: bad('empty', { status: 204 }),
    write: {}
  },
  ...[400, 401, 403, 404, 408, 409, 421, 422, 425, 499, 500].flatMap((status): Fault[] => [
    {
      name: `${status} with an envelope`,
      script: ({ json }) => json(status, envelope),
      read: answered(status, { errorCode: 'VAL_001', errors: ['first', 'second'] })
    },
    {
      name: `${status} with a page`,
      script: ({ json }) => json(status, html, { 'content-type': 'text/html' }),
      read: status < 500 ? bad('no-envelope', { status }) : answered(status)
    },
    {
      name: `${status} with nothing`,
      script: ({ json }) => json(status, ''),
      read: status < 500 ? bad('no-envelope', { status }) : answered(status)
    }
  ]),
  {
    name: '404 in the words of the framework',
    script: ({ json }) => json(404, { detail: 'Not found.' }),
    read: answered(404, { errors: ['Not found.'] })
  },
  {
    name: '404 in the words of a gateway',
    script: ({ json }) => json(404, { message: 'no route matched' }),
    read: bad('no-envelope', { status: 404, errors: ['message: no route matched'] })
  },
  {
    name: '413 with a page',
    script: ({ json }) => json(413, html, { 'content-type': 'text/html' }),
    read: bad('no-envelope', { status: 413 })
  },
  {
    name: '500 with a null code and Python in it',
    script: ({ json }) => json(500, { error_code: null, errors: ["'NoneType' object is not iterable"] }),
    read: answered(500, { errors: ["'NoneType' object is not iterable"] })
  },
  {
    name: 'errors by field',
    script: ({ json }) => json(400, { error_code: 'VAL_001', errors: { name: ['Is required.'] } }),
    read: answered(400, { errorCode: 'VAL_001', errors: ['name: Is required.'] })
  },
  {
    name: 'a list of details',
    script: ({ json }) => json(400, { errors: [], detail: [{ note: 'Is long.' }] }),
    read: answered(400, { errors: ['note: Is long.'] })
  },
  {
    name: 'plain text, which any gateway may have sent',
    script: ({ json }) => json(409, 'The file is locked.', { 'content-type': 'text/plain' }),
    read: bad('no-envelope', { status: 409, errors: ['The file is locked.'] })
  },
  {
    name: 'a failure in plain text',
    script: ({ json }) => json(500, 'Out of memory', { 'content-type': 'text/plain; charset=utf-8' }),
    read: answered(500, { errors: ['Out of memory'] })
  },
  {
    name: 'a failure in plain text of Latin-1',
    script: ({ raw }) => raw('HTTP/1.1 500 X\r\ncontent-type: text/plain\r\ncontent-length: 7\r\n\r\nGest\xf6rt'),
    read: answered(500, { errors: ['Gest\ufffdrt'] })
  },
  {
    name: 'a refusal in plain text that is cut within a character',
    script: ({ json }) => json(409, `x${'ü'.repeat(2_050)}`, { 'content-type': 'text/plain' }),
    read: bad('no-envelope', { status: 409 })
  },
  {
    name: 'an envelope of other types',
    script: ({ json }) => json(400, { error_code: { a: 1 }, errors: 'alone' }),
    read: answered(400, { errors: ['alone'] })
  },
  { name: 'a list for an envelope', script: ({ json }) => json(400, [1]), read: bad('no-envelope', { status: 400 }) },
  ...[502, 503, 504].map((status): Fault => ({
    name: String(status),
    script: ({ json }) => json(status, html, { 'content-type': 'text/html' }),
    read: answered(status),
    attempts: 3
  })),
  {
    name: '429 that asks for too long a wait',
    script: ({ json }) => json(429, envelope, { 'retry-after': '120' }),
    read: answered(429, { errorCode: 'VAL_001', errors: ['first', 'second'], retryAfterSeconds: 120 })
  },
  { name: '429 that does not say when', script: ({ json }) => json(429, ''), read: answered(429) }
]
