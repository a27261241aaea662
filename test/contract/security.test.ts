import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { tableRows } from './markdown.ts'

const rows = tableRows(readFileSync('SECURITY.md', 'utf8'), 'What is done about the OWASP API Top 10 \\(2023\\)')

t.test('every risk of the OWASP list has one row', async (t) => {
  t.same(rows.map(([risk = '']) => /^API\d+/.exec(risk)?.[0]), Array.from({ length: 10 }, (_, i) => `API${i + 1}`))
})

t.test('every row tells the protection, and names existing tests', async (t) => {
  for (const [risk = '', done = '', cell = ''] of rows) {
    t.ok(done.length > 40, risk)
    const tests = [...cell.matchAll(/`([^`]+)`/g)].map(([, path]) => path ?? '')
    t.ok(tests.length > 0, `${risk}: tests`)
    t.equal(tests.map(path => `\`${path}\``).join(' '), cell, `${risk}: nothing but tests`)
    for (const path of tests) {
      t.match(path, /^test\/.+\.test\.ts$/)
      t.ok(existsSync(path) && /^\s*t\.test\(/m.test(readFileSync(path, 'utf8')), path)
    }
  }
})
