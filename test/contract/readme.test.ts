import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import t from 'tap'
import { asProvider, asVendor, makeApp, startBoth, until } from '../helper.ts'
import { documentOf, operationsOf } from './document.ts'
import { section, tableRows } from './markdown.ts'

const page = (name: string): string => readFileSync(name, 'utf8')
/** Everything that is written for readers. */
const PAGES = [
  'README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'sandbox/README.md', 'bench/README.md',
  'clients/typescript/README.md',
  ...readdirSync('docs').filter(name => name.endsWith('.md')).map(name => `docs/${name}`)
]

/** Names that a source asks its environment for. */
function variablesOf (path: string, pattern: RegExp): string[] {
  return [...new Set([...readFileSync(path, 'utf8').matchAll(pattern)].map(([, name]) => name ?? ''))].sort()
}

function namesIn (rows: readonly string[][]): string[] {
  return rows.flatMap(([cell = '']) => [...cell.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name]) => name ?? '')).sort()
}

t.test('the table of variables holds every variable that the service reads', async (t) => {
  const read = variablesOf('src/config.ts', /(?:get|flag|text|integer|words|url|origin|secret)\(\s*'([A-Z][A-Z_]+)'/g)
  t.ok(read.includes('CALLERS_FILE'), 'the variables were found')
  t.same(namesIn(tableRows(page('docs/configuration.md'), 'Configuration')), read)
})

t.test('the table of the sandbox holds every variable that the sandbox reads', async (t) => {
  const read = variablesOf('sandbox/src/main.ts', /'(SANDBOX_[A-Z0-9_]+)'/g)
  t.same(namesIn(tableRows(page('sandbox/README.md'), 'Variables')), read)
})

t.test('the table of endpoints holds every endpoint of the service', async (t) => {
  const { app } = await makeApp(t)
  const operations = operationsOf(await documentOf(app)).map(({ method, path }) => `${method} ${path}`)
  const listed = [
    ...section(page('docs/api.md'), 'Endpoints').matchAll(/`((?:GET|POST|PATCH|DELETE|PUT) [^`]+)`/g)
  ].map(([, one]) => one ?? '')
  t.same(listed.filter(one => !/ \/(console|docs|metrics|openapi\.(json|yaml))$/.test(one)).sort(), operations.sort())
})

t.test('the table of metrics holds every metric of the service', async (t) => {
  const { app } = await makeApp(t)
  const exposition = (await app.inject('/metrics')).body
  const types = [...exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`)
  const listed = tableRows(page('docs/operations.md'), 'Metrics').map(
    ([name = '', type = '']) => `${name.replaceAll('`', '')} ${type}`
  )
  t.same(listed.sort(), types.sort())
})

t.test('the tables of the logs hold every field of the log lines', async (t) => {
  const { logs, origin } = await startBoth(t)
  const send = async (
    method: 'POST' | 'PUT',
    path: string,
    headers: Record<string, string>,
    body?: object
  ): Promise<Response> =>
    await fetch(`${origin}/v1${path}`, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) })
    })
  const draft = {
    name: 'a',
    productId: 'PRD-276-377-545',
    contractId: 'CRD-10000-20000-30000',
    period: { from: '2026-10-01', to: '2026-10-31' }
  }
  const { id } = await (await send('POST', '/usage-files', asVendor, draft)).json() as { id: string }
  await send('POST', `/usage-files/${id}/submit`, asVendor)
  await send('POST', `/usage-files/${id}/upload`, asVendor, { rows: [{ record_id: 'r-1' }] })
  await send('PUT', '/usage-reports/r', asVendor, { report: draft, rows: [{ record_id: 'r-1' }] })
  await (
    await send('POST', '/usage-records/close', asProvider, {
      records: [{ id: 'UR-2026-11-9999-9999-9999-9999' }],
      externalBillingId: 'INV-1'
    })
  ).text()
  const linesOf = (msg: string): Record<string, unknown>[] => logs.filter(line => line['msg'] === msg)
  await until(() => linesOf('request').length === 5 && linesOf('audit').length === 5, 'the lines')
  for (const [heading, msg] of [['Logs', 'request'], ['Audit', 'audit']] as const) {
    const held = new Set(linesOf(msg).flatMap(line => Object.keys(line)))
    for (const name of ['level', 'time', 'msg', 'audit']) held.delete(name)
    // Of another plugin, and only of requests that have a key.
    held.add('idempotency')
    t.same(
      tableRows(page('docs/operations.md'), heading)
        .flatMap(([cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name ?? ''))
        .sort(),
      [...held].sort(),
      heading
    )
  }
})

t.test('every script that a page names exists', async (t) => {
  const scriptsOf = (path: string): Record<string, string> =>
    (JSON.parse(page(path)) as { scripts: Record<string, string> }).scripts
  const scripts = { ...scriptsOf('sandbox/package.json'), ...scriptsOf('package.json') }
  for (const name of PAGES) {
    const named = new Set([...page(name).matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, script]) => script ?? ''))
    t.same([...named].filter(script => scripts[script] === undefined), [], name)
  }
})

t.test('every link of a page leads to a file and a heading', async (t) => {
  const slug = (heading: string): string => heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-')
  const headings = (text: string): string[] =>
    [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => slug(heading ?? ''))
  for (const name of PAGES) {
    for (const [, target = ''] of page(name).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? name : posix.join(posix.dirname(name), path)
      if (!existsSync(file)) t.fail(`${name} links ${target}`)
      else if (anchor !== undefined && !headings(page(file)).includes(anchor)) {
        t.fail(`${name} links the heading ${target}`)
      }
    }
  }
  t.pass('all links')
})

/** Who runs the shell commands under each heading: a file, and a text in it that shows so. */
const EXECUTED_BY: Readonly<Record<string, readonly [string, string]>> = {
  'README.md: Start': ['.ci/run', 'npm test'],
  'README.md: From nothing to a submitted report': inTour('From nothing to a submitted report'),
  'README.md: From nothing to a closed file': inTour('From nothing to a closed file'),
  'docs/tour.md: The tour': inTour('The tour'),
  'docs/tour.md: From draft to closed': inTour('From draft to closed'),
  'docs/tour.md: A workbook with mistakes': inTour('A workbook with mistakes'),
  'docs/tour.md: From a chunk to closed records': inTour('From a chunk to closed records'),
  'docs/workbooks.md: From a CSV to a closed file': inTour('From a CSV to a closed file'),
  'docs/workbooks.md: When Connect finds more': inTour('When Connect finds more'),
  'docs/workbooks.md: In Python': inTour('In Python'),
  'docs/workbooks.md: In TypeScript': inTour('In TypeScript'),
  'docs/api.md: Publish a report in one call': inTour('Publish a report in one call'),
  'docs/reliability.md: How a change is made once': inTour('How a change is made once'),
  'docs/clients.md: One type for each body': ['test/smoke/clients.ts', "'docs/clients.md'"],
  'docs/clients.md: openapi-typescript': ['test/smoke/clients.ts', "'docs/clients.md'"],
  'docs/clients.md: @hey-api/openapi-ts': ['test/smoke/clients.ts', "'docs/clients.md'"],
  'docs/clients.md: orval': ['test/smoke/clients.ts', "'docs/clients.md'"],
  'docs/clients.md: swagger-typescript-api': ['test/smoke/clients.ts', "'docs/clients.md'"],
  'docs/configuration.md: Configuration': ['test/check-config.test.ts', "'--connect'"],
  'docs/configuration.md: Callers': inTour('Callers'),
  'clients/typescript/README.md: @connect-usage-bff/client': ['test/smoke/client.ts', "'pack'"],
  'sandbox/README.md: Faults on demand': inTour('Faults on demand'),
  'sandbox/README.md: Webhooks': inTour('Webhooks'),
  // The steps of the Dockerfile, and of an installation, without a container engine.
  'docs/configuration.md: With the real Connect': ['.ci/run', 'image_by_hand'],
  'docs/operations.md: Docker': ['.ci/run', 'image_by_hand'],
  'docs/operations.md: Several replicas': ['.ci/run', 'check:deployment'],
  // Minutes on a machine that does nothing else: a person runs them and commits bench/RESULTS.md.
  'bench/README.md: What it costs': ['bench/run.js', '--quick']
}

function inTour (heading: string): [string, string] {
  return ['test/smoke/tour.ts', `stepsOf('${heading}'`]
}

t.test('the commands of every page are executed by a test', async (t) => {
  const found = new Set<string>()
  for (const name of PAGES) {
    let heading = ''
    let isCode = false
    for (const line of page(name).split('\n')) {
      if (line.startsWith('```')) {
        isCode = !isCode
        if (isCode) t.match(line, /^```(?:sh|text|json|yaml|mermaid|ts|js|python)$/, `${name}: ${heading}`)
        if (line === '```sh') found.add(`${name}: ${heading}`)
      } else if (!isCode && /^#+ /.test(line)) heading = line.replace(/^#+ /, '')
    }
  }
  t.same([...found].sort(), Object.keys(EXECUTED_BY).sort())
  for (const [block, [file, text]] of Object.entries(EXECUTED_BY)) t.ok(page(file).includes(text), block)
})

/** The most files that a reader needs, by what there is to understand. */
const MOST_FILES: Readonly<Record<string, number>> = { 'a submit': 6, 'a list': 8, 'an upload': 12 }

t.test('the files to read first exist, and are at most as many as promised', async (t) => {
  const rows = tableRows(page('docs/architecture.md'), 'What to read first')
  for (const [what = '', files = ''] of rows) {
    const paths = [...files.matchAll(/`([^`]+)`/g)].map(([, path]) => path ?? '')
    t.same(paths.filter(path => !existsSync(path)), [], what)
    const [, name = '', count] = /^([a-z ]*?)(?: \((\d+) files\))?$/.exec(what) ?? []
    if (count !== undefined) t.equal(paths.length, Number(count), what)
    t.ok(paths.length <= (MOST_FILES[name] ?? 15), what)
  }
  for (const name of Object.keys(MOST_FILES)) t.ok(rows.some(([what = '']) => what.startsWith(name)), name)
})

t.test('README has at most 150 lines', async (t) => {
  t.ok(page('README.md').split('\n').length <= 150)
})
