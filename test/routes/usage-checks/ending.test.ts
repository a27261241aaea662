import t from 'tap'
import { asVendor, startBoth, until, type StartedApp } from '../../helper.ts'
import { readWorkbook } from '../../tables/workbook-of.ts'
import { connectTo } from '../../uploads/wire.ts'

const CSV_TYPE = { 'content-type': 'text/csv' }
const CONVERT = '/v1/products/PRD-276-377-545/usage-workbook?schema=qt'
const csv = (rows: number): string =>
  'record_id,item_search_criteria,item_search_value,quantity,start_time_utc,end_time_utc,asset_search_criteria,' +
  `asset_search_value\n${Array.from({ length: rows }, (_, at) =>
    `r-${at},item.mpn,FB-VM-HOURS,1,2026-10-01 00:00:00,2026-10-31 23:59:59,asset.id,AS-1\n`).join('')}`

/** Notes how the tasks of the worker threads end: `running`, `done`, or the name of the error. */
function watchTasks ({ app }: StartedApp): string[] {
  const { pool } = app.tables
  const { run } = pool
  const tasks: string[] = []
  pool.run = async (...call: Parameters<typeof run>) => {
    const at = tasks.push('running') - 1
    try {
      const result = await run(...call)
      tasks[at] = 'done'
      return result as never
    } catch (error) {
      tasks[at] = (error as Error).name
      throw error
    }
  }
  return tasks
}

t.test('a caller that leaves ends the work of its thread', async (t) => {
  const started = await startBoth(t)
  const tasks = watchTasks(started)
  const body = csv(150_000)
  const client = await connectTo(t, started.port)
  await client.sendHead({ path: CONVERT, headers: { ...CSV_TYPE, 'content-length': String(body.length) } })
  await client.send(body)
  await until(() => tasks.length === 1, 'its task')
  client.socket.destroy()
  await until(() => tasks[0] !== 'running', 'the end of its task')
  t.same(tasks, ['AbortError'])
  await until(() => started.logs.some(({ msg, status }) => msg === 'request' && status === 499), 'its line')
  const next = await fetch(started.origin + CONVERT, {
    method: 'POST', headers: { ...asVendor, ...CSV_TYPE }, body: csv(2)
  })
  t.equal(next.status, 200, 'the thread is free again')
  t.same(tasks, ['AbortError', 'done'])
  t.same(started.logs.filter(({ level }) => level === 'error'), [])
})

t.test('a stop waits for a conversion and for its answer', async (t) => {
  const started = await startBoth(t)
  const tasks = watchTasks(started)
  const rows = 30_000
  const answering = fetch(started.origin + CONVERT, {
    method: 'POST', headers: { ...asVendor, ...CSV_TYPE }, body: csv(rows)
  })
  await until(() => tasks.length === 1, 'its task')
  t.same(tasks, ['running'])
  const stopping = started.app.close()
  const answer = await answering
  t.equal(answer.status, 200)
  const bytes = Buffer.from(await answer.arrayBuffer())
  t.equal(bytes.length, Number(answer.headers.get('content-length')))
  t.equal((await readWorkbook(bytes)).rows.length, rows)
  await stopping
  t.same(tasks, ['done'])
  await t.rejects(fetch(started.origin + CONVERT))
})
