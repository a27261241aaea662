import t from 'tap'
import { date, text, type Collection } from '../src/rql/collection.ts'
import { selectRows } from '../src/rql/select-rows.ts'

interface Row { id: string, at: string }

t.test('rows that are in order already are not sorted; others are, and equal ones stay in place', async t => {
  const collection: Collection<Row> = {
    fields: { id: text(row => row.id, { ordering: true }), at: date(row => row.at, { ordering: true }) }
  }
  const rows = Array.from({ length: 20_000 }, (_, n) => ({ id: `R${n}`, at: '2026-10-01T00:00:00Z' }))
  rows.sort = () => { throw new Error('sorted') }
  const page = selectRows(collection, () => rows, () => true, 'ordering(at)&limit=2&offset=10')
  t.same(page.rows.map(({ id }) => id), ['R10', 'R11'])
  t.equal(page.contentRange, 'items 10-11/20000')
  const mixed = [{ id: 'a', at: '2026-10-02' }, { id: 'b', at: '2026-10-01' }, { id: 'c', at: '2026-10-01' }]
  const order = (query: string): string => selectRows(collection, () => mixed, () => true, query).rows
    .map(({ id }) => id).join('')
  t.equal(order('ordering(at)'), 'bca')
  t.equal(order('ordering(-at,-id)'), 'acb')
})

t.test('a narrowed equality is answered from the narrowed rows alone', async t => {
  const rows = [{ id: 'a', at: '' }, { id: 'b', at: '' }]
  const collection: Collection<Row> = {
    fields: { id: text(() => { throw new Error('asked') }), at: text(row => row.at) },
    narrow: (field, value) => field === 'id' ? rows.filter(({ id }) => id === value) : null
  }
  t.same(selectRows(collection, () => rows, () => true, 'id=b').rows, [rows[1]])
})
