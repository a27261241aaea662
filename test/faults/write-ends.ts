import type { End } from './writes-fixture.ts'

type Answer = End['answer']

export const fails =
  (status: number, headers: Record<string, string> = {}): Answer =>
    ({ json }) =>
      json(status, { error_code: 'SYS_000', errors: ['Broken.'] }, headers)
const resets: Answer = ({ socket }) => { socket.resetAndDestroy() }
const isSilent: Answer = () => {}
const page: Answer = ({ raw }) =>
  raw('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 24\r\n\r\n<html>Just a sec</html>\n')
/** Of a gateway before Connect, in the middle of a rollout. */
const stranger =
  (status: number, headers: Record<string, string> = {}): Answer =>
    ({ json }) =>
      json(status, '<html>default backend</html>', { 'content-type': 'text/html', ...headers })
const isCut: Answer = ({ socket }) => {
  socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 400\r\n\r\n{"id": "UF-2026-11-00')
}
const malformed: Answer = ({ json }) => json(200, '{"id": "UF-2026-11-0000-0001", status}')

export const before = (answer: Answer): End => ({ acts: false, answer })
export const after = (answer: Answer): End => ({ acts: true, answer })

/** What may become of a send, and what is certain of it when nothing shows. */
export interface Fault {
  ends: readonly End[]
  /**
   * `failure`: Connect says that it failed; `reset`; `silence`: nobody says anything; `stranger`: somebody else
   * answers; `throttled`: Connect says so; `gateway throttles`: somebody else says so; `refusal`: Connect says no.
   */
  kind: 'failure' | 'reset' | 'silence' | 'stranger' | 'throttled' | 'gateway throttles' | 'refusal'
  /** Only for writes where a read tells the effect from a refusal. */
  needsTelling?: true
  /** Where every send of the request meets one. */
  isLasting?: true
  /** The second send is refused, although nothing was done. */
  isRefused?: true
  /** Connect acts when the request is long over. */
  isLate?: true
}

/** The limit for a call to a Connect that is silent, in milliseconds: tests wait for the end of it. */
export const SILENCE_MS = 3_000

/** Whether the test of a fault waits until the time for a call is over. */
export function isSilence (fault: Fault): boolean {
  return fault.ends.some(({ answer }) => answer === isSilent)
}

export const FAULTS: Readonly<Record<string, Fault>> = {
  '500 before': { kind: 'failure', ends: [before(fails(500))] },
  '500 after': { kind: 'failure', ends: [after(fails(500))] },
  '502 before, twice': { kind: 'failure', ends: [before(fails(502)), before(fails(502))], isLasting: true },
  '503 before, then 500 after': { kind: 'failure', ends: [before(fails(503)), after(fails(500))] },
  '500 before, then 400': { kind: 'failure', ends: [before(fails(500)), before(fails(400))], isRefused: true },
  '503 with Retry-After before': {
    kind: 'failure',
    ends: [before(fails(503, { 'retry-after': '30' }))],
    isLasting: true
  },
  '504 of a gateway before': { kind: 'silence', ends: [before(fails(504))] },
  '504 of a gateway after': { kind: 'silence', ends: [after(fails(504))] },
  'reset before': { kind: 'reset', ends: [before(resets)] },
  'reset after': { kind: 'reset', ends: [after(resets)] },
  'reset before, then silence after': { kind: 'reset', ends: [before(resets), after(isSilent)] },
  'silence before': { kind: 'silence', ends: [before(isSilent)] },
  'silence after': { kind: 'silence', ends: [after(isSilent)] },
  'silence, and the effect when it is over': { kind: 'silence', ends: [before(isSilent)], isLate: true },
  'a page before': { kind: 'silence', ends: [before(page)] },
  'a page after': { kind: 'silence', ends: [after(page)] },
  '404 of a gateway before': { kind: 'stranger', ends: [before(stranger(404))] },
  '404 of a gateway after': { kind: 'stranger', ends: [after(stranger(404))] },
  '400 of a gateway after': { kind: 'stranger', ends: [after(stranger(400))] },
  '413 of a gateway before': { kind: 'stranger', ends: [before(stranger(413))] },
  '413 of a gateway after': { kind: 'stranger', ends: [after(stranger(413))] },
  '425 of a gateway before': { kind: 'stranger', ends: [before(stranger(425))] },
  '408 of a gateway before': { kind: 'silence', ends: [before(stranger(408))] },
  '499 of a gateway after': { kind: 'silence', ends: [after(stranger(499))] },
  'malformed JSON after': { kind: 'silence', ends: [after(malformed)] },
  'cut JSON before': { kind: 'silence', ends: [before(isCut)] },
  'cut JSON after': { kind: 'silence', ends: [after(isCut)] },
  '429 of a gateway before': { kind: 'gateway throttles', ends: [before(stranger(429, { 'retry-after': '7' }))] },
  '429 of a gateway after': { kind: 'gateway throttles', ends: [after(stranger(429, { 'retry-after': '7' }))] },
  '400 of Connect after': { kind: 'refusal', ends: [after(fails(400))] },
  '403 of Connect after': { kind: 'refusal', ends: [after(fails(403))], needsTelling: true },
  '429 before': { kind: 'throttled', ends: [before(fails(429, { 'retry-after': '7' }))] },
  '429 after': { kind: 'throttled', ends: [after(fails(429, { 'retry-after': '7' }))], needsTelling: true }
}
