import { spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

/**
 * `npm test`: runs each file of `build/groups` but those of LONG in a process of its own, and prints what failed and
 * the sum. With names of groups it runs only these; `long` stands for those of LONG. What a group prints is in
 * `build/logs`. `COVERAGE=1` measures coverage, too.
 *
 * The command `tap` does the same, but it compiles its plugins first, loads module hooks and source maps into each
 * process, and parses each assertion again.
 */
const GROUPS = 'build/groups'
const LOGS = 'build/logs'
const COVERAGE = 'build/coverage'
/** Groups at the same time. They wait for time limits and children as well as for the processor. */
const JOBS = 4
/** Groups that take longer than their size tells. They begin first: none of them runs alone at the end. */
const FIRST = [
  'faults', 'faults-writes', 'client-watching', 'closing', 'contract', 'crash-kill', 'routes-bulk-closes',
  'routes-usage-reports', 'sandbox', 'settings', 'smoke', 'store', 'canaries-of-faults'
]
/**
 * `npm run test:long`: these repeat something often, to see memory, leaks and faults at random, or try every operation
 * with every fault of Connect and its storage.
 */
const LONG = [
  'canaries-of-faults', 'crash-random', 'faults-slope', 'fuzz', 'smoke-upload-memory', 'tables-hostile-http',
  'tables-hostile-workbooks'
]
/** The longest time that a group may run, in seconds. tap ends it before, and names the test that runs. */
const LIMIT_S = 330
const TAP_LIMIT_S = 300
/** Lines of the log that are printed after one that says `not ok`. */
const LINES = 30

const isMeasured = process.env['COVERAGE'] === '1'
const groups = groupsToRun(process.argv.slice(2).flatMap(name => name === 'long' ? LONG : name))
const sum = { total: 0, pass: 0 }
/** The processes that run now. */
const running = new Set()
let failed = 0
let ended = 0

for (const folder of isMeasured ? [LOGS, COVERAGE] : [LOGS]) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of running) child.kill('SIGKILL')
    process.exit(1)
  })
}
const waiting = [...groups]
await Promise.all(Array.from({ length: JOBS }, work))
if (isMeasured) reportCoverage()
const others = sum.total - sum.pass
console.log(`# { total: ${sum.total}, pass: ${sum.pass}${others > 0 ? `, other: ${others}` : ''} }`)
process.exit(failed + others > 0 || sum.total === 0 ? 1 : 0)

/** The names of the groups, first those of FIRST, then those with the most bytes of tests. */
function groupsToRun (names) {
  const all = readdirSync(GROUPS).map(file => file.replace(/\.test\.js$/, ''))
  const unknown = names.filter(name => !all.includes(name))
  if (unknown.length > 0) throw new Error(`no group is called ${unknown.join(', ')}; there are ${all.join(', ')}`)
  const sizes = new Map(all.map(name => [name, FIRST.includes(name) ? Number.MAX_SAFE_INTEGER : sizeOf(name)]))
  const some = names.length > 0 ? names : all.filter(name => !LONG.includes(name))
  return some.sort((a, b) => sizes.get(b) - sizes.get(a))
}

function sizeOf (group) {
  const imports = readFileSync(join(GROUPS, `${group}.test.js`), 'utf8').matchAll(/'(\.\.\/.*)'/g)
  return [...imports].reduce((bytes, [, path]) => bytes + statSync(join(GROUPS, path)).size, 0)
}

async function work () {
  for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
    const startedAt = performance.now()
    const end = await run(group)
    const text = readFileSync(join(LOGS, `${group}.tap`), 'utf8')
    const [, total = 0, pass = 0] = text.match(/^# \{ total: (\d+), pass: (\d+).*\}$/m) ?? []
    sum.total += Number(total)
    sum.pass += Number(pass)
    const isOk = end === 'exit code 0' && Number(total) > 0 && total === pass
    if (!isOk) {
      failed += 1
      console.log(`${excerpt(text)}\n${group}: ${end}; see ${join(LOGS, `${group}.tap`)}`)
    }
    const ms = Math.round(performance.now() - startedAt)
    console.log(`${isOk ? 'ok' : 'not ok'} ${ended += 1} - ${GROUPS}/${group}.test.js # time=${ms}ms`)
  }
}

/** Runs a group to its end. Gives how it ended. */
async function run (group) {
  const preloaded = ['./test/without-domains.js', ...(isMeasured ? ['./test/coverage.js'] : [])]
  const args = [...preloaded.map(file => `--import=${file}`), join(GROUPS, `${group}.test.js`)]
  const log = openSync(join(LOGS, `${group}.tap`), 'w')
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', log, log],
    env: { ...process.env, TAP_TIMEOUT: String(TAP_LIMIT_S), COVERAGE_FOLDER: resolve(COVERAGE) }
  })
  running.add(child)
  const timer = setTimeout(() => { child.kill('SIGKILL') }, LIMIT_S * 1000)
  const end = await new Promise(resolve => {
    child.once('exit', (code, signal) => { resolve(signal === null ? `exit code ${code}` : `ended by ${signal}`) })
  })
  clearTimeout(timer)
  running.delete(child)
  closeSync(log)
  return end
}

/** What a log tells about failures, and its end. */
function excerpt (text) {
  const lines = text.split('\n')
  const isShown = new Set()
  lines.forEach((line, at) => {
    if (/^ *not ok /.test(line)) for (let n = 0; n < LINES; n += 1) isShown.add(at + n)
  })
  for (let n = 1; n <= 10; n += 1) isShown.add(lines.length - n)
  return lines.filter((_, at) => isShown.has(at)).join('\n')
}

/** Writes `build/coverage/report/coverage-summary.json` and prints its sums. */
function reportCoverage () {
  const folders = ['src', 'routes', 'schemas', 'sandbox/src'].map(folder => `--include=${folder}/**`)
  const { status } = spawnSync(process.execPath, [
    'node_modules/c8/bin/c8.js', 'report', `--temp-directory=${COVERAGE}`, `--reports-dir=${COVERAGE}/report`,
    '--reporter=json-summary', '--reporter=text-summary', '--exclude-after-remap', '--exclude=**/*.test.ts', ...folders
  ], { stdio: 'inherit' })
  if (status !== 0) failed += 1
}
