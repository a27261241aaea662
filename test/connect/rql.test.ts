import t from 'tap'
import type { Test } from 'tap'
import { UnquotableValueError } from '../../src/connect/errors.ts'
import { buildQuery } from '../../src/connect/rql.ts'
import type { RqlQuery } from '../../src/connect/rql.ts'
import { context, failure, startClient, startUpstream } from './upstream.ts'

const target = { operation: 'usageFiles.list', method: 'GET', path: '/usage/files' }

/** What Connect parses: it undoes the percent-encoding of the whole query, once. */
function parsed (t: Test, query: RqlQuery): string {
  const text = buildQuery(query, target)
  t.match(text, /^[\x21-\x7e]*$/, 'fit for a request line')
  t.notMatch(text, /\+/, 'a plus would stay a plus')
  return decodeURIComponent(text)
}

t.test('each kind of condition has its form', (t) => {
  const cases: readonly (readonly [RqlQuery, string])[] = [
    [{}, ''],
    [{ filter: {} }, ''],
    [{ filter: { status: undefined } }, ''],
    [{ filter: { status: 'ready' } }, 'eq(status,"ready")'],
    [{ filter: { status: ['ready'] } }, 'eq(status,"ready")'],
    [{ filter: { status: ['ready', 'pending'] } }, 'in(status,("ready","pending"))'],
    [{ filter: { status: { not: 'deleted' } } }, 'ne(status,"deleted")'],
    [{ filter: { status: { not: ['deleted'] } } }, 'ne(status,"deleted")'],
    [{ filter: { status: { not: ['deleted', 'draft'] } } }, 'out(status,("deleted","draft"))'],
    [{ filter: { name: { contains: 'May usage' } } }, 'ilike(name,"*May usage*")'],
    [{ filter: { name: { contains: '5*\\x' } } }, 'ilike(name,"*5\\*\\\\x*")'],
    [{ filter: { name: { contains: '' } } }, ''],
    [
      { filter: { 'created.at': { ge: '2026-01-01T00:00:00+03:00', lt: '2026-02-01' } } },
      'ge(created.at,"2026-01-01T00:00:00+03:00")&lt(created.at,"2026-02-01")'
    ],
    [
      { filter: { start_date: { gt: '2026-01-01', le: '2026-02-01' } } },
      'gt(start_date,"2026-01-01")&le(start_date,"2026-02-01")'
    ],
    [{ sort: ['-created.at', 'name'] }, 'ordering(-created.at,name)'],
    [{ sort: [] }, ''],
    [
      { limit: 50, offset: 100, sort: ['id'], filter: { 'product.id': 'PRD-1', schema: 'qt' } },
      'limit=50&offset=100&ordering(id)&eq(product.id,"PRD-1")&eq(schema,"qt")'
    ]
  ]
  for (const [query, rql] of cases) t.equal(parsed(t, query), rql)
  t.end()
})

t.test('no value can end its quotes', (t) => {
  const values = [
    'a,b', 'a)b', 'a(b', 'a&b', 'a|b', 'a;b', 'a=b', '),eq(status,"closed"', "),eq(status,'closed'", 'x%22%29', '%2C',
    '%', '%2', '+', 'a b', ' ', '', '\\', '\\"', "\\'", 'null()', 'empty()', '*', 'é', '日本', '👍', '#', '?', '/',
    'x&limit=1000', 'x"&ordering(-id)', "it's", 'say "hi"', 'a<b>', '\u00a0', '\u2028'
  ]
  for (const value of values) {
    for (const [rql, inner] of [
      [parsed(t, { filter: { name: value } }), value],
      [parsed(t, { filter: { name: [value, 'z'] } }), value],
      [parsed(t, { filter: { name: { not: [value, 'z'] } } }), value],
      [parsed(t, { filter: { created: { ge: value } } }), value],
      [parsed(t, { filter: { name: { contains: `${value}x` } } }), `*${value.replace(/[\\*]/g, '\\$&')}x*`]
    ] as const) {
      const quote = inner.includes('"') ? "'" : '"'
      const skeleton = rql.replace(`${quote}${inner}${quote}`, 'V').replace('"z"', 'V')
      t.match(skeleton, /^(?:eq|ge|ilike)\(\w+,V\)$|^(?:in|out)\(name,\(V,V\)\)$/)
    }
  }
  t.end()
})

t.test('a value that cannot be quoted is refused with the name of its field and without the value', (t) => {
  for (const value of ['canary"\'', 'canary\n', 'canary\u0000', 'canary\u007f', 'canary\u0085', 'canary\ud800']) {
    for (const condition of [value, ['ok', value], { not: value }, { contains: value }, { ge: value }]) {
      try {
        buildQuery({ filter: { external_id: condition } }, target)
        t.fail('it was accepted')
      } catch (error) {
        t.match(error, { name: 'UnquotableValueError', kind: 'unquotable-value', field: 'external_id', sent: 'no' })
        t.notMatch(`${(error as Error).stack} ${JSON.stringify(error)}`, /canary/)
      }
    }
  }
  for (const empty of [[], { not: [] }]) {
    t.throws(() => buildQuery({ filter: { status: empty } }, target), UnquotableValueError)
  }
  t.end()
})

t.test('names and numbers of the code are checked, too', (t) => {
  for (const query of [
    { filter: { 'a)': 'x' } }, { filter: { 'a b': 'x' } }, { sort: ['id)'] }, { sort: ['--id'] }, { limit: -1 },
    { limit: 1.5 }, { offset: Number.NaN }, { limit: Infinity }
  ]) t.throws(() => buildQuery(query, target), TypeError)
  t.end()
})

t.test('a value that cannot be quoted never reaches Connect, and any other arrives unchanged', async (t) => {
  const upstream = await startUpstream(t, ({ json }) => json(200, []))
  const client = startClient(t, upstream.baseUrl)
  const error = await failure(client.usageFiles.list({ filter: { external_id: '"\'' } }, context()))
  t.match(error, { kind: 'unquotable-value', operation: 'usageFiles.list' })
  t.equal(upstream.exchanges.length, 0)
  await client.usageRecords.list({
    filter: { 'usagefile.id': 'UF-1', 'asset.external_id': 'a b&c),"%+é' }, sort: ['-created_time'], limit: 10
  }, context())
  const [, query = ''] = upstream.exchanges[0]?.path.split('?') ?? []
  t.equal(decodeURIComponent(query),
    'limit=10&ordering(-created_time)&eq(usagefile.id,"UF-1")&eq(asset.external_id,\'a b&c),"%+é\')')
})
