/** A caller that closes many records in one request. */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { keyOf } from '../contenders/service.js'
import { recordIdOf } from '../upstream/data.js'

const TYPES = { ndjson: 'application/x-ndjson', json: 'application/json' }
const LINES_AT_ONCE = 2_000

/**
 * @param {string} origin
 * @param {{ path?: string, count: number, form: 'ndjson' | 'json' }} what
 * @returns {Promise<{ summary: object, lines: number, firstMs: number }>} firstMs: until the first outcome
 */
export async function closeRecords (origin, { path = '/v1/usage-records/close', count, form }) {
  const startedAt = performance.now()
  const sending = request(origin + path, {
    method: 'POST',
    headers: { 'content-type': TYPES[form], accept: TYPES[form], 'x-api-key': keyOf('provider') }
  })
  Readable.from(bodyOf(count, form)).pipe(sending)
  const response = await new Promise((resolve, reject) => sending.on('response', resolve).on('error', reject))
  let firstMs = 0
  let lines = 0
  let end = ''
  for await (const chunk of response) {
    if (chunk.length > 2) firstMs ||= performance.now() - startedAt
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1
    end = (end + chunk.latin1Slice(Math.max(0, chunk.length - 1000))).slice(-1000)
  }
  assert.equal(response.statusCode, 200, end)
  return { summary: JSON.parse(/"summary":(\{[^}]*\})/.exec(end)?.[1] ?? 'null'), lines, firstMs }
}

function * bodyOf (count, form) {
  if (form === 'json') yield '{"externalBillingId":"INV-1","records":['
  for (let from = 0; from < count; from += LINES_AT_ONCE) {
    const size = Math.min(LINES_AT_ONCE, count - from)
    if (form === 'json') {
      yield (from === 0 ? '' : ',') +
        Array.from({ length: size }, (_, n) => `{"id":"${recordIdOf(from + n)}","externalBillingNote":"October"}`).join(
          ','
        )
    } else {
      yield Array.from(
        { length: size },
        (_, n) => `{"id":"${recordIdOf(from + n)}","externalBillingId":"INV-1","externalBillingNote":"October"}\n`
      ).join('')
    }
  }
  if (form === 'json') yield ']}'
}
