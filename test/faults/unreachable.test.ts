import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { Worker } from 'node:worker_threads'
import t, { type Test } from 'tap'
import { sha256Hex } from '../../src/credentials/callers.ts'
import { makeFolder, startApp, until, VENDOR_KEY } from '../helper.ts'
import { startClient } from '../connect/upstream.ts'
import { freePorts, start } from '../smoke/processes.ts'
import { FILE_ID } from '../uploads/fixture.ts'
import { connectTo, type WireAnswer } from '../uploads/wire.ts'
import { selfSigned } from './self-signed.ts'

/**
 * A read and a write of a service in front of this address, one after the other on one connection; how long both took.
 */
async function ask (t: Test, baseUrl: string, connectMs = 5_000): Promise<{ answers: WireAnswer[], ms: number }> {
  const limits = { connectMs, retryPauseMinMs: 1, retryPauseMaxMs: 2 }
  const client = startClient(t, baseUrl, { limits })
  const { port } = await startApp(t, { connect: client })
  const caller = await connectTo(t, port)
  const startedAt = performance.now()
  const answers: WireAnswer[] = []
  for (const method of ['GET', 'DELETE'] as const) {
    await caller.sendHead({ method, path: `/v1/usage-files/${FILE_ID}` })
    answers.push(await caller.answer())
  }
  const ms = performance.now() - startedAt
  await until(
    () => Object.values(client.stats()).every(pool => pool.running + pool.pending + pool.connected === 0),
    'nothing to be left'
  )
  return { answers, ms }
}

const unreachable = {
  status: 502,
  headers: { 'content-type': /^application\/problem\+json/ },
  json: { code: 'UPSTREAM_UNREACHABLE' }
}

t.test('a refused port and an unknown name are UPSTREAM_UNREACHABLE', async (t) => {
  const [port] = await freePorts(1)
  for (const baseUrl of [`http://127.0.0.1:${port}/public/v1`, 'http://connect.invalid/public/v1']) {
    const { answers } = await ask(t, baseUrl)
    for (const answer of answers) t.match(answer, unreachable, baseUrl)
  }
})

t.test('an untrusted certificate fails at once, and the answer does not describe it', async (t) => {
  let requests = 0
  const server = createServer(selfSigned('canary-host'), (socket) => { socket.on('data', () => { requests += 1 }) })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const { answers, ms } = await ask(t, `https://127.0.0.1:${(server.address() as AddressInfo).port}/public/v1`)
  for (const answer of answers) {
    t.match(answer, unreachable)
    t.notMatch(answer.text, /canary|certificate|self.signed/i)
  }
  t.ok(ms < 4_000, `${Math.round(ms)} ms: the time limits of 5 s are not waited for`)
  t.equal(requests, 0, 'nothing was sent')
})

t.test('a trusted certificate of another host, or an expired one, fails', async (t) => {
  for (const [validUntil, code] of [
    ['490101000000Z', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['210101000000Z', 'CERT_HAS_EXPIRED']
  ] as const) {
    let requests = 0
    const pair = selfSigned('canary-host', validUntil)
    const server = createServer(pair, socket => {
      socket
        .on('error', () => {})
        .on('data', () => {
          requests += 1
        })
    })
    server.on('tlsClientError', () => {})
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => {
      server.close()
    })
    const home = makeFolder(t)
    const [trusted, callers] = [join(home, 'trusted.pem'), join(home, 'callers.json')]
    writeFileSync(trusted, pair.cert)
    writeFileSync(
      callers,
      JSON.stringify({
        accounts: { acme: { role: 'vendor', accountId: 'VA-100-200', apiKey: 'ApiKey SU-100-200-300:canary-token' } },
        callers: [
          {
            id: 'vendor',
            account: 'acme',
            scopes: ['usage:read', 'usage:write'],
            keys: [{ id: 'k', sha256: sha256Hex(VENDOR_KEY), expiresAt: null }]
          }
        ]
      })
    )
    // Whom to trust is settled when a process starts.
    const service = start(process.execPath, ['build/src/server.js'], {
      env: {
        PORT: '0',
        CALLERS_FILE: callers,
        STORE_URL: `file:${join(home, 'store')}`,
        NODE_EXTRA_CA_CERTS: trusted,
        CONNECT_BASE_URL: `https://127.0.0.1:${(server.address() as AddressInfo).port}/public/v1`
      }
    })
    t.teardown(() => {
      service.kill()
    })
    const [, origin = ''] = await service.prints(/listening at (http:\S+?)"/)
    for (const method of ['GET', 'DELETE']) {
      const answer = await fetch(`${origin}/v1/usage-files/${FILE_ID}`, {
        method,
        headers: { 'x-api-key': VENDOR_KEY }
      })
      const text = await answer.text()
      t.equal(answer.status, 502, code)
      t.match(text, 'UPSTREAM_UNREACHABLE')
      t.notMatch(text, /canary|cert|expired|altname/i)
    }
    t.match(service.output(), code, 'the log says what it was')
    t.equal(requests, 0, 'nothing was sent')
  }
})

t.test(
  'an address that swallows connections',
  { skip: process.platform === 'linux' ? false : 'how full a backlog is differs' },
  async t => {
    // It listens and never accepts: its thread is stuck, and the kernel drops what comes when the backlog is full.
    const worker = new Worker(
      `
    const { workerData, parentPort } = require('node:worker_threads')
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port)
      Atomics.wait(new Int32Array(workerData), 0, 0)
      process.exit()
    })`,
      { eval: true, workerData: new SharedArrayBuffer(4) }
    )
    t.teardown(async () => {
      await worker.terminate()
    })
    const [port] = (await once(worker, 'message')) as [number]
    const fillers = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => {}))
    t.teardown(() => {
      for (const one of fillers) one.destroy()
    })
    await until(() => fillers.filter(({ connecting }) => !connecting).length >= 2, 'the backlog to be full')
    const { answers } = await ask(t, `http://127.0.0.1:${port}/public/v1`, 300)
    for (const answer of answers) t.match(answer, { status: 504, json: { code: 'UPSTREAM_TIMEOUT' } })
  }
)
