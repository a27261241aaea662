import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import t from 'tap'
import type { LedgerView } from '../src/ledger.ts'
import { vendorToken } from '../src/options.ts'
import { asVendor, form, startSandbox } from './helper.ts'
import type { StartedSandbox } from './helper.ts'
import { draft, workbook } from './stories.ts'
import { UploadFolder } from '../src/upload-folder.ts'

const boundary = 'x7f3'
const part = (field: string, content: string | Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="u.xlsx"\r\n` +
      'Content-Type: application/octet-stream\r\n\r\n'
    ),
    Buffer.from(content),
    Buffer.from('\r\n')
  ])
const end = Buffer.from(`--${boundary}--\r\n`)

async function open (sandbox: StartedSandbox, path: string, length: number): Promise<Socket> {
  const socket = connect(Number(new URL(sandbox.origin).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.on('error', () => {})
  socket.write(`POST /public/v1${path} HTTP/1.1\r\nHost: sandbox\r\nAuthorization: ${vendorToken}\r\n` +
    `Content-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: ${length}\r\n\r\n`)
  return socket
}

/** The ledger's own entry, once the sandbox has seen the end of the request. */
async function last (sandbox: StartedSandbox, isOver: (entry: LedgerView) => boolean): Promise<LedgerView> {
  const deadline = Date.now() + 5000
  for (;;) {
    const entry = sandbox.ledger.entries.at(-1)
    if (entry && isOver(entry)) return entry
    if (Date.now() > deadline) throw new Error(`still waiting: ${JSON.stringify(entry)}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function answer (socket: Socket): Promise<string> {
  const [chunk] = await once(socket, 'data') as [Buffer]
  return chunk.toString()
}

t.test('size and hash of what was received are in the ledger', async (t) => {
  const sandbox = await startSandbox(t)
  const vendor = asVendor(sandbox)
  const bytes = await workbook()
  await vendor('POST', `/usage/files/${await draft(vendor)}/upload`, form('usage_file', bytes, { remark: 'hello' }))
  const entry = sandbox.ledger.entries.find((one) => one.path.endsWith('/upload'))
  t.same(entry?.body, {
    files: [
      {
        field: 'usage_file',
        name: 'usage.xlsx',
        sha256: createHash('sha256').update(bytes).digest('hex'),
        size: bytes.length
      }
    ],
    fields: { remark: 'hello' }
  })
  t.match(entry, { complete: true, aborted: false, status: 201, answered: true, file: { size: bytes.length } })
})

t.test('a body cut off in the middle changes nothing and leaves no file', async (t) => {
  const tempDir = await mkdtemp(join(tmpdir(), 'sandbox-test-'))
  t.teardown(async () => { await rm(tempDir, { recursive: true, force: true }) })
  const sandbox = await startSandbox(t, { tempDir })
  const vendor = asVendor(sandbox)
  const id = await draft(vendor)
  const head = part('usage_file', Buffer.alloc(300_000, 1))
  for (const isReset of [true, false]) {
    const socket = await open(sandbox, `/usage/files/${id}/upload`, head.length + end.length)
    socket.write(head.subarray(0, 200_000), () => { if (isReset) socket.resetAndDestroy(); else socket.destroy() })
    const entry = await last(sandbox, (one) => one.aborted)
    t.match(entry, { complete: false, answered: false, path: `/public/v1/usage/files/${id}/upload`, body: null })
  }
  // Whole but for the last byte.
  const socket = await open(sandbox, `/usage/files/${id}/upload`, head.length + end.length)
  socket.write(Buffer.concat([head, end]).subarray(0, -1), () => { socket.destroy() })
  await last(sandbox, (one) => one.aborted)
  t.equal((await vendor('GET', `/usage/files/${id}`)).json.status, 'draft')
  t.same(sandbox.summary().effects[id], { created: 1 })
  const deadline = Date.now() + 5000
  const left = async (): Promise<string[]> =>
    (await readdir(tempDir, { recursive: true })).filter(name => /\d$/.test(name) && name.includes('/'))
  while ((await left()).length > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5))
  t.same(await left(), [])
})

const malformed: readonly [string, Buffer][] = [
  ['no closing boundary', part('usage_file', 'abc')],
  ['another field', Buffer.concat([part('recon_file', 'abc'), end])],
  ['an empty file', Buffer.concat([part('usage_file', ''), end])],
  ['no part at all', end],
  ['garbage', Buffer.from('garbage')]
]

t.test('domain 10.3.4: a malformed form is refused and the connection goes on', async (t) => {
  const sandbox = await startSandbox(t)
  const vendor = asVendor(sandbox)
  const id = await draft(vendor)
  for (const [what, body] of malformed) {
    const socket = await open(sandbox, `/usage/files/${id}/upload`, body.length)
    socket.write(body)
    t.match(await answer(socket), /^HTTP\/1.1 400/, what)
    socket.write(
      `GET /public/v1/usage/files?limit=1 HTTP/1.1\r\nHost: sandbox\r\nAuthorization: ${vendorToken}\r\n\r\n`
    )
    t.match(await answer(socket), /^HTTP\/1.1 200/, `${what}, then another request`)
    socket.destroy()
  }
  t.equal((await vendor('GET', `/usage/files/${id}`)).json.status, 'draft')
})

t.test('a file past the limit is never taken as whole', async (t) => {
  const sandbox = await startSandbox(t, { maxUploadBytes: 1000 })
  const vendor = asVendor(sandbox)
  const id = await draft(vendor)
  t.equal((await vendor('POST', `/usage/files/${id}/upload`, form('usage_file', Buffer.alloc(2000)))).status, 400)
  t.equal((await vendor('GET', `/usage/files/${id}`)).json.status, 'draft')
})

t.test('a refusal comes before the body and the connection goes on', async (t) => {
  const sandbox = await startSandbox(t)
  const body = Buffer.concat([part('usage_file', Buffer.alloc(500_000)), end])
  const socket = await open(sandbox, '/usage/files/UF-0000-00-0000-0000/upload', body.length)
  t.match(await answer(socket), /^HTTP\/1.1 404/)
  socket.write(body)
  socket.write(`GET /public/v1/usage/files?limit=1 HTTP/1.1\r\nHost: sandbox\r\nAuthorization: ${vendorToken}\r\n\r\n`)
  t.match(await answer(socket), /^HTTP\/1.1 200/)
  socket.destroy()
})

t.test('domain 3.1, 10.3.3: an upload passes through its statuses in order', async (t) => {
  const sandbox = await startSandbox(t, { processingMs: 200 })
  const vendor = asVendor(sandbox)
  const id =
    [...sandbox.store.files.values()].find(
      one => one.status === 'ready' && one.contract.product.vendor.id === 'VA-100-200'
    )?.id ?? ''
  const sent = await vendor('POST', `/usage/files/${id}/upload`, form('usage_file', Buffer.from('x')))
  t.equal(sent.json.status, 'uploading')
  const seen = new Set<string>()
  const deadline = Date.now() + 5000
  while (!seen.has('invalid') && Date.now() < deadline) {
    seen.add((await vendor('GET', `/usage/files/${id}`)).json.status)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  t.same([...seen], ['uploading', 'processing', 'invalid'])
})

t.test('a planned fault in the middle of a body', async (t) => {
  const sandbox = await startSandbox(t)
  const vendor = asVendor(sandbox)
  const id = await draft(vendor)
  const body = Buffer.concat([part('usage_file', Buffer.alloc(400_000)), end])
  const match = { path: `/usage/files/${id}/upload` }

  t.test('the connection dies after so many bytes', async (t) => {
    sandbox.faults.add({ match, afterBytes: 100_000, fault: { type: 'reset' } })
    const socket = await open(sandbox, `/usage/files/${id}/upload`, body.length)
    socket.write(body.subarray(0, 200_000))
    await t.rejects(once(socket, 'end'), { code: 'ECONNRESET' })
    t.match(await last(sandbox, (one) => one.aborted), { complete: false, fault: 'reset', status: null })
  })
  t.test('an answer comes early, and the connection goes on', async (t) => {
    sandbox.faults.add({ match, afterBytes: 100_000, fault: { type: 'status', code: 413 } })
    const socket = await open(sandbox, `/usage/files/${id}/upload`, body.length)
    socket.write(body.subarray(0, 200_000))
    t.match(await answer(socket), /^HTTP\/1.1 413/)
    socket.write(body.subarray(200_000))
    socket.write(
      `GET /public/v1/usage/files?limit=1 HTTP/1.1\r\nHost: sandbox\r\nAuthorization: ${vendorToken}\r\n\r\n`
    )
    t.match(await answer(socket), /^HTTP\/1.1 200/)
    socket.destroy()
  })
  t.test('the whole body arrives and nothing comes of it', async (t) => {
    sandbox.faults.add({ match, afterBytes: 1e12, fault: { type: 'status', code: 500 } })
    const answered = await vendor('POST', `/usage/files/${id}/upload`, form('usage_file', Buffer.alloc(100_000)))
    t.equal(answered.status, 500)
    t.match(await last(sandbox, (one) => one.status === 500), { complete: true })
  })
  t.equal((await vendor('GET', `/usage/files/${id}`)).json.status, 'draft')
})

t.test('files that arrive at the same time have paths of their own', async t => {
  const folder = new UploadFolder(null)
  t.teardown(async () => { await folder.clear() })
  const paths = await Promise.all([folder.newPath(), folder.newPath(), folder.newPath()])
  t.equal(new Set(paths).size, 3)
})
