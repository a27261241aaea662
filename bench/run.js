/**
 * `npm run bench`: builds, starts everything on loopback, checks that every contender answers right, measures them in
 * turn, and prints Markdown. Parts: json uploads bulk start costs growth bulkheads tables watching waits scale; all of
 * them without one, and then the report goes to RESULTS.md, followed by NOTES.md. `--quick` takes some three minutes
 * and leaves out costs, growth, bulkheads, tables, watching, waits, scale, and the bulk closes of a million.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'

const bench = new URL('.', import.meta.url).pathname
const root = join(bench, '..')
const QUICK_PARTS = ['json', 'uploads', 'bulk', 'start']
const PARTS = [...QUICK_PARTS, 'costs', 'growth', 'bulkheads', 'tables', 'watching', 'waits', 'scale']

const args = process.argv.slice(2)
const isQuick = args.includes('--quick')
const asked = args.filter(arg => arg !== '--quick')
if (asked.some(part => !PARTS.includes(part)) || process.platform !== 'linux') {
  console.error(`Linux only, because it reads /proc. npm run bench -- [--quick] [${PARTS.join('|')}]…`)
  process.exit(2)
}
prepare()

// Only now: the packages may have come just before.
const { home, startProcess, stopAll } = await import('./lib/process.js')
const { nginxVersion } = await import('./contenders/nginx.js')
const { note, report, say } = await import('./lib/report.js')
const { reportTargets } = await import('./lib/targets.js')

const startedAt = performance.now()
const nginx = nginxVersion()
header()
try {
  for (const part of asked.length > 0 ? asked : isQuick ? QUICK_PARTS : PARTS) {
    note(`${part} …`)
    const { [part]: run } = await import(`./parts/${part}.js`)
    await run({ isQuick, hasNginx: nginx !== null, startUpstream, home })
    await stopAll()
  }
  reportTargets()
  say(
    `It took ${Math.round((performance.now() - startedAt) / 1000)} s. Load of the machine at the end: ${os
      .loadavg()
      .map(value => value.toFixed(1))
      .join(', ')}.`
  )
  if (asked.length === 0 && !isQuick) {
    writeFileSync(join(bench, 'RESULTS.md'), `${report()}\n${readFileSync(join(bench, 'NOTES.md'), 'utf8')}`)
  }
} finally {
  await stopAll()
}
process.exit(0)

function prepare () {
  const run = (command, ...words) => {
    const { status } = spawnSync(command, words, { stdio: ['ignore', 2, 2] })
    if (status !== 0) process.exit(1)
  }
  const installed = join(bench, 'node_modules/.package-lock.json')
  const isInstalled =
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(bench, 'package-lock.json')).mtimeMs
  if (!isInstalled) run('npm', 'ci', '--prefix', bench)
  run('npm', 'run', '-s', '--prefix', root, 'build')
}

/**
 * A fake Connect that answers closes after so many milliseconds, downloads with a file if there is one, and lists of
 * records with so many.
 */
async function startUpstream (latencyMs = 0, { workbook = '', records = 0 } = {}) {
  return await startProcess({
    name: 'upstream', command: process.execPath, args: [join(bench, 'upstream/server.js')],
    env: { LATENCY_MS: String(latencyMs), WORKBOOK: workbook, RECORDS: String(records) },
    listening: /listening at (\S+)/
  })
}

function header () {
  const version = (folder, name) =>
    JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version
  const commit = spawnSync('git', ['-C', root, 'describe', '--always', '--dirty'], { encoding: 'utf8' }).stdout.trim()
  say('# What it costs to have the service between')
  say()
  say(
    'Made by `npm run bench`, but for the notes at the end; do not edit. Medians of rounds in which all contenders ' +
    'took turns, with the lowest and the'
  )
  say('highest in parentheses. CPU is user and system time of the process under test, read from /proc.')
  say()
  say(
    `- ${os.cpus()[0].model}, ${os.cpus().length} cores shared by the process under test, its callers and the fake ` +
    `Connect; ${Math.round(os.totalmem() / 1024 ** 3)} GiB; ${os.type()} ${os.release()}`
  )
  say(`- Node.js ${process.versions.node}, service ${commit || 'of no commit'}`)
  say(
    `- fastify ${version(root, 'fastify')}, undici ${version(root, 'undici')}; peers: @fastify/http-proxy ` +
    `${version(bench, '@fastify/http-proxy')}, express ${version(bench, 'express')}, node-fetch ` +
    `${version(bench, 'node-fetch')}, multer ${version(bench, 'multer')}`
  )
  say(nginx === null ? '- nginx is not installed here: its rows are missing' : `- nginx ${nginx}`)
  say(`- ${new Date().toISOString().slice(0, 10)}${isQuick ? ', quick' : ''}`)
  say()
}
