import { XLSX } from '../uploads/forms.ts'
import { SHORT_LIVED } from './leftovers.ts'

export const CHUNK_ID = 'UFC-2026-11-9900-0003-001'

export const head = (headers: Record<string, string>, status = 200): string =>
  `HTTP/1.1 ${status} X\r\n${Object.entries({ 'content-type': XLSX, ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`

export const LIMITS = {
  ...SHORT_LIVED,
  retryPauseMinMs: 1,
  retryPauseMaxMs: 3,
  rateCheckMs: 300,
  download: { connections: 4, headersMs: 300, bodyIdleMs: 300, isFresh: false },
  storage: { connections: 4, headersMs: 300, bodyIdleMs: 300, isFresh: false }
}
