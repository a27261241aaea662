import { jsonAnswer } from '../connect/upstream.ts'
import { FILE_ID, type OnUpload } from '../uploads/fixture.ts'
import { good, late, reset, status } from './reads-fixture.ts'

const LONG = JSON.stringify({ id: FILE_ID, name: 'canary-name'.repeat(40) })
const CHUNKED = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n'

interface Fault {
  name: string
  /** What the first reads meet, in order; the last one again and again. */
  scripts: readonly OnUpload[]
  attempts: number
  expected: { status: number, code?: string, headers?: Record<string, unknown> }
  timeoutMs?: number
}

const another: OnUpload = ({ json }) => json(200, { id: 'UF-2026-11-0000-0009', status: 'draft', name: 'canary-name' })

const cut = (text: string): OnUpload => ({ raw, socket }) => {
  raw(text)
  socket.end()
}
const drip: OnUpload = ({ raw, socket }) => {
  raw('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n')
  const timer = setInterval(() => { socket.write(' ') }, 20)
  socket.on('close', () => { clearInterval(timer) })
}

const failed = { status: 502, code: 'UPSTREAM_FAILED' }
const lost = { status: 502, code: 'UPSTREAM_RESET' }
const unusable = { status: 502, code: 'UPSTREAM_INVALID' }

export const FAULTS: readonly Fault[] = [
  { name: 'headers that do not come', scripts: [() => {}], attempts: 1, expected: late, timeoutMs: 200 },
  { name: 'a body that comes byte by byte', scripts: [drip], attempts: 1, expected: late, timeoutMs: 300 },
  { name: 'a reset each time', scripts: [reset], attempts: 3, expected: lost },
  {
    name: 'an end each time',
    scripts: [
      ({ socket }) => {
        socket.end()
      }
    ],
    attempts: 3,
    expected: lost
  },
  { name: 'a reset once', scripts: [reset, good], attempts: 2, expected: { status: 200 } },
  {
    name: 'a reset, a 503, then an answer',
    scripts: [reset, status(503), good],
    attempts: 3,
    expected: { status: 200 }
  },
  { name: '500', scripts: [status(500)], attempts: 1, expected: failed },
  ...[502, 503, 504].map((code): Fault => ({
    name: `${code} each time`,
    scripts: [status(code)],
    attempts: 3,
    expected: failed
  })),
  {
    name: '503 that asks for a wait that is too long',
    scripts: [status(503, { 'retry-after': '60' })],
    attempts: 1,
    expected: failed
  },
  {
    name: '429 that asks for a second',
    scripts: [status(429, { 'retry-after': '1' }), good],
    attempts: 2,
    expected: { status: 200 }
  },
  {
    name: '429 that does not say when',
    scripts: [status(429)],
    attempts: 1,
    expected: { status: 503, code: 'UPSTREAM_THROTTLED', headers: { 'retry-after': '1' } }
  },
  {
    name: '401',
    scripts: [({ json }) => json(401, { error_code: 'AUTH_001', errors: ['canary-words'] })],
    attempts: 1,
    expected: { status: 502, code: 'UPSTREAM_CREDENTIAL' }
  },
  ...[400, 401, 403, 404, 408, 421, 425, 499].map((code): Fault => ({
    name: `${code} with the page of a gateway`,
    scripts: [status(code)],
    attempts: 1,
    expected: unusable
  })),
  { name: 'half a document', scripts: [({ json }) => json(200, '{"id":"canary-')], attempts: 1, expected: unusable },
  { name: 'a page with status 200', scripts: [status(200)], attempts: 1, expected: unusable },
  { name: 'a list for an object', scripts: [({ json }) => json(200, [])], attempts: 1, expected: unusable },
  { name: 'another object each time', scripts: [another], attempts: 2, expected: unusable },
  { name: 'another object once', scripts: [another, good], attempts: 2, expected: { status: 200 } },
  { name: 'an object without an id', scripts: [({ json }) => json(200, {})], attempts: 2, expected: unusable },
  {
    name: 'a coded body',
    scripts: [({ json }) => json(200, { id: FILE_ID }, { 'content-encoding': 'gzip' })],
    attempts: 1,
    expected: unusable
  },
  {
    name: 'a body cut short of its length',
    scripts: [cut(jsonAnswer(200, LONG).slice(0, -20))],
    attempts: 3,
    expected: lost
  },
  {
    name: 'chunks without the last',
    scripts: [cut(`${CHUNKED}${LONG.length.toString(16)}\r\n${LONG}\r\n`)],
    attempts: 3,
    expected: lost
  },
  {
    name: 'headers of 40 KB',
    scripts: [({ json }) => json(200, {}, { 'x-large': 'x'.repeat(40_000) })],
    attempts: 1,
    expected: unusable
  },
  { name: 'something that is not HTTP', scripts: [cut('SSH-2.0-canary-ssh\r\n\r\n')], attempts: 1, expected: unusable },
  {
    name: 'two answers at once',
    scripts: [
      ({ json, raw }) => {
        json(200, { id: FILE_ID })
        raw('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx')
      }
    ],
    attempts: 1,
    expected: { status: 200 }
  },
  {
    name: 'an early hint before the answer',
    scripts: [
      ({ json, raw }) => {
        raw('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n')
        json(200, { id: FILE_ID })
      }
    ],
    attempts: 1,
    expected: { status: 200 }
  }
]
