import { closeAnswer, closeRecordsBody } from '../../schemas/bulk-close.ts'
import { problems } from '../../schemas/problem.ts'
import { NDJSON } from '../../src/media-types.ts'
import { closeRecords } from '../../src/closing/close-records.ts'
import { receiveJson, receiveNdjson } from '../../src/closing/receive-records.ts'
import { SpooledRecords } from '../../src/closing/spooled-records.ts'
import { closeCalls, receiveBody, sendOutcomes } from '../../src/http/bulk-close.ts'
import { bodyType } from '../../src/http/body-type.ts'
import { openBody } from '../../src/http/open-body.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'

export const closeUsageRecords: RoutePlugin = async (app) => {
  app.post(
    '/usage-records/close',
    {
      config: { scope: 'usage:close', documentedBody: closeRecordsBody, idempotency: 'rerun' },
      schema: {
        operationId: 'closeUsageRecords',
        tags: ['Usage records'],
        summary: 'Close many usage records',
        description:
          'Takes any number of records, in JSON or NDJSON. The body is received whole and checked before the first ' +
          'record goes to Connect; then every record that came in gets exactly one outcome. With `Accept: ' +
          'application/x-ndjson` outcomes arrive a line a record while it runs, and those of records that were ' +
          'closed with this billing id before hold `"already": true`; the JSON form lists what was not closed. ' +
          'After a cut answer send the records without an outcome again, or the whole request: what is closed stays ' +
          'closed once.',
        response: { 200: closeAnswer, ...problems() }
      }
    },
    async (request, reply) => {
      const { openSpool, limits } = app.bulkCloses
      const body = openBody(request, limits)
      const spool = await openSpool()
      try {
        const records = new SpooledRecords(spool)
        const receive = bodyType(request) === NDJSON ? receiveNdjson : receiveJson
        const defaults = await receiveBody(request, body, async bytes => await receive(bytes, records))
        request.journal.add({ kind: 'billing-id', billingId: defaults.externalBillingId })
        const calls = closeCalls(request, reply)
        return await sendOutcomes(request, reply, {
          requested: () => records.count,
          run: options => closeRecords(records, defaults, calls, options),
          close: spool.close
        })
      } catch (error) {
        await spool.close()
        throw error
      }
    }
  )
}
