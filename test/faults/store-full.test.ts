import { spawnSync } from 'node:child_process'
import t from 'tap'
import { startUpstream, until } from '../helper.ts'
import { PROVIDER, startService } from './stop-service.ts'

const RECORD = 'UR-2026-11-0000-0001-0001'
const LIMIT = 4_096

t.test('while the disk is full writes are refused and readiness fails, and both recover with the disk', async (t) => {
  const closes: string[] = []
  const { baseUrl } = await startUpstream(t, (request, response) => {
    if (request.method !== 'GET') closes.push(request.url ?? '')
    const isClosed = closes.length > 0
    const state = { status: isClosed ? 'closed' : 'approved', external_billing_id: isClosed ? 'INV-1' : null }
    response.setHeader('content-type', 'application/json')
    request.resume().once('end', () => { response.end(JSON.stringify({ id: RECORD, ...state })) })
  })
  const { server, port } = await startService(t, baseUrl, 1_000)
  const origin = `http://127.0.0.1:${port}`
  // As a full disk, this is told to the write alone: what the file has already can be read.
  const limit = (bytes: string): void => {
    const args = ['--pid', String(server.child.pid), `--fsize=${bytes}:`]
    const { status, stderr } = spawnSync('prlimit', args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`prlimit: ${stderr}`)
  }
  const close = async (key: string | null) => {
    const headers = {
      'x-api-key': PROVIDER, 'content-type': 'application/json', ...(key !== null && { 'idempotency-key': key })
    }
    const body = '{"externalBillingId":"INV-1"}'
    const url = `${origin}/v1/usage-records/${RECORD}/close`
    const answer = await fetch(url, { method: 'POST', headers, body })
    return { status: answer.status, json: await answer.json() as object }
  }
  const ready = async () => {
    const answer = await fetch(`${origin}/health/ready`)
    return { status: answer.status, json: await answer.json() as object }
  }
  t.match(await ready(), { status: 200, json: { store: 'ok' } })
  limit(String(LIMIT))
  t.match(await close('k'), { status: 503, json: { code: 'STORE_UNAVAILABLE' } })
  t.match(await ready(), { status: 503, json: { status: 'unavailable', store: 'failing' } })
  t.match(await close(null), { status: 503, json: { code: 'STORE_UNAVAILABLE' } }, 'without a key, too')
  t.same(closes, [], 'Connect got nothing')
  limit('unlimited')
  await until(async () => (await ready()).status === 200, 'a trial that works')
  await server.prints(/the state store can be written again/)
  t.equal(server.output().split('cannot be written: writes are refused').length, 2, 'the log says both once')
  t.match(await close('k'), { status: 200 })
  t.equal(closes.length, 1)
})
