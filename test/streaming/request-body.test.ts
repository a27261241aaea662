import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { openRequestBody } from '../../src/streaming/request-body.ts'
import { until } from '../helper.ts'
import { connectTo, type WireClient } from '../uploads/wire.ts'

const LIMITS = { maxBytes: 1_000_000, idleMs: 600_000 }
/** More than a PassThrough takes that nobody reads, in every version of Node: the rest stays with the request. */
const BODY = Buffer.alloc(500_000, 'x')

/** A request at a server of its own, and the client that sent its head. */
async function receiveHead (t: Test): Promise<{ raw: IncomingMessage, client: WireClient }> {
  // Receives all of the body also when nobody reads it.
  const server = createServer({ highWaterMark: 2 * BODY.length }).listen(0, '127.0.0.1')
  t.teardown(() => { server.close() })
  await once(server, 'listening')
  const arrival = once(server, 'request')
  const client = await connectTo(t, (server.address() as AddressInfo).port)
  await client.sendHead({ path: '/', headers: { 'content-length': String(BODY.length) } })
  const [raw] = await arrival as [IncomingMessage]
  return { raw, client }
}

/** Sends the whole body and resets the connection when the server has all of it. */
async function sendAndReset (raw: IncomingMessage, client: WireClient): Promise<void> {
  await client.sendBody(BODY)
  await until(() => raw.complete, 'the last byte of the body')
  const closing = new Promise((resolve) => { raw.once('close', resolve) })
  client.socket.resetAndDestroy()
  await closing
}

async function readAll (file: ReturnType<typeof openRequestBody>): Promise<number> {
  let bytes = 0
  for await (const chunk of file.read()) bytes += chunk.length
  return bytes
}

t.test('a body that arrived whole and was reset before it is opened ends at once', async (t) => {
  const { raw, client } = await receiveHead(t)
  await sendAndReset(raw, client)
  await t.rejects(readAll(openRequestBody(raw, BODY.length, LIMITS)), { code: 'MALFORMED_BODY' })
})

t.test('a body that arrived whole and was reset while its reader is slow ends at once', async (t) => {
  const { raw, client } = await receiveHead(t)
  const file = openRequestBody(raw, BODY.length, LIMITS)
  await sendAndReset(raw, client)
  await t.rejects(readAll(file), { code: 'MALFORMED_BODY' })
})

t.test('a body that was read whole before the reset is a whole body', async (t) => {
  const { raw, client } = await receiveHead(t)
  const reading = readAll(openRequestBody(raw, BODY.length, LIMITS))
  await client.sendBody(BODY)
  t.equal(await reading, BODY.length)
  client.socket.resetAndDestroy()
})
