import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/**
 * Folders whose tests run in one process each: to start one and to load the service costs more than most of them do.
 * Every other test has a process of its own, above all those that look at their process or end it.
 */
const SHARED = [
  'closing',
  'connect',
  'contract',
  'credentials',
  'faults',
  'fuzz',
  'http',
  'idempotency',
  'limits',
  'observability',
  'routes',
  'sandbox',
  'schemas',
  'streaming',
  'uploads',
  'usage'
]
/** These measure their process, or load OpenTelemetry into it. */
const ALONE = ['faults/slope.test.js', 'observability/tracing.test.js', 'streaming/garbage.test.js']
/** Each with the name that its groups begin with. */
const TESTS = [{ folder: 'build/test', prefix: '' }, { folder: 'build/sandbox/test', prefix: 'sandbox/' }]
const GROUPS = 'build/groups'

/** Writes what `npm test` runs: a file for each process, which imports the tests of its group. */
const imports = new Map<string, string>()
for (const { folder, prefix } of TESTS) {
  for (const file of testsIn(folder)) {
    // Compiled earlier, and gone since.
    if (!existsSync(file.replace(/^build\/(.*)\.js$/, '$1.ts'))) continue
    const group = groupOf(prefix + relative(folder, file))
    imports.set(group, `${imports.get(group) ?? ''}import '../${relative('build', file)}'\n`)
  }
}
rmSync(GROUPS, { recursive: true, force: true })
mkdirSync(GROUPS)
for (const [group, text] of imports) writeFileSync(join(GROUPS, `${group}.test.js`), text)

function testsIn (folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.test.js'))
    .sort()
    .map(name => join(folder, name))
}

/** Of `routes/usage-files/x.test.js` it is `routes-usage-files`; of one with a process of its own, its whole name. */
function groupOf (file: string): string {
  const isShared = SHARED.includes(file.split('/', 1)[0] ?? '') && !ALONE.includes(file)
  return (isShared ? dirname(file) : file.replace(/\.test\.js$/, '')).replaceAll('/', '-')
}
