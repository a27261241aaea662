import t from 'tap'
import { makeApp, startBoth } from '../../helper.ts'
import { response, timeout } from '../../usage/failures.ts'
import { caller, connectFile, FILE_ID } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'

const BODY = {
  name: 'October',
  productId: 'PRD-113-628-780',
  contractId: 'CRD-1',
  period: { from: '2026-10-01', to: '2026-10-31' },
  externalId: 'e'
}

t.test('a file is created and shown in full', async (t) => {
  const { connect, calls } = fakeConnect({
    usageFiles: {
      list: () => ({ items: [], total: 0 }),
      create: () => ({ id: FILE_ID }),
      get: () => connectFile('draft')
    }
  })
  const { app } = await makeApp(t, { connect })
  const { status, headers, json } = await caller(
    t,
    app,
    'vendor',
    'UsageFile'
  )('POST', '/v1/usage-files', { ...BODY, note: 'n' })
  t.equal(status, 201)
  t.equal(headers['location'], `/v1/usage-files/${FILE_ID}`)
  t.match(json, { id: FILE_ID, status: 'draft', actions: ['update', 'upload', 'delete'] })
  t.same(
    calls.map(call => call.args),
    [
      [
        {
          filter: { external_id: 'e', 'product.id': 'PRD-113-628-780' },
          sort: ['-created.at'],
          limit: 1000,
          offset: 0
        }
      ],
      [
        {
          name: 'October',
          product: { id: 'PRD-113-628-780' },
          contract: { id: 'CRD-1' },
          period: BODY.period,
          note: 'n',
          external_id: 'e'
        }
      ],
      [FILE_ID]
    ]
  )
})

t.test('an empty text stays an empty text', async (t) => {
  const { connect, calls } = fakeConnect({
    usageFiles: {
      list: () => ({ items: [], total: 0 }),
      create: () => ({ id: FILE_ID }),
      get: () => connectFile('draft', { note: '', description: '' })
    }
  })
  const { app } = await makeApp(t, { connect })
  t.match(
    await caller(t, app, 'vendor', 'UsageFile')('POST', '/v1/usage-files', { ...BODY, note: '', description: '' }),
    { status: 201, json: { note: '', description: '' } }
  )
  t.match(calls[1]?.args, [{ note: '', description: '' }])
})

t.test('null means the same as an absent field', async (t) => {
  const { connect, calls } = fakeConnect({
    usageFiles: {
      list: () => ({ items: [], total: 0 }),
      create: () => ({ id: FILE_ID }),
      get: () => connectFile('draft')
    }
  })
  const { app } = await makeApp(t, { connect })
  const { status } = await caller(
    t,
    app,
    'vendor',
    'UsageFile'
  )('POST', '/v1/usage-files', { ...BODY, currency: null, description: null, note: null, externalId: null })
  t.equal(status, 201)
  t.same(calls[0]?.args, [
    { name: 'October', product: { id: 'PRD-113-628-780' }, contract: { id: 'CRD-1' }, period: BODY.period }
  ])
})

t.test('a lost answer leads to the created file or to OUTCOME_UNKNOWN', async (t) => {
  const run = async (listed: unknown[], { there = [], body = BODY }: { there?: unknown[], body?: object } = {}) => {
    const { connect, calls } = fakeConnect({
      usageFiles: {
        create: () => {
          throw timeout()
        },
        list: () =>
          calls.length === 1 ? { items: there, total: there.length } : { items: listed, total: listed.length },
        get: () => connectFile('draft')
      }
    })
    const { app } = await makeApp(t, { connect })
    const reply = await caller(t, app, 'vendor', 'UsageFile')('POST', '/v1/usage-files', body)
    t.equal(calls.filter(call => call.operation === 'usageFiles.create').length, 1)
    return reply
  }
  const made = connectFile('draft')
  t.match(await run([made]), {
    status: 201,
    headers: { location: `/v1/usage-files/${FILE_ID}` },
    json: { id: FILE_ID }
  })
  t.match(await run([]), { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
  t.match(
    await run([made], { there: [made] }),
    { status: 504, json: { code: 'OUTCOME_UNKNOWN' } },
    'an older file with that external id'
  )
  const { externalId: _, ...anonymous } = BODY
  t.match(await run([made], { body: anonymous }), { status: 504, json: { code: 'OUTCOME_UNKNOWN' } })
})

t.test('wrong bodies are refused', async (t) => {
  const { connect, calls } = fakeConnect({})
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', '')
  const cases: [object, string][] = [
    [{}, 'body.name'],
    [{ ...BODY, name: '' }, 'body.name'],
    [{ ...BODY, name: 'x'.repeat(101) }, 'body.name'],
    [{ ...BODY, name: 5 }, 'body.name'],
    [{ ...BODY, nmae: 'x' }, 'body.nmae'],
    [{ ...BODY, description: 'x'.repeat(201) }, 'body.description'],
    [{ ...BODY, name: null }, 'body.name'],
    [{ ...BODY, externalId: 'x'.repeat(201) }, 'body.externalId'],
    [{ ...BODY, currency: 'x'.repeat(21) }, 'body.currency'],
    [{ ...BODY, externalId: '' }, 'body.externalId'],
    [{ ...BODY, externalId: ' ' }, 'body.externalId'],
    [{ ...BODY, currency: '' }, 'body.currency'],
    [{ ...BODY, period: { from: '2026-10-01' } }, 'body.period.to'],
    [{ ...BODY, period: { from: '2026-10-01', to: '01.11.2026' } }, 'body.period.to'],
    [{ ...BODY, period: { from: '2026-02-30', to: '2026-03-01' } }, 'body.period.from'],
    [{ ...BODY, period: { from: '2026-10-02', to: '2026-10-01' } }, 'body.period'],
    [{ ...BODY, period: { ...BODY.period, zone: 'x' } }, 'body.period.zone']
  ]
  for (const [body, path] of cases) {
    const { status, json } = await call('POST', '/v1/usage-files', body)
    t.equal(status, 400)
    t.ok((json['errors'] as { path: string }[]).some(error => error.path === path), path)
  }
  t.match(await call('POST', '/v1/usage-files'), { status: 400 }, 'no body')
  t.match(await caller(t, app, 'provider', '')('POST', '/v1/usage-files', BODY), {
    status: 403,
    json: { code: 'SCOPE_MISSING' }
  })
  t.same(calls, [], 'nothing upstream')
})

t.test('a refusal is passed on', async (t) => {
  const { connect } = fakeConnect({
    usageFiles: {
      list: () => ({ items: [], total: 0 }),
      create: () => {
        throw response(400, 'product: unknown')
      }
    }
  })
  const { app } = await makeApp(t, { connect })
  t.match(await caller(t, app, 'vendor', '')('POST', '/v1/usage-files', BODY), {
    status: 400,
    json: {
      code: 'CONNECT_REJECTED',
      detail: 'Connect refused the usage file. GET /v1/usage-contracts lists the products and contracts with which ' +
        'a usage file can be created. Connect says: product: unknown',
      connect: { errors: ['product: unknown'] }
    }
  })
})

t.test('the sandbox creates the file', async (t) => {
  const { app, sandbox } = await startBoth(t)
  const call = caller(t, app, 'vendor', 'UsageFile')
  const [known] = (await caller(t, app, 'vendor', 'list of UsageFile')('GET', '/v1/usage-files?limit=1&schema=cr'))
    .json['items'] as { product: { id: string }; contract: { id: string } }[]
  const body = {
    ...BODY,
    productId: known?.product.id,
    contractId: known?.contract.id,
    externalId: 'once-1',
    description: 'd',
    note: 'n'
  }
  const { status, headers, json } = await call('POST', '/v1/usage-files', body)
  t.equal(status, 201)
  t.match(json, {
    name: 'October',
    status: 'draft',
    description: 'd',
    note: 'n',
    externalId: 'once-1',
    period: { from: '2026-10-01T00:00:00Z', to: '2026-10-31T23:59:59Z' },
    files: { uploaded: null }
  })
  t.match((await call('GET', String(headers['location']))).json, { id: json['id'] })

  sandbox.faults.add({ match: { method: 'POST', path: '/usage/files' }, when: 'after', fault: { type: 'reset' } })
  const lost = await call('POST', '/v1/usage-files', { ...body, externalId: 'once-2' })
  t.match(lost, { status: 201, json: { externalId: 'once-2' } }, 'found again although the answer was lost')
  t.match((await caller(t, app, 'vendor', 'list of UsageFile')('GET', '/v1/usage-files?externalId=once-2')).json, {
    total: 1
  })
})
