import { Readable } from 'node:stream'
import t from 'tap'
import { makeApp, startApp, startBoth } from '../../helper.ts'
import { workbookOf } from '../../uploads/forms.ts'
import { response, timeout } from '../../usage/failures.ts'
import { caller } from '../call.ts'
import { fakeConnect, type Stubs } from '../fake-connect.ts'
import { http } from '../http.ts'

const ID = 'RCF-2026-11-4410-7719-001'
const fail = (error: Error) => () => { throw error }

t.test('filters and order reach Connect under Connect\'s names', async (t) => {
  const { connect, calls } = fakeConnect({ reconciliations: { list: () => ({ items: [{}], total: 1 }) } })
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', 'list of Reconciliation')
  await call('GET', '/v1/reconciliations')
  await call(
    'GET',
    '/v1/reconciliations?fileId=UF-2026-11-0001&chunkId=UFC-2026-11-0001,UFC-2026-11-0002&providerId=PA-1&' +
    'hubId=HB-1&sort=-chunkId&limit=2&offset=4'
  )
  await call('GET', '/v1/reconciliations?sort=fileId')
  t.same(
    calls.map(one => one.args),
    [
      [{ filter: {}, sort: ['-usagefile.id', 'partusagefile.id'], limit: 50, offset: 0 }],
      [
        {
          filter: {
            'usagefile.id': ['UF-2026-11-0001'],
            'partusagefile.id': ['UFC-2026-11-0001', 'UFC-2026-11-0002'],
            'partusagefile.provider.id': ['PA-1'],
            'binding.hub.id': ['HB-1']
          },
          sort: ['-partusagefile.id'],
          limit: 2,
          offset: 4
        }
      ],
      [{ filter: {}, sort: ['usagefile.id', 'partusagefile.id'], limit: 50, offset: 0 }]
    ]
  )
  for (const query of [
    'id=RCF-1',
    'status=failed',
    'sort=createdAt',
    'limit=0',
    'fileId=x',
    'chunkId=UF-2026-11-0001',
    'sort=fileId,fileId',
    'sort=fileId,-fileId'
  ]) {
    t.match(
      await call('GET', `/v1/reconciliations?${query}`),
      { status: 400, json: { code: 'VALIDATION_FAILED' } },
      query
    )
  }
  t.match(await call('GET', '/v1/reconciliations/UFC-2026-11-4410-7719-001'), {
    status: 400,
    json: { errors: [{ path: 'path.reconciliationId' }] }
  })
  t.equal(calls.length, 3)
})

t.test('workbooks are downloaded, or have their problem', async (t) => {
  const stream = () => ({ stream: Readable.from([Buffer.from('PK')]), contentType: null, contentLength: null })
  const cases: [string, NonNullable<Stubs['reconciliations']>, object][] = [
    [
      'processed',
      { downloadProcessed: stream },
      {
        status: 200,
        headers: { 'content-disposition': `attachment; filename="${ID}-processed.xlsx"`, 'content-length': undefined }
      }
    ],
    [
      'uploaded',
      { downloadUploaded: stream },
      { status: 200, headers: { 'content-disposition': `attachment; filename="${ID}-uploaded.xlsx"` } }
    ],
    [
      'processed',
      { downloadProcessed: fail(response(400)), get: () => ({ status: 'processing' }) },
      { status: 404, json: { code: 'NOT_FOUND', detail: /processing/ } }
    ],
    [
      'processed',
      { downloadProcessed: fail(response(404)), get: () => ({ status: 'failed' }) },
      { status: 404, json: { code: 'NOT_FOUND', detail: /failed/ } }
    ],
    [
      'processed',
      { downloadProcessed: fail(response(400)), get: () => ({ status: 'processed' }) },
      { status: 400, json: { code: 'CONNECT_REJECTED' } }
    ],
    [
      'processed',
      { downloadProcessed: fail(response(404)), get: fail(response(404)) },
      { status: 404, json: { code: 'NOT_FOUND' } }
    ],
    ['processed', { downloadProcessed: fail(response(500)) }, { status: 502, json: { code: 'UPSTREAM_FAILED' } }],
    ['uploaded', { downloadUploaded: fail(response(404)) }, { status: 404, json: { code: 'NOT_FOUND' } }]
  ]
  for (const [kind, reconciliations, expected] of cases) {
    const { connect } = fakeConnect({ reconciliations })
    const { app } = await makeApp(t, { connect })
    t.match(await caller(t, app, 'provider', '')('GET', `/v1/reconciliations/${ID}/files/${kind}`), expected)
  }
  const { connect } = fakeConnect({ usageChunks: { download: fail(response(400)), get: () => ({ status: 'failed' }) } })
  const { app } = await makeApp(t, { connect })
  t.match(await caller(t, app, 'provider', '')('GET', '/v1/usage-chunks/UFC-2026-11-4410-7719-001/file'), {
    status: 404,
    json: { code: 'NOT_FOUND', detail: 'The chunk has no workbook: it failed.' }
  })
})

t.test('an incomplete answer to a create is completed, and failures have their problems', async (t) => {
  const cases: [NonNullable<Stubs['reconciliations']>, object][] = [
    [
      { create: () => ({ id: ID }), get: () => ({ id: ID, status: 'processed', events: {} }) },
      { status: 201, json: { id: ID, status: 'processed' } }
    ],
    [
      { create: () => ({ id: ID }), get: fail(timeout()) },
      { status: 201, json: { id: ID, status: null } }
    ],
    [{ create: () => null }, { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }],
    [{ create: fail(timeout()) }, { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }],
    [{ create: fail(response(500)) }, { status: 504, json: { code: 'OUTCOME_UNKNOWN' } }],
    [
      { create: fail(response(400, 'recon_file: no.')) },
      { status: 400, json: { code: 'CONNECT_REJECTED', connect: { errors: ['recon_file: no.'] } } }
    ]
  ]
  for (const [reconciliations, expected] of cases) {
    const { connect, calls } = fakeConnect({ reconciliations })
    const started = await startApp(t, { connect })
    t.match(
      await http(started, 'provider')('POST', '/v1/reconciliations', 'Reconciliation', new Uint8Array(workbookOf(50))),
      expected
    )
    t.equal(calls.filter(call => call.operation === 'reconciliations.create').length, 1)
  }
})

t.test('the list of the sandbox is read to its end, and each detail can be read', async (t) => {
  const both = await startBoth(t)
  const provider = http(both, 'provider')
  let next: string | undefined = '/v1/reconciliations?limit=1'
  const seen: string[] = []
  while (next !== undefined && seen.length < 100) {
    const page = await provider('GET', next, 'Reconciliation')
    seen.push(...(page.json['items'] as { id: string }[]).map(({ id }) => id))
    next = /<([^>]*)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1]
  }
  t.ok(seen.length > 0)
  t.equal(new Set(seen).size, seen.length)
  t.match((await provider('GET', `/v1/reconciliations/${seen[0]}`, 'Reconciliation')).json, {
    id: seen[0],
    chunkId: /^UFC-/,
    createdAt: /Z$/
  })
  t.match(await provider('GET', '/v1/reconciliations/RCF-2026-01-0000-0000-001', ''), {
    status: 404,
    json: { code: 'NOT_FOUND' }
  })
})
