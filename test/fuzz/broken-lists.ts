import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import type { Test } from 'tap'
import { NDJSON } from '../../src/media-types.ts'
import { asProvider, startApp, startUpstream } from '../helper.ts'
import { mutated, mutations } from './mutations.ts'

interface Row { id: string, external_billing_id: string }

const WORDS = [
  '\n',
  '\r\n',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\\u0000',
  '\u0000',
  '\xff',
  'null',
  '1e999',
  '{}',
  '"id":',
  '"externalBillingId":"INV-2"',
  '"records":[',
  '{"id":"UR-1-2-3","externalBillingId":"INV-9"}\n',
  '\ufeff',
  ' ',
  '0'
]

const idOf = (n: number): string => `UR-2026-11-4410-7719-0001-${String(n).padStart(4, '0')}`

/**
 * Sends lists of records in which bytes were changed: refused with nothing sent, or exactly the records that stand in
 * them.
 */
export async function fuzzLists (t: Test, seed: number, count: number): Promise<{ closed: number, refused: number }> {
  let sent: Row[] = []
  const { baseUrl } = await startUpstream(t, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => { chunks.push(chunk) })
    request.on('end', () => {
      const rows = JSON.parse(Buffer.concat(chunks).toString()) as Row[]
      sent.push(...rows)
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify(rows.map(({ id }) => ({ id, status: 'closed' }))))
    })
  })
  const { origin } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl, LOG_LEVEL: 'error' } })
  const figures = { closed: 0, refused: 0 }
  const property = fc.asyncProperty(
    fc.boolean(),
    fc.integer({ min: 1, max: 12 }),
    mutations(WORDS),
    async (isLines, size, changes) => {
      sent = []
      const records = Array.from({ length: size }, (_, n) => ({ id: idOf(n), externalBillingId: `INV-${n % 3}` }))
      const text = isLines
        ? records.map(record => `${JSON.stringify(record)}\n`).join('')
        : JSON.stringify({ records, externalBillingNote: 'October' })
      const body = mutated(Buffer.from(text), changes)
      const answer = await fetch(`${origin}/v1/usage-records/close`, {
        method: 'POST',
        headers: { ...asProvider, 'content-type': isLines ? NDJSON : 'application/json' },
        body: new Uint8Array(body)
      })
      const said = (await answer.json()) as { code?: string; summary?: { requested: number } }
      if (answer.status === 400) {
        figures.refused += 1
        if (sent.length > 0) throw new Error(`refused, and ${sent.length} records were sent`)
        if (changes.length === 0) throw new Error('a sound list was refused')
        return
      }
      if (answer.status !== 200) throw new Error(`answered ${answer.status} ${JSON.stringify(said)}`)
      figures.closed += 1
      const asked = recordsIn(body, isLines)
      const once = new Map(asked.map(({ id, externalBillingId }) => [id, externalBillingId]))
      if (said.summary?.requested !== asked.length) {
        throw new Error(`${asked.length} records were asked for, ${said.summary?.requested} had an outcome`)
      }
      for (const { id, external_billing_id: billingId } of sent) {
        if (!asked.some(one => one.id === id && one.externalBillingId === billingId)) {
          throw new Error(`${id} was closed as ${billingId}, and nobody asked for that`)
        }
      }
      if (sent.length !== once.size) throw new Error(`${once.size} records were asked for, ${sent.length} sent`)
    }
  )
  await fc.assert(property, { seed, numRuns: count })
  t.comment(`lists: seed ${seed}, ${JSON.stringify(figures)}`)
  return figures
}

/** What stands in a body, read as plainly as can be. */
function recordsIn (body: Buffer, isLines: boolean): { id: string, externalBillingId: string }[] {
  if (!isUtf8(body)) throw new Error('what is no text was taken')
  const text = body.toString().replace(/^\ufeff/, '')
  if (isLines) {
    return text
      .split('\n')
      .filter(line => line.trim() !== '')
      .map(line => JSON.parse(line) as { id: string; externalBillingId: string })
  }
  const { records, externalBillingId = '' } = JSON.parse(text) as {
    records: { id: string; externalBillingId?: string }[]
    externalBillingId?: string
  }
  return records.map(({ id, externalBillingId: own = externalBillingId }) => ({ id, externalBillingId: own }))
}
