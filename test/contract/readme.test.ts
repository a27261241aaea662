import { readFileSync } from 'node:fs'
import t from 'tap'
import { makeApp } from '../helper.ts'
import { documentOf, operationsOf } from './document.ts'
import { section, tableRows } from './markdown.ts'

const readme = readFileSync('README.md', 'utf8')

/** Names that a source asks its environment for. */
function variablesOf (path: string, pattern: RegExp): string[] {
  return [...new Set([...readFileSync(path, 'utf8').matchAll(pattern)].map(([, name]) => name ?? ''))].sort()
}

function namesIn (rows: readonly string[][]): string[] {
  return rows.flatMap(([cell = '']) => [...cell.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name]) => name ?? '')).sort()
}

t.test('the table of the environment is what the service reads', async (t) => {
  const read = variablesOf('src/config.ts', /(?:get|integer|words|url)\('([A-Z][A-Z_]+)'/g)
  t.ok(read.includes('CALLERS_FILE'), 'the variables were found')
  // The sandbox's own table is further down under the same heading.
  const documented = namesIn(tableRows(readme, 'Configuration')).filter(name => !name.startsWith('SANDBOX_'))
  t.same(documented, read)
})

t.test('the table of the sandbox is what the sandbox reads', async (t) => {
  const read = variablesOf('src/sandbox/main.ts', /'(SANDBOX_[A-Z0-9_]+)'/g)
  t.same(namesIn(tableRows(readme, 'The sandbox')), read)
})

t.test('the table of endpoints is what the service has', async (t) => {
  const { app } = await makeApp(t)
  const operations = operationsOf(await documentOf(app)).map(({ method, path }) => `${method} ${path}`)
  const listed = [...section(readme, 'Endpoints').matchAll(/`((?:GET|POST|PATCH|DELETE|PUT) [^`]+)`/g)].map(([, one]) => one ?? '')
  t.same(listed.filter(one => !/ \/(docs|openapi\.(json|yaml))$/.test(one)).sort(), operations.sort())
})

t.test('every script that the README names exists', async (t) => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  const named = new Set([...readme.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, name]) => name ?? ''))
  t.same([...named].filter(name => scripts[name] === undefined), [])
})

t.test('every file that the README links exists', async (t) => {
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)\)/g)].map(([, path]) => path ?? '')
  for (const path of links) t.doesNotThrow(() => readFileSync(path), path)
})
