import { once } from 'node:events'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { fastify } from 'fastify'
import t from 'tap'
import { CallerLeft } from '../../src/http/client-signal.ts'
import { until } from '../helper.ts'

t.test('the signal of a read fires when its caller leaves, and stays aborted', async (t) => {
  const app = fastify()
  let signal: CallerLeft | null = null
  let answer = (): void => {}
  const heard: string[] = []
  app.get('/', async (_request, reply) => {
    signal = new CallerLeft(reply)
    const removed = (): void => { heard.push('removed') }
    signal.addEventListener('abort', () => { heard.push('left') })
    signal.addEventListener('abort', removed)
    signal.removeEventListener('abort', removed)
    await new Promise<void>(resolve => { answer = resolve })
    return 'answer'
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(async () => { await app.close() })
  const { port } = app.server.address() as AddressInfo
  const isAborted = (): boolean => signal?.aborted === true
  const ask = (): ReturnType<typeof connect> => {
    signal = null
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    return socket
  }

  const patient = ask()
  await until(() => signal !== null, 'the request')
  t.notOk(isAborted())
  answer()
  patient.resume()
  await once(patient, 'close')
  t.notOk(isAborted(), 'answered')
  t.same(heard, [])

  const hasty = ask()
  await until(() => signal !== null, 'the request')
  hasty.destroy()
  await until(() => heard.length > 0, 'the leaving')
  t.ok(isAborted())
  answer()
  await new Promise(resolve => { setImmediate(() => { setImmediate(resolve) }) })
  t.ok(isAborted(), 'also after an answer for nobody')
  t.same(heard, ['left'])
})
