/** Tables: rows into workbooks and out of them, beside libraries that do one of these things. */
import assert from 'node:assert/strict'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { startService } from '../contenders/service.js'
import { ask, SERVICE } from '../lib/apis.js'
import { load } from '../lib/load.js'
import { home, stopAll } from '../lib/process.js'
import { ratio } from '../lib/ratios.js'
import { figure, number, say, table } from '../lib/report.js'
import { measure, textOf } from '../lib/request.js'
import { interleave, median } from '../lib/rounds.js'
import { target } from '../lib/targets.js'
import { bundleWriter, libxlsxwriter, runJob } from '../tables/jobs.js'
import { reading, readingStrings } from '../tables/reading.js'
import { csvOf } from '../tables/rows.js'

const here = new URL('../tables', import.meta.url).pathname
const SERVICE_WRITER = 'the service\'s writer'
const LIBXLSXWRITER = 'libxlsxwriter, constant memory'
const EXCELJS = 'exceljs, streaming'
const SERVICE_NAME = 'service'
const PRODUCT = '/v1/products/PRD-276-377-545'
const CHECK = `${PRODUCT}/usage-check?schema=cr&from=2026-10-01&to=2026-10-31`

export async function tables ({ startUpstream, isQuick }) {
  const rounds = isQuick ? 1 : 3
  const many = isQuick ? 100_000 : 1_000_000
  const few = many / 10
  say('## Tables')
  say()
  say('16 columns. CPU of the whole process, with all its threads. Memory is over that before the work.')
  say()
  const csv = { many: await writeCsv('many', many), few: await writeCsv('few', few) }
  const { origin: upstream } = await startUpstream()
  const service = await startService(upstream)
  const workbook = await writing({ many, few, rounds, service, csv })
  await checking({ many, few, rounds, service, csv })
  await beside({ service, csv, isQuick })
  await service.stop()
  const withWorkbook = await startUpstream(0, { workbook })
  await reading({ workbook, rows: few, rounds, service: await startService(withWorkbook.origin) })
  await stopAll()
  await readingStrings({ startUpstream, rounds })
  await exporting({ startUpstream, rounds })
}

async function writeCsv (name, count) {
  const path = join(home, `rows-${name}.csv`)
  await pipeline(Readable.from(csvOf(count)), createWriteStream(path))
  return { path, count }
}

/** Gives a workbook of the few rows. */
async function writing ({ many, few, rounds, service, csv }) {
  const output = join(home, 'written.xlsx')
  const kept = join(home, 'few.xlsx')
  const jobs = [
    { name: SERVICE_WRITER, command: process.execPath, args: [bundleWriter()] },
    ...libxlsxwriter(LIBXLSXWRITER),
    { name: EXCELJS, command: process.execPath, args: [join(here, 'write-exceljs.js')] }
  ]
  const contenders = [
    ...jobs.map(job => ({ name: job.name, write: count => runJob(job, [count, output]) })),
    { name: SERVICE_NAME, write: count => uploadRows(service, count === many ? csv.many : csv.few) }
  ]
  const all = await interleave(contenders, rounds, ({ write }) => write(many))
  const small = await interleave(contenders, rounds, ({ write }) => write(few))
  await runJob(jobs[0], [few, kept])
  say(`### Rows into a workbook, ${many.toLocaleString('en-US')} rows`)
  say()
  say('The service gets CSV, checks all rows, and uploads the workbook. The others make the rows themselves.')
  say()
  const alone = median(all.get(contenders[0]), 'cpuSeconds')
  table(
    ['', 'CPU s', `${SERVICE_WRITER} ÷ this`, 'seconds', 'MiB', `MiB with ${few.toLocaleString('en-US')}`],
    contenders.map(contender => {
      const own = all.get(contender)
      return [
        contender.name, figure(own, 'cpuSeconds'), number(alone / median(own, 'cpuSeconds')), figure(own, 'seconds'),
        figure(own, 'overIdle'), figure(small.get(contender), 'overIdle')
      ]
    })
  )
  target('writer alone beside libxlsxwriter', ratio(all, 'cpuSeconds', SERVICE_WRITER, LIBXLSXWRITER), 1.4)
  target('writer alone beside exceljs', ratio(all, 'cpuSeconds', SERVICE_WRITER, EXCELJS), 0.9)
  target('memory of the writer', median(all.get(contenders[0]), 'overIdle'), 64, 'MiB')
  target('CSV in, checked, workbook out, beside libxlsxwriter\'s writing',
    ratio(all, 'cpuSeconds', SERVICE_NAME, LIBXLSXWRITER), 3.3)
  return kept
}

async function checking ({ many, few, rounds, service, csv }) {
  const sizes = [{ count: few, file: csv.few }, { count: many, file: csv.many }]
  const samples = await interleave(sizes, rounds, async ({ count, file }) => {
    const sending = { method: 'POST', path: CHECK, type: 'text/csv', file: file.path }
    const sample = await measure(service, sending, async response => {
      const { rows, valid, byCode } = JSON.parse(await textOf(response))
      assert.equal(valid, true, JSON.stringify(byCode))
      assert.equal(rows.total, count)
    })
    return { ...sample, perCpuSecond: count / sample.cpuSeconds }
  })
  say('### Check of CSV, without look-ups')
  say()
  table(['rows', 'rows a CPU-second', 'seconds', 'MiB'], sizes.map(size => {
    const own = samples.get(size)
    return [
      size.count.toLocaleString('en-US'), figure(own, 'perCpuSecond'), figure(own, 'seconds'), figure(own, 'overIdle')
    ]
  }))
  const [small, all] = sizes.map(size => samples.get(size))
  target('CPU of the check of 50,000 rows', 50_000 / median(all, 'perCpuSecond'), 1, 's')
  target('memory of the check, many rows over few', median(all, 'overIdle') - median(small, 'overIdle'), 32, 'MiB')
}

/** A read of one usage file while the service converts. */
async function beside ({ service, csv, isQuick }) {
  const { bytes } = await ask(service.origin, SERVICE.detailPath, SERVICE.headers)
  const what = {
    path: SERVICE.detailPath, headers: SERVICE.headers, connections: 4, amount: isQuick ? 1_000 : 5_000, bytes
  }
  await load(service, what)
  const samples = { alone: [], beside: [] }
  for (let round = 0; round < 3; round += 1) {
    samples.alone.push(await load(service, what))
    const converting = uploadRows(service, csv.many)
    samples.beside.push(await load(service, what))
    await converting
  }
  say('### A read of a usage file beside a conversion')
  say()
  table(['', 'p50 ms', 'p99 ms'], [
    ['alone', figure(samples.alone, 'p50'), figure(samples.alone, 'p99')],
    ['beside an upload of the CSV above', figure(samples.beside, 'p50'), figure(samples.beside, 'p99')]
  ])
  target('p99 of a read beside a conversion', median(samples.beside, 'p99') / median(samples.alone, 'p99'), 2)
}

/** A list of usage records as CSV, with all records that Connect has. */
async function exporting ({ startUpstream, rounds }) {
  const sizes = []
  for (const records of [18_000, 180_000]) {
    const { origin: upstream } = await startUpstream(0, { records })
    sizes.push({ records, service: await startService(upstream) })
  }
  const path = '/v1/usage-records'
  const samples = await interleave(sizes, rounds + 1, async ({ records, service }, round) => {
    const page = { method: 'GET', path: `${path}?limit=1000`, role: 'provider' }
    const { seconds: pageSeconds } = await measure(service, page, textOf)
    let firstAt = 0
    let lines = 0
    const list = { method: 'GET', path: `${path}?format=csv`, role: 'provider' }
    const sample = await measure(service, list, async response => {
      assert.equal(response.statusCode, 200)
      for await (const chunk of response) {
        firstAt ||= performance.now()
        for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1
      }
    })
    assert.equal(lines, records + 1)
    // The first round warms the service up.
    if (round === 0) return null
    return { ...sample, pageMs: pageSeconds * 1000, firstMs: firstAt - sample.startedAt }
  })
  say('### A list of usage records as CSV')
  say()
  table(['records', 'first byte ms', 'JSON of 1,000 ms', 'seconds', 'CPU µs a record', 'MiB'], sizes.map(size => {
    const own = samples.get(size)
    return [
      size.records.toLocaleString('en-US'), figure(own, 'firstMs'), figure(own, 'pageMs'), figure(own, 'seconds'),
      number(median(own, 'cpuSeconds') / size.records * 1e6), figure(own, 'overIdle')
    ]
  }))
  const [few, many] = sizes.map(size => samples.get(size))
  target('first byte of a list as CSV beside one page of Connect', median(few, 'firstMs') / median(few, 'pageMs'), 1)
  target('memory of a list as CSV, 180,000 over 18,000', median(many, 'overIdle') - median(few, 'overIdle'), 16, 'MiB')
}

async function uploadRows (service, { path: file, count }) {
  const sending = { method: 'POST', path: SERVICE.uploadPath, type: 'text/csv', file }
  return await measure(service, sending, async response => {
    const answer = await textOf(response)
    assert.equal(response.statusCode, 202, `upload of ${count} rows: ${answer.slice(0, 500)}`)
  })
}
