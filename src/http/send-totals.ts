import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { UsageFileTotals } from '../../schemas/usage-totals.ts'
import type { UsageRecord } from '../../schemas/usage-record.ts'
import type * as Connect from '../connect/types.ts'
import { keptAlive, within } from '../streaming/kept-alive.ts'
import { Totals } from '../tables/totals.ts'
import { holdSlot } from './at-once.ts'
import { readItems, type ListSource } from './send-list.ts'

/** After this time the answer becomes a stream, which may send spaces before the JSON. */
const QUIET_MS = 10_000

/**
 * Answers with the sums over all records of a usage file. When that takes long, spaces come before the JSON, so that
 * proxies do not close the connection. An error after the first space closes the connection.
 */
export async function sendTotals (
  request: FastifyRequest,
  reply: FastifyReply,
  currency: string | null,
  records: Pick<ListSource<Connect.UsageRecord, UsageRecord>, 'read' | 'toItem'>
): Promise<UsageFileTotals | Readable> {
  holdSlot(request, request.server.listExports)
  const work = sum(records, currency)
  const totals = await within(work, QUIET_MS)
  if (totals !== null) return totals
  reply.type('application/json; charset=utf-8')
  return Readable.from(keptAlive((async function * () { yield JSON.stringify(await work) })()), { objectMode: false })
}

async function sum (
  records: Pick<ListSource<Connect.UsageRecord, UsageRecord>, 'read' | 'toItem'>, currency: string | null
): Promise<UsageFileTotals> {
  const totals = new Totals()
  for await (const page of readItems(records)) {
    for (const record of page) totals.add(record)
  }
  return totals.toTotals(currency)
}
