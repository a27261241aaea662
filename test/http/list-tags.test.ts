import t from 'tap'
import { asProvider, asVendor, startApp, startBoth, startUpstream, testCallers } from '../helper.ts'

const LISTS = [
  '/v1/usage-files', '/v1/usage-records?fileId=UF-2026-09-1512-0016', '/v1/usage-chunks', '/v1/reconciliations',
  '/v1/usage-aggregates', '/v1/assets/AS-5501-1000-0001/usage-aggregates', '/v1/products',
  '/v1/products/PRD-276-377-545/items', '/v1/assets', '/v1/products/PRD-276-377-545/usage-rules'
]

interface Files { items: { id: string }[] }

t.test('a caller that has a page of a list gets 304 and no body', async (t) => {
  const { origin } = await startBoth(t)
  const files = await (await fetch(`${origin}/v1/usage-files?limit=1`, { headers: asVendor })).json() as Files
  for (const path of [...LISTS, `/v1/usage-files/${files.items[0]?.id}/categories`]) {
    const first = await fetch(origin + path, { headers: asVendor })
    const tag = first.headers.get('etag') ?? ''
    t.match(tag, /^W\/"[\w-]{43}"$/, path)
    t.match(await first.json(), { items: [] }, path)
    const same = await fetch(origin + path, { headers: { ...asVendor, 'if-none-match': `"other", ${tag}` } })
    t.equal(same.status, 304, path)
    t.equal(same.headers.get('etag'), tag)
    t.equal(await same.text(), '')
    const other = await fetch(origin + path, { headers: { ...asVendor, 'if-none-match': 'W/"other"' } })
    t.equal(other.status, 200, path)
    t.equal(other.headers.get('etag'), tag)
    await other.text()
  }
})

t.test('a change of one object changes the tag of its page alone', async (t) => {
  const { origin } = await startBoth(t)
  const page = async (offset: number, tag = ''): Promise<{ status: number, tag: string, ids: string[] }> => {
    const answer = await fetch(`${origin}/v1/usage-files?sort=id&limit=1&offset=${offset}&status=draft,ready`, {
      headers: { ...asVendor, 'if-none-match': tag }
    })
    const { items } = JSON.parse((await answer.text()) || '{"items":[]}') as Files
    return { status: answer.status, tag: answer.headers.get('etag') ?? '', ids: items.map(({ id }) => id) }
  }
  const [first, second] = [await page(0), await page(1)]
  t.not(first.tag, second.tag)
  const changed = await fetch(`${origin}/v1/usage-files/${first.ids[0]}`, {
    method: 'PATCH',
    headers: { ...asVendor, 'content-type': 'application/json' },
    body: JSON.stringify({ description: 'Another description' })
  })
  t.equal(changed.status, 200, await changed.text())
  t.match(await page(0, first.tag), { status: 200, ids: first.ids })
  t.match(await page(1, second.tag), { status: 304, tag: second.tag })
})

t.test('the tag depends on all that the answer shows', async (t) => {
  let total = 1
  const { baseUrl } = await startUpstream(t, (_request, response) => {
    response.setHeader('content-type', 'application/json').setHeader('content-range', `items 0-0/${total}`)
      .end(JSON.stringify([{ id: 'UF-2026-11-0000-0001', status: 'ready' }]))
  })
  const env = { CONNECT_BASE_URL: baseUrl }
  const { origin } = await startApp(t, { env })
  const reader = await startApp(t, { env, callers: testCallers(['usage:read']) })
  const tagOf = async (at: string, query: string, headers: Record<string, string>): Promise<string | null> => {
    const answer = await fetch(`${at}/v1/usage-files?limit=1${query}`, { headers })
    await answer.text()
    t.equal(answer.status, 200)
    return answer.headers.get('etag')
  }
  const tags = [
    await tagOf(origin, '', asVendor),
    await tagOf(origin, '&offset=0', asVendor),
    await tagOf(origin, '', asProvider),
    await tagOf(reader.origin, '', asVendor)
  ]
  total = 2
  tags.push(await tagOf(origin, '', asVendor))
  t.equal(new Set(tags).size, 5, 'the window, the role, the scopes and the total')
  t.equal(await tagOf(origin, '', asVendor), tags[4])
})

t.test('a page that the caller has is known without the reading of its rows, and an invalid one is not', async (t) => {
  let [body, type] = ['[{"id":"UF-2026-11-0000-0001","status":"ready"}]', 'application/json']
  const { baseUrl } = await startUpstream(t, (_request, response) => {
    response.setHeader('content-type', type).setHeader('content-range', 'items 0-0/1').end(body)
  })
  const { origin } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  const ask = async (tag: string): Promise<Response> =>
    await fetch(`${origin}/v1/usage-files`, { headers: { ...asVendor, 'if-none-match': tag } })
  const tag = (await ask('')).headers.get('etag') ?? ''
  t.equal((await ask(tag)).status, 304)
  for (const [wrong, wrongType] of [['[{"id":', type], ['', type], ['<html></html>', 'text/html']] as const) {
    [body, type] = [wrong, wrongType]
    const answer = await ask(tag)
    t.equal(answer.status, 502)
    t.equal(answer.headers.get('etag'), null)
  }
})

t.test('whole lists have no tag, and a HEAD request has the tag of its GET', async (t) => {
  const { origin } = await startBoth(t)
  const ask = async (query: string, method = 'GET'): Promise<string | null> => {
    const answer = await fetch(`${origin}/v1/usage-files${query}`, { method, headers: asVendor })
    await answer.text()
    return answer.headers.get('etag')
  }
  t.equal(await ask('?format=csv'), null)
  t.equal(await ask('?format=ndjson'), null)
  t.equal(await ask('', 'HEAD'), await ask(''))
})
