import { Readable } from 'node:stream'
import t from 'tap'
import { makeApp } from '../../helper.ts'
import { response } from '../../usage/failures.ts'
import { caller } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'

const PATH = '/v1/products/PRD-113-628-780/usage-template'
const fail = (error: Error) => () => { throw error }

t.test('the link of the template is read and followed', async (t) => {
  const { connect, calls } = fakeConnect({
    templates: { get: () => ({ template_link: 'https://s/t' }) },
    storage: {
      fetch: () => ({ stream: Readable.from([Buffer.from('PK')]), contentType: 'text/html', contentLength: 2 })
    }
  })
  const { app } = await makeApp(t, { connect })
  const { status, headers, bytes } = await caller(t, app, 'provider', '')('GET', PATH)
  t.equal(status, 200)
  t.equal(bytes.toString(), 'PK')
  t.match(headers, { 'content-type': /spreadsheetml/, 'content-length': '2' })
  t.same(calls.map(call => call.args), [['PRD-113-628-780'], ['https://s/t']])
})

t.test('a missing link, a missing file and a refusal of the storage have their problems', async (t) => {
  for (const [link, end, expected] of [
    ['', null, { status: 404, json: { code: 'NOT_FOUND', detail: 'The product has no usage template.' } }],
    [
      'https://s/t',
      response(404, '', 'storage.fetch'),
      { status: 404, json: { code: 'NOT_FOUND', detail: 'The storage no longer holds the template.' } }
    ],
    ['https://s/t', response(403, '', 'storage.fetch'), { status: 502, json: { code: 'UPSTREAM_FAILED' } }]
  ] as const) {
    const { connect } = fakeConnect({
      templates: { get: () => ({ template_link: link }) },
      storage: { ...(end !== null && { fetch: fail(end) }) }
    })
    const { app } = await makeApp(t, { connect })
    t.match(await caller(t, app, 'vendor', '')('GET', PATH), expected)
  }
})

t.test('a wrong product id is refused', async (t) => {
  const { connect, calls } = fakeConnect({ templates: { get: () => ({}) } })
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', '')
  for (const id of ['UF-2026-11-4410-7719', 'PRD', 'PRD-', 'prd-113-628-780', 'PRD-1%2F..']) {
    t.match(
      await call('GET', `/v1/products/${id}/usage-template`),
      { status: 400, json: { errors: [{ path: 'path.productId' }] } },
      id
    )
  }
  t.same(calls, [])
  t.equal(
    (await call('GET', '/v1/products/CN-783-317-575/usage-template')).status,
    404,
    'ids from before are let through'
  )
})
