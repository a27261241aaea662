import { closeAnswer, closeRecordsBody } from '../../schemas/bulk-close.ts'
import { problems } from '../../schemas/problem.ts'
import { NDJSON } from '../../src/closing/answer.ts'
import { closeRecords } from '../../src/closing/close-records.ts'
import { receiveJson, receiveNdjson } from '../../src/closing/receive-records.ts'
import { SpooledRecords } from '../../src/closing/spooled-records.ts'
import { bodyType, closingSteps, sendOutcomes, takeIn } from '../../src/http/plugins/bulk-closes.ts'
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
        response: { 200: closeAnswer, ...problems([400, 408, 413, 415]) }
      }
    },
    async (request, reply) => {
      const { openPlace, limits } = app.bulkCloses
      const body = openBody(request, limits)
      const place = await openPlace()
      try {
        const records = new SpooledRecords(place)
        const receive = bodyType(request) === NDJSON ? receiveNdjson : receiveJson
        const defaults = await takeIn(request, body, async bytes => await receive(bytes, records))
        request.journal.add({ kind: 'billing-id', billingId: defaults.externalBillingId })
        const steps = closingSteps(app.bulkCloses, app.connect, request, reply)
        return await sendOutcomes(
          request,
          reply,
          () => records.count,
          options => closeRecords(records, defaults, steps, options),
          place.close
        )
      } catch (error) {
        await place.close()
        throw error
      }
    }
  )
}
