/** Programs that write or read a workbook, started by the bench. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../contenders/service.js'
import { home, startProcess } from '../lib/process.js'
import { note, number } from '../lib/report.js'

const here = new URL('.', import.meta.url).pathname
const JOB_MAX_MS = 300_000

/** Runs a job of bench/tables/ and measures it. */
export async function runJob ({ name, command, args }, words) {
  const job = await startProcess({
    name, command, args: [...args, ...words.map(String)], listening: /^done$/m, origin: '', withinMs: JOB_MAX_MS
  })
  const idle = Number(/^idle (\d+)/m.exec(job.readLog())[1]) / 1024 ** 2
  const sample = { seconds: job.startMs / 1000, cpuSeconds: job.cpuSeconds(), overIdle: job.peakRss() - idle }
  await job.stop()
  note(`${name}: ${number(sample.cpuSeconds)} CPU s`)
  return sample
}

/** The writer is TypeScript of the service, so it is bundled. */
export function bundleWriter () {
  const bundle = join(home, 'write-service.mjs')
  execFileSync(join(root, 'node_modules/.bin/esbuild'), [
    join(here, 'write-service.js'), '--bundle', '--platform=node', '--format=esm', '--log-level=warning',
    // One of its packages calls `require`.
    '--banner:js=import { createRequire } from \'node:module\'; const require = createRequire(import.meta.url)',
    `--outfile=${bundle}`
  ])
  return bundle
}

/** The library of Debian's libxlsxwriter-dev with a C compiler; nothing where one of them is missing. */
export function libxlsxwriter (name) {
  const program = join(home, 'write-libxlsxwriter')
  const { status } = spawnSync(
    'cc', ['-O2', '-o', program, join(here, 'write-libxlsxwriter.c'), '-lxlsxwriter'], { stdio: 'ignore' }
  )
  if (status === 0 && existsSync(program)) return [{ name, command: program, args: [] }]
  note('libxlsxwriter-dev or a C compiler is not installed here: its rows are missing')
  return []
}
