import t from 'tap'
import { choice, date, text } from '../src/rql/collection.ts'
import type { Collection } from '../src/rql/collection.ts'
import { selectRows } from '../src/rql/select-rows.ts'

interface Row { id: string, name: string | null, status: string, at: string }

const rows: readonly Row[] = [
  { id: 'a', name: 'Alpha one', status: 'ready', at: '2026-01-01T00:00:00.500000+00:00' },
  { id: 'b', name: 'beta (two)', status: 'pending', at: '2026-01-02T00:00:00+00:00' },
  { id: 'c', name: null, status: 'ready', at: '2026-01-03T10:00:00Z' },
  { id: 'd', name: 'a*c', status: 'closed', at: '2026-01-04T00:00:00+00:00' },
  { id: 'e', name: '', status: 'closed', at: '2026-01-05T00:00:00+00:00' }
]

const collection: Collection<Row> = {
  fields: {
    id: text((row) => row.id, { ordering: true }),
    name: text((row) => row.name, { search: true }),
    status: choice(['ready', 'pending', 'closed', 'draft'], (row) => row.status, { ordering: true }),
    at: date((row) => row.at, { ordering: true }),
    'created.at': { lookups: 'dateRange', get: (row) => row.at }
  }
}

const ids = (query: string): string =>
  selectRows(
    collection,
    () => rows,
    () => true,
    query
  )
    .rows.map(row => row.id)
    .join('')

const found: readonly [query: string, ids: string][] = [
  ['', 'abcde'],
  ['status=ready', 'ac'],
  ['eq(status,ready)', 'ac'],
  ['status=eq=ready', 'ac'],
  ['ne(status,ready)', 'bde'],
  ['in(status,(ready,pending))', 'abc'],
  ['in(id,(a))', 'a'],
  ['out(status,(ready,pending))', 'de'],
  ['like(name,*one)', 'a'],
  ['like(name,*ONE)', ''],
  ['ilike(name,*ONE)', 'a'],
  ['like(name,Alpha)', ''],
  ['like(name,a\\*c)', 'd'],
  ['like(name,a*)', 'd'],
  ['eq(name,null())', 'c'],
  ['ne(name,null())', 'abde'],
  ['eq(name,empty())', 'e'],
  ['name=Alpha%20one', 'a'],
  ['name="beta (two)"', 'b'],
  ["name='beta (two)'", 'b'],
  ['name=%22beta%20%28two%29%22', 'b'],
  ['eq%28id%2Ca%29', 'a'],
  ['status=ready&id=a', 'a'],
  ['status=ready,id=c', 'c'],
  ['and(status=ready,eq(id,c))', 'c'],
  ['(id=a|id=b)', 'ab'],
  ['(id=a;id=b)', 'ab'],
  ['or(id=a,id=b)', 'ab'],
  ['status=ready,(id=a|id=b)', 'a'],
  ['(status=ready&id=a|id=e)', 'ae'],
  ['(status=ready)', 'ac'],
  ['not(status=ready)', 'bde'],
  ['not(in(id,(a,b)))', 'cde'],
  ['ordering(-id)', 'edcba'],
  ['ordering(status,-id)', 'edbca'],
  ['ordering(+at)', 'abcde'],
  ['ordering()', 'abcde'],
  ['status=ready&ordering(-at)', 'ca'],
  ['select(-name,id)', 'abcde'],
  ['search=TWO', 'b'],
  ['limit=2', 'ab'],
  ['limit=2&offset=3', 'de'],
  ['ge(at,2026-01-03)', 'cde'],
  ['gt(at,2026-01-03T10:00:00Z)', 'de'],
  ['ge(at,2026-01-03T13:00:00+03:00)', 'cde'],
  ['le(at,2026-01-02T00:00:00)', 'ab'],
  ['at=lt=2026-01-02', 'a'],
  ['at=2026-01-02', 'b'],
  ['ge(created.at,2026-01-05)', 'e'],
  ['ge(at,2026-01-03 10:00:00)', 'cde'],
  ['and(status=ready&id=a,eq(id,a))', 'a'],
  ['or(status=ready&id=a,id=b)', 'ab'],
  ['(id=a,status=ready)', 'a'],
  ['t(id=a)', 'abcde'],
  ['like(name,a\\**)', 'd'],
  ['like(name,*\\**)', 'd']
]

t.test('domain 2.4: a query finds the rows that it asks for', async (t) => {
  for (const [query, expected] of found) t.equal(ids(query), expected, query)
})

const refused: readonly string[] = [
  'like(name,**a)',
  'select(id)&select(name)',
  '(id=a|id=b,id=c)',
  '(id=a,id=b|id=c)',
  'gte(at,2026-01-01)',
  'at=gte=2026-01-01',
  'id=a|id=b',
  'id=a;id=b',
  'in(id,a)',
  'in(id,())',
  'in(id,(a)',
  'id=a,b',
  'null(name,true)',
  'order_by=id',
  'order_by=-id',
  'unknown=1',
  'ordering(name)',
  'ordering(-unknown)',
  'ordering(id)&ordering(at)',
  'limit=1&limit=2',
  'offset=1&offset=1',
  'eq(created.at,2026-01-01)',
  'created.at=2026-01-01',
  'eq(created.at,null())',
  'ge(id,a)',
  'like(at,2026*)',
  'eq(status,null())',
  'status=elsewhere',
  'ge(at,yesterday)',
  'ge(at,2026-13-01)',
  'ge(at,2026-02-30)',
  'not(and(id=a,id=b))',
  'and(id=a)',
  'status=ready&',
  '&status=ready',
  'name=a/b',
  'name=a(b)',
  'name=',
  'id',
  'id=a%29',
  'name=a%2Cid=b%7C',
  'constructor=a',
  '(id=a',
  'eq(id,a',
  '%'
]

t.test('domain 2.4: a query that Connect cannot parse is refused', async (t) => {
  for (const query of refused) t.throws(() => ids(query), { message: /^Bad / }, query)
})

t.test('domain 13: "empty()" in quotes still means empty', async (t) => {
  t.equal(ids('name="empty()"'), 'e')
  t.equal(ids('ne(name,"empty()")'), 'abcd')
  t.equal(ids('in(name,("empty()","a*c"))'), 'de')
  t.equal(ids('like(name,"empty()")'), '', 'a search looks for the text')
  t.throws(() => ids('status="empty()"'), { message: /does not support the lookup empty/ })
})

t.test('domain 2.4: a plus sign stays a plus sign', async (t) => {
  t.equal(ids('name=Alpha+one'), '')
})

t.test('domain 2.4: an encoded operator is decoded before it is parsed, so a value must be quoted', async (t) => {
  t.equal(ids('(name=nobody%7Cid=a)'), 'a')
  t.equal(ids('name=%22nobody%7Cid=a%22'), '')
})
