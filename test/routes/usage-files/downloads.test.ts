import { Readable } from 'node:stream'
import t from 'tap'
import { asProvider, asVendor, makeApp, startBoth, startUpstream } from '../../helper.ts'
import { response } from '../../usage/failures.ts'
import { startUpstream as startWatched } from '../../connect/upstream.ts'
import { documentOf, operationsOf } from '../../contract/document.ts'
import { caller, connectFile, FILE_ID } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'
import { XLSX } from '../../../src/media-types.ts'

const LINKS = {
  uploaded: 'usage_file_uri',
  processed: 'processed_file_uri',
  reconciliation: 'reconciliation_file_uri'
} as const

t.test('each workbook is read through its own link', async (t) => {
  for (const [kind, name] of Object.entries(LINKS)) {
    const { connect, calls } = fakeConnect({
      usageFiles: { get: () => connectFile('closed', { [name]: `https://s/${kind}` }) },
      storage: {
        fetch: () => ({ stream: Readable.from([Buffer.from('PK-bytes')]), contentType: 'text/plain', contentLength: 8 })
      }
    })
    const { app } = await makeApp(t, { connect })
    const { status, headers, bytes } = await caller(
      t,
      app,
      'provider',
      ''
    )('GET', `/v1/usage-files/${FILE_ID}/files/${kind}`)
    t.equal(status, 200)
    t.equal(bytes.toString(), 'PK-bytes')
    t.match(headers, {
      'content-type': XLSX,
      'content-length': '8',
      'content-disposition': `attachment; filename="${FILE_ID}-${kind}.xlsx"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store'
    })
    t.same(calls.map(call => call.args), [[FILE_ID], [`https://s/${kind}`]])
  }
})

t.test('a missing workbook is 404', async (t) => {
  const { connect, calls } = fakeConnect({ usageFiles: { get: () => connectFile('draft') } })
  const { app } = await makeApp(t, { connect })
  for (const kind of Object.keys(LINKS)) {
    const reply = await caller(t, app, 'vendor', '')('GET', `/v1/usage-files/${FILE_ID}/files/${kind}`)
    t.match(reply, { status: 404, json: { code: 'NOT_FOUND', detail: new RegExp(kind) } })
  }
  t.notOk(calls.some(call => call.operation.startsWith('storage')))
})

t.test('a refusal of the storage is an error of the storage', async (t) => {
  const { connect } = fakeConnect({
    usageFiles: { get: () => connectFile('closed', { usage_file_uri: 'https://s/u' }) },
    storage: {
      fetch: () => {
        throw response(403, '', 'storage.fetch')
      }
    }
  })
  const { app } = await makeApp(t, { connect })
  t.match(await caller(t, app, 'vendor', '')('GET', `/v1/usage-files/${FILE_ID}/files/uploaded`), {
    status: 502,
    json: { code: 'UPSTREAM_FAILED' }
  })
})

t.test('the bytes of the sandbox arrive, and the credential is not sent to the storage', async (t) => {
  const { app, origin, sandbox } = await startBoth(t)
  const [{ id }] = (await caller(t, app, 'provider', 'list of UsageFile')('GET', '/v1/usage-files?status=accepted'))
    .json['items'] as [{ id: string }]
  for (const headers of [asVendor, asProvider]) {
    for (const kind of ['uploaded', 'processed']) {
      const answer = await fetch(`${origin}/v1/usage-files/${id}/files/${kind}`, { headers })
      t.equal(answer.status, 200)
      const bytes = Buffer.from(await answer.arrayBuffer())
      t.equal(bytes.subarray(0, 2).toString(), 'PK')
      t.equal(Number(answer.headers.get('content-length') ?? bytes.length), bytes.length)
    }
  }
  const followed = sandbox.ledger.entries.filter(entry => !entry.path.startsWith('/public/'))
  t.equal(followed.length, 4)
  t.notOk(followed.some(entry => 'authorization' in entry.headers))

  sandbox.faults.add({ match: { path: '/storage' }, when: 'after', fault: { type: 'truncate' } })
  const cut = await fetch(`${origin}/v1/usage-files/${id}/files/uploaded`, { headers: asVendor })
    .then(async answer => await answer.arrayBuffer())
    .then(
      () => 'whole',
      () => 'broken'
    )
  t.equal(cut, 'broken', 'a cut workbook never looks whole')
})

t.test('a link to another host is not followed', async (t) => {
  const canary = await startWatched(t, ({ json }) => json(200, 'PK'))
  const storage = await startWatched(t, ({ json }) => json(302, '', { location: `${canary.origin}/file.xlsx` }))
  let link = ''
  const { baseUrl } = await startUpstream(t, ({ url }, response) => {
    const body =
      url?.includes('/template') === true
        ? { template_link: link }
        : connectFile('closed', Object.fromEntries(Object.values(LINKS).map(name => [name, link])))
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  })
  const { app } = await makeApp(t, {
    env: { CONNECT_BASE_URL: baseUrl, STORAGE_HOSTS: `storage.googleapis.com,${storage.origin}` }
  })
  const { port } = new URL(canary.origin)
  for (link of [
    'http://169.254.169.254/latest/meta-data/',
    `https://storage.googleapis.com@127.0.0.1:${port}/x`,
    `http://127.0.0.1:${port}/x`,
    `http://[::ffff:127.0.0.1]:${port}/x`,
    `http://localhost:${port}/x`,
    `http://2130706433:${port}/x`,
    `http://0x7f000001:${port}/x`,
    'https://storage.googleapis.com./x',
    'https://storage.googleapis.com:8443/x',
    'file:///etc/passwd',
    'data:text/plain,PK',
    `${storage.origin.replace('http:', 'https:')}/x`,
    `${storage.origin}/redirects`
  ]) {
    for (const path of [
      ...Object.keys(LINKS).map(kind => `/v1/usage-files/${FILE_ID}/files/${kind}`),
      '/v1/products/PRD-113-628-780/usage-template'
    ]) {
      const answer = await app.inject({ url: path, headers: asVendor })
      t.match(
        { status: answer.statusCode, json: answer.json<object>() },
        { status: 502, json: { code: 'UPSTREAM_INVALID' } },
        `${path} ${link}`
      )
      t.notOk(answer.payload.includes('meta-data') || answer.payload.includes('passwd'))
    }
  }
  t.equal(canary.connections(), 0, 'the canary is silent')
  t.equal(storage.exchanges.length, 4, 'the listed origin was asked, and its redirects were not followed')
})

t.test(
  'the name a workbook is offered under is made of its id, and an id of nothing that could break out of a header or ' +
  'a folder',
  async t => {
    const file = async (): Promise<object> => ({
      stream: Readable.from([Buffer.from('PK')]),
      contentType: null,
      contentLength: 2
    })
    const { connect, calls } = fakeConnect({
      usageFiles: {
        get: () => connectFile('closed', Object.fromEntries(Object.values(LINKS).map(name => [name, 'https://s/x'])))
      },
      templates: { get: () => ({ template_link: 'https://s/t' }) },
      storage: { fetch: file },
      usageChunks: { download: file },
      reconciliations: { downloadUploaded: file, downloadProcessed: file }
    })
    const { app } = await makeApp(t, { connect })
    // The workbook of row errors is made here; list-row-errors.test.ts looks at its name.
    const downloads = operationsOf(await documentOf(app)).filter(({ method, path, operation }) =>
      method === 'GET' && !path.endsWith('/row-errors') && operation.responses['200']?.content?.[XLSX] !== undefined
    )
    t.equal(downloads.length, 7)
    const ids: Record<string, string> = {
      fileId: FILE_ID,
      chunkId: 'UFC-2026-11-9900-0003-001',
      reconciliationId: 'RCF-2026-11-0000-0001',
      productId: 'PRD-276-377-545'
    }
    const nasty = [
      '"; filename="evil.exe',
      'x\r\nSet-Cookie: a=b',
      'x\nX-Evil: 1',
      '../../etc/passwd',
      '..\\..\\x',
      '\u202Excod.exe',
      'Ü',
      '\u0000',
      'a'.repeat(150),
      ' ',
      '%22',
      "x''y",
      'a;b',
      'a/b'
    ]
    for (const { path } of downloads) {
      const [, name = ''] = /\{(\w+)\}/.exec(path) ?? []
      const ask = async (id: string) =>
        await app.inject({ url: path.replace(`{${name}}`, encodeURIComponent(id)), headers: asProvider })
      const sound = await ask(ids[name] ?? '')
      t.equal(sound.statusCode, 200, path)
      t.match(
        sound.headers['content-disposition'],
        new RegExp(`^attachment; filename="${ids[name]}(-[a-z]+)?\\.xlsx"$`),
        path
      )
      calls.length = 0
      const id = ids[name] ?? ''
      for (const bad of [...nasty, ...nasty.map(one => id + one), ...nasty.map(one => one + id)]) {
        const answer = await ask(bad)
        t.ok(
          [400, 404].includes(answer.statusCode),
          `${path} ${JSON.stringify(bad).slice(0, 60)}: ${answer.statusCode}`
        )
        t.notOk('content-disposition' in answer.headers || 'set-cookie' in answer.headers || 'x-evil' in answer.headers)
      }
      t.same(calls, [], 'Connect was not asked')
    }
  }
)
