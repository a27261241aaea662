import t from 'tap'
import { makeApp } from '../../helper.ts'
import { caller } from '../call.ts'
import { fakeConnect } from '../fake-connect.ts'

interface Column { name: string, type: string, required: boolean, values: string[] | null, maxLength: number | null }

t.test('the columns of each schema, without a call of Connect', async (t) => {
  const { connect, calls } = fakeConnect({})
  const { app } = await makeApp(t, { connect })
  const call = caller(t, app, 'vendor', 'UsageColumns')
  const columnsOf = async (schema: string): Promise<Column[]> => {
    const { status, json } = await call('GET', `/v1/products/PRD-276-377-545/usage-columns?schema=${schema}`)
    t.equal(status, 200)
    t.equal(json['schema'], schema)
    return json['columns'] as Column[]
  }
  const required = async (schema: string): Promise<string[]> =>
    (await columnsOf(schema)).filter(one => one.required).map(({ name }) => name)
  const eight = [
    'record_id', 'item_search_criteria', 'item_search_value', 'quantity', 'start_time_utc', 'end_time_utc',
    'asset_search_criteria', 'asset_search_value'
  ]
  t.same(await required('qt'), eight)
  t.same(await required('pr'), [...eight, 'amount'])
  t.same(await required('cr'), [...eight, 'amount'])
  t.same(await required('tr'), [...eight, 'amount', 'tier'])
  const all = await columnsOf('tr')
  t.match(all.find(({ name }) => name === 'tier'), { type: 'number', values: ['0', '1', '2'] })
  t.match(all.find(({ name }) => name === 'start_time_utc'), { type: 'time', values: null })
  t.match(all.find(({ name }) => name === 'v.<name>'), { type: 'text', maxLength: 255 })
  t.same(calls, [])
})

t.test('the schema must be given', async (t) => {
  const { app } = await makeApp(t, { connect: fakeConnect({}).connect })
  const call = caller(t, app, 'vendor', '')
  for (const query of ['', '?schema=xx']) {
    t.match(await call('GET', `/v1/products/PRD-276-377-545/usage-columns${query}`), {
      status: 400, json: { errors: [{ path: 'query.schema' }] }
    })
  }
})
