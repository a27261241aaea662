/** Workbooks to rows: the second half of the part `tables`. */
import assert from 'node:assert/strict'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { startService } from '../contenders/service.js'
import { ask, SERVICE } from '../lib/apis.js'
import { home, stopAll } from '../lib/process.js'
import { ratio } from '../lib/ratios.js'
import { figure, number, say, table } from '../lib/report.js'
import { measure, save, textOf } from '../lib/request.js'
import { interleave, median } from '../lib/rounds.js'
import { target } from '../lib/targets.js'
import { runJob } from './jobs.js'
import { COLUMNS, rowOf } from './rows.js'

const here = new URL('.', import.meta.url).pathname
const SERVICE_NAME = 'service'
const EXCELJS = 'exceljs, streaming'
const HUCRE = 'hucre, streaming'
const CHUNK = '/v1/usage-chunks/UFC-2026-10-0000-0001-001/file?format=ndjson'
const STRINGS = 1_000_000

/** The rows of a workbook as NDJSON, beside libraries. */
export async function reading ({ workbook, rows, rounds, service }) {
  const output = join(home, 'read.ndjson')
  const job = (name, program) => ({
    name,
    read: () => runJob({ name, command: process.execPath, args: [join(here, program)] }, [workbook, output])
  })
  const sending = { method: 'GET', path: CHUNK, role: 'provider' }
  // The first call to Connect compiles the parser of its answers, which takes 35 MiB for a moment.
  await ask(service.origin, SERVICE.detailPath, SERVICE.headers)
  const contenders = [
    { name: SERVICE_NAME, read: () => measure(service, sending, response => save(response, output)) },
    job(EXCELJS, 'read-exceljs.js'),
    job(HUCRE, 'read-hucre.js')
  ]
  const samples = await interleave(contenders, rounds, async ({ read }) => {
    const sample = await read()
    isLastRow(lastLine(output), rows - 1)
    return sample
  })
  say(`### Workbook to NDJSON, ${rows.toLocaleString('en-US')} rows`)
  say()
  const ours = median(samples.get(contenders[0]), 'cpuSeconds')
  table(['', 'CPU s', 'service ÷ this', 'seconds', 'MiB'], contenders.map(contender => {
    const own = samples.get(contender)
    return [
      contender.name, figure(own, 'cpuSeconds'), number(ours / median(own, 'cpuSeconds')), figure(own, 'seconds'),
      figure(own, 'overIdle')
    ]
  }))
  target('workbook to NDJSON beside exceljs', ratio(samples, 'cpuSeconds', SERVICE_NAME, EXCELJS), 0.8)
  target('workbook to NDJSON beside hucre', ratio(samples, 'cpuSeconds', SERVICE_NAME, HUCRE), 0.9)
  target('memory of reading a workbook', median(samples.get(contenders[0]), 'overIdle'), 64, 'MiB')
}

/** A workbook of a million different strings, which its cells share. */
export async function readingStrings ({ startUpstream, rounds }) {
  const workbook = join(home, 'strings.xlsx')
  const writer = { name: 'strings', command: process.execPath, args: [join(here, 'write-strings.js')] }
  await runJob(writer, [STRINGS / COLUMNS.length, workbook])
  const upstream = await startUpstream(0, { workbook })
  const samples = []
  for (let round = 0; round < rounds; round += 1) {
    const service = await startService(upstream.origin)
    await ask(service.origin, SERVICE.detailPath, SERVICE.headers)
    samples.push(await measure(service, { method: 'GET', path: CHUNK, role: 'provider' }, textOf))
    await service.stop()
  }
  await stopAll()
  say(`### Workbook of ${STRINGS.toLocaleString('en-US')} different strings to NDJSON`)
  say()
  table(['', 'CPU s', 'seconds', 'MiB'], [[
    SERVICE_NAME, figure(samples, 'cpuSeconds'), figure(samples, 'seconds'), figure(samples, 'overIdle')
  ]])
  target('memory of reading a million strings', median(samples, 'overIdle'), 64, 'MiB')
}

function lastLine (path) {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(4096)
    const size = statSync(path).size
    const length = readSync(file, bytes, 0, bytes.length, Math.max(0, size - bytes.length))
    return bytes.toString('utf8', 0, length).trimEnd().split('\n').at(-1)
  } finally {
    closeSync(file)
  }
}

function isLastRow (line, n) {
  const row = JSON.parse(line)
  const [recordId, , , , quantity] = rowOf(n)
  assert.equal(row.record_id, recordId)
  assert.equal(Number(row.quantity), Number(quantity))
}
