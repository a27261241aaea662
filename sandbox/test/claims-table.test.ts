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

/** The titles of the tests that name a fact. */
function titlesOfTests (): Set<string> {
  const sources = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.test.ts'))
    .map(name => readFileSync(`${TESTS}/${name}`, 'utf8'))
  const titles = sources.flatMap(source => [...source.matchAll(/t\.test\(\s*'(domain (?:[^'\\]|\\.)*)'/g)])
  return new Set(titles.map(([, title = '']) => title.replaceAll("\\'", "'")))
}

t.test('the README and the tests name the same facts of Connect', async t => {
  const titles = titlesOfTests()
  const rows = rowsOfTable()
  const named = new Set<string>()
  for (const [fact = '', number = '', grade = '', here = ''] of rows) {
    t.match(number, /^\d+(\.\d+)*( #\d+)?(, \d+(\.\d+)*)*$/, fact)
    t.match(grade, /^[TFSWDMCXI?](,[TFSWDMCI])*$/, fact)
    const ofRow = [...here.matchAll(/`(domain [^`]+)`/g)].map(([, title = '']) => title)
    if (here.startsWith('modelled: ')) t.ok(ofRow.length > 0, fact)
    for (const title of ofRow) {
      named.add(title)
      t.ok(titles.has(title), `${fact}: there is no test ${title}`)
    }
  }
  t.same([...titles].filter(title => !named.has(title)), [], 'each test that names a fact stands in a row')
  t.match([...titles].join('\n').replace(/^domain \d+(\.\d+)*(, \d+(\.\d+)*)*: .+$/gm, ''), /^\n*$/, 'form of titles')
  for (let item = 1; item <= 12; item += 1) {
    t.ok(rows.some(([, number = '']) => number.split(', ').includes(`10.3.${item}`)), `checklist 10.3.${item}`)
  }
})

t.test('each switch of the README is read by the sandbox', async t => {
  const main = readFileSync('sandbox/src/main.ts', 'utf8')
  for (const [name] of readFileSync('sandbox/README.md', 'utf8').matchAll(/SANDBOX_[A-Z0-9_]+/g)) {
    t.ok(main.includes(`'${name}'`), name)
  }
})
