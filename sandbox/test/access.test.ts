import t from 'tap'
import { asProvider, asVendor, caller, startSandbox } from './helper.ts'

t.test('domain 2.5: a request without a known token is 401', async (t) => {
  const sandbox = await startSandbox(t)
  for (const header of ['', 'ApiKey SU-100-200-300:wrong', 'SU-100-200-300:vendor', 'Bearer x']) {
    const answer = await caller(sandbox, header)('GET', '/usage/files')
    t.equal(answer.status, 401)
    t.equal(answer.json.error_code, 'AUTH_001')
  }
})

t.test('domain 2.5: a token sees the objects of its account only', async (t) => {
  const sandbox = await startSandbox(t, { seed: 'full' })
  const [vendor, provider] = [asVendor(sandbox), asProvider(sandbox)]
  const files = (await vendor('GET', '/usage/files?limit=1000')).list
  t.ok(files.length >= 250)
  t.ok(files.every((file) => file.vendor.id === 'VA-100-200'))
  t.equal(new Set(files.map((file) => file.status)).size, 11)
  t.equal(new Set(files.map((file) => file.schema)).size, 4)
  const seen = (await provider('GET', '/usage/files?limit=1000')).list
  t.ok(seen.every((file) => file.provider.id === 'PA-400-500'))
  t.same([...new Set(seen.map((file) => file.status))].sort(), ['accepted', 'closed', 'pending', 'rejected'])

  const foreign = [...sandbox.store.files.values()].find((file) => file.contract.product.vendor.id === 'VA-300-400')
  const [record, chunk] = [foreign?.records[0]?.id, foreign?.chunks[0]?.id]
  for (const path of [
    `files/${foreign?.id}`,
    `files/${foreign?.id}/categories`,
    `records/${record}`,
    `chunks/${chunk}`
  ]) {
    t.equal((await vendor('GET', `/usage/${path}`)).status, 404, path)
    t.equal((await provider('GET', `/usage/${path}`)).status, 404, path)
  }
  t.equal((await vendor('GET', `/usage/records?usagefile.id=${foreign?.id}`)).list.length, 0)
  const closed = await provider('POST', '/usage/records/close-records', [{ id: record, external_billing_id: 'B' }])
  t.equal(closed.list[0]?.error_codes, 'USG_103', 'a foreign record is unknown')
})

t.test('domain 3.2, 10.3.11: a vendor cannot bill', async (t) => {
  const sandbox = await startSandbox(t)
  const vendor = asVendor(sandbox)
  const file = [...sandbox.store.files.values()].find((one) => one.status === 'accepted')
  const [record, chunk] = [file?.records[0]?.id, file?.chunks[0]?.id]
  const tries: readonly [string, string, unknown][] = [
    ['PUT', `/usage/records/${record}`, { status: 'approved' }],
    ['POST', `/usage/records/${record}/close`, {}],
    ['POST', '/usage/records/close-records', [{ id: record }]],
    ['PUT', `/usage/chunks/${chunk}`, { external_id: 'x' }],
    ['POST', `/usage/chunks/${chunk}/close`, { external_billing_id: 'x' }],
    ['POST', `/usage/chunks/${chunk}/regenerate`, undefined],
    ['POST', '/usage/reconciliations', new FormData()],
    ['POST', '/products/PRD-276-377-545/usage/rules', { action: 'accept' }],
    ['PUT', '/products/PRD-276-377-545/usage/rules/UIR-276-377-001', { action: 'accept' }],
    ['DELETE', '/products/PRD-276-377-545/usage/rules/UIR-276-377-001', undefined]
  ]
  for (const [method, path, body] of tries) t.equal((await vendor(method, path, body)).status, 403, `${method} ${path}`)
  t.equal((await vendor('GET', '/products/PRD-276-377-545/usage/rules/UIR-276-377-001')).status, 200)
})

t.test('domain 2.7, 10.3.2: a path may have one slash at its end, and every other path is 404', async (t) => {
  const sandbox = await startSandbox(t)
  const vendor = asVendor(sandbox)
  t.equal((await vendor('GET', '/usage/files/')).status, 200, 'one slash at the end')
  t.equal((await vendor('GET', '/usage/files//')).status, 404, 'two slashes at the end')
  t.equal((await vendor('GET', '//usage/files')).status, 404, 'two slashes inside')
  t.equal((await vendor('GET', '/usage/nothing')).status, 404)
  t.equal((await vendor('DELETE', '/usage/files')).status, 405)
  const id = [...sandbox.store.files.values()].find(
    file => file.status === 'ready' && file.contract.product.vendor.id === 'VA-100-200'
  )?.id
  t.equal((await vendor('POST', `/usage/files/${id}/submit/`)).status, 201)
})

t.test('domain 2.6, 10.3.5: a body of null or of a wrong type gets the error of Connect', async (t) => {
  const sandbox = await startSandbox(t, { legacy200: true })
  const vendor = asVendor(sandbox)
  const [first, second] = [...sandbox.store.files.values()].filter(
    file => file.status === 'ready' && file.contract.product.vendor.id === 'VA-100-200'
  )
  const broken = await vendor('POST', `/usage/files/${first?.id}/submit`, null)
  t.equal(broken.status, 500)
  t.equal(broken.json.error_code, null)
  t.equal((await vendor('POST', `/usage/files/${first?.id}/submit`, {})).status, 200, 'the legacy option answers 200')
  const json = await vendor('POST', `/usage/files/${second?.id}/upload`, { usage_file: { type: 'Buffer', data: [1] } })
  t.equal(json.status, 400)
  t.equal(json.json.error_code, 'VAL_001')
  const response = await fetch(`${sandbox.baseUrl}/usage/files`, {
    method: 'POST',
    headers: { authorization: 'ApiKey SU-100-200-300:vendor', 'content-type': 'application/json' },
    body: '{'
  })
  t.equal(response.status, 400)
})
