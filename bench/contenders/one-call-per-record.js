/** Closing many records the obvious way: one call each, IN_FLIGHT at a time, with Node's own fetch. */
import { createServer } from 'node:http'

const IN_FLIGHT = Number(process.env.IN_FLIGHT)

const server = createServer(async (request, response) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const records = Buffer.concat(chunks).toString().trimEnd().split('\n').map(line => JSON.parse(line))
  let next = 0
  let closed = 0
  const work = async () => {
    while (next < records.length) {
      const { id, externalBillingId, externalBillingNote } = records[next++]
      const answer = await fetch(`${process.env.UPSTREAM}/public/v1/usage/records/${id}/close`, {
        method: 'POST',
        headers: { authorization: 'ApiKey SU-400-500-600:bench', 'content-type': 'application/json' },
        body: JSON.stringify({ external_billing_id: externalBillingId, external_billing_note: externalBillingNote })
      })
      const { status } = await answer.json()
      if (status === 'closed') closed += 1
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, work))
  response.end(`${JSON.stringify({ summary: { requested: records.length, closed, refused: 0, unknown: 0 } })}\n`)
})
server.requestTimeout = 0
server.listen(0, '127.0.0.1', () => console.log(`listening at http://127.0.0.1:${server.address().port}`))
