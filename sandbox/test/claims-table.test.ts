import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'

const TESTS = 'sandbox/test'

/** The rows of the README's table of facts, as lists of cells. */
function rowsOfTable (): string[][] {
  const readme = readFileSync('sandbox/README.md', 'utf8')
  const [, section = ''] = readme.split('\n## What it knows of Connect\n')
  const [table = ''] = section.split('\n## ')
  return table.split('\n').filter(line => line.startsWith('| ')).slice(2)
    .map(line => line.slice(2, -2).split(' | '))
}

t.test('each row of the README that says modelled names a test that there is', async t => {
  const sources = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.test.ts'))
    .map(name => readFileSync(`${TESTS}/${name}`, 'utf8').replaceAll("\\'", "'"))
  const rows = rowsOfTable()
  t.ok(rows.length > 50)
  for (const [fact = '', number = '', grade = '', here = ''] of rows) {
    t.match(number, /^\d+(\.\d+)?( #\d+)?(, \d+)?$/, fact)
    t.match(grade, /^[TFSWDMCXI?](,[TFSWDMCI])*$/, fact)
    const titles = [...here.matchAll(/`(domain [^`]+)`/g)].map(([, title = '']) => title)
    if (here.includes('modelled: ') && !here.startsWith('not modelled')) t.ok(titles.length > 0, fact)
    for (const title of titles) t.ok(sources.some(source => source.includes(`'${title}'`)), title)
  }
})

t.test('each switch of the README is read by the sandbox', async t => {
  const main = readFileSync('sandbox/src/main.ts', 'utf8')
  for (const [name] of readFileSync('sandbox/README.md', 'utf8').matchAll(/SANDBOX_[A-Z0-9_]+/g)) {
    t.ok(main.includes(`'${name}'`), name)
  }
})
