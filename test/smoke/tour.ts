/**
 * `npm run check:tour`: starts `npm run sandbox` as a user would, runs README's commands, docs/tour.md,
 * docs/workbooks.md and the commands of other pages line by line in one shell, and compares what each step prints with
 * what the page shows. A block of Python or TypeScript is a program, whose first line is a comment with its name.
 * Options:
 *   --update               writes the output into docs/tour.md and docs/workbooks.md instead
 *   --workbook <path> --product <id> --contract <id> --from <date> --to <date> [--currency <code>]
 *                          takes another workbook from draft to closed
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { section } from '../contract/markdown.ts'
import { freePorts, start } from './processes.ts'
import { openShell } from './shell.ts'

const { values: options } = parseArgs({
  options: {
    update: { type: 'boolean', default: false },
    workbook: { type: 'string' },
    product: { type: 'string' },
    contract: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    currency: { type: 'string' }
  }
})

/**
 * What the last line of each step of "From draft to closed" must match, with any workbook. Without `--workbook` the
 * steps must also print what docs/tour.md shows.
 */
const MILESTONES = [
  /^UF-[\d-]+ is draft, /,
  /^ready$/,
  /^pending$/,
  /^UR-[\d-]+ {2}approved {2}/,
  /^closed as INV-2026-0001$/,
  /^200 application\/vnd\.openxml/,
  /^\d+ more closed$/,
  /^closed, records open: 0$/
]

interface Step { title: string, lines: string[], code: string, expected: string | null }

const TOUR = 'docs/tour.md'
const WORKBOOKS = 'docs/workbooks.md'
const pages = new Map([TOUR, WORKBOOKS].map(path => [path, readFileSync(path, 'utf8')]))
const folder = mkdtempSync(join(tmpdir(), 'connect-usage-bff-tour-'))
const [port, sandboxPort] = await freePorts(2) as [number, number]
const sandbox = start('npm', ['run', 'sandbox'], {
  env: { PORT: String(port), SANDBOX_PORT: String(sandboxPort), SANDBOX_CONTROL: '1' }
})
const shell = openShell({ TMPDIR: folder })
const faults: string[] = []
try {
  await sandbox.prints(/Stop with Ctrl-C/, 120_000)
  if (options.workbook === undefined) {
    const readme = readFileSync('README.md', 'utf8')
    await runSteps(stepsOf('From nothing to a submitted report', readme), 0)
    await runSteps(stepsOf('From nothing to a closed file', readme), 0)
  }
  await runSteps(stepsOf('The tour'), 0)
  const main = stepsOf('From draft to closed')
  if (main.length !== MILESTONES.length) {
    faults.push(`the tour has ${main.length} steps instead of ${MILESTONES.length}`)
  }
  await runSteps(main, 1)
  const workbook = readFileSync(join(folder, 'processed.xlsx'))
  if (workbook.subarray(0, 2).toString() !== 'PK') faults.push('the processed file is not a workbook')
  if (options.workbook === undefined) {
    await runSteps(stepsOf('A workbook with mistakes'), 2)
    await runSteps(stepsOf('From a chunk to closed records'), 3)
    await runSteps(stepsOf('Publish a report in one call', readFileSync('docs/api.md', 'utf8')), 4)
    await runSteps(stepsOf('How a change is made once', readFileSync('docs/reliability.md', 'utf8')), 4)
    const sandboxPage = readFileSync('sandbox/README.md', 'utf8')
    await runSteps(stepsOf('Webhooks', sandboxPage), 4)
    await runSteps(stepsOf('From a CSV to a closed file', pageOf(WORKBOOKS)), 4)
    await runSteps(stepsOf('When Connect finds more', pageOf(WORKBOOKS)), 4)
    await runSteps(stepsOf('In Python', pageOf(WORKBOOKS)), 4)
    await runSteps(stepsOf('In TypeScript', pageOf(WORKBOOKS)), 4)
    // These steps are the last that reach Connect, because the planned fault stays.
    await runSteps(stepsOf('Faults on demand', sandboxPage), 4)
    writeFileSync(join(folder, 'callers.json'), JSON.stringify({
      accounts: { acme: { role: 'provider', accountId: 'PA-400-500', apiKey: 'ApiKey SU-400-500-600:provider' } },
      callers: []
    }))
    await runSteps(stepsOf('Callers', readFileSync('docs/configuration.md', 'utf8')), 4)
  }
  if (options.update) for (const [path, text] of pages) writeFileSync(path, text)
  await stop()
} finally {
  shell.kill()
  sandbox.kill()
  rmSync(folder, { recursive: true, force: true })
}
if (faults.length > 0) console.error(`\n${faults.join('\n\n')}`)
console.log(`\nThe tour ${faults.length === 0 ? 'ends with a closed usage file' : `fails: ${faults.length} faults`}.`)
process.exitCode = faults.length === 0 ? 0 : 1

async function runSteps (steps: readonly Step[], part: number): Promise<void> {
  for (const [index, { title, lines, code, expected }] of steps.entries()) {
    const printed: string[] = []
    for (const line of lines) {
      const { output, code } = await shell.run(adapt(line))
      console.log(`$ ${line}\n${output}`.trimEnd())
      printed.push(output)
      if (code !== 0) faults.push(`${title}\n  ${line}\n  ended with ${code}`)
    }
    const text = printed.join('').trimEnd()
    const isOther = options.workbook === undefined && expected !== null &&
      anonymous(text) !== anonymous(expected.trimEnd())
    if (isOther && options.update) {
      for (const [path, page] of pages) {
        const before = `${code}\`\`\`\n\n\`\`\`text\n`
        pages.set(path, page.replace(before + expected, () => `${before}${text}\n`))
      }
    } else if (isOther) {
      faults.push(`${title}\n  printed: ${text}\n  the page: ${expected.trimEnd()}`)
    }
    const milestone = part === 1 ? MILESTONES[index] : undefined
    if (milestone !== undefined && !milestone.test(text.split('\n').at(-1) ?? '')) {
      faults.push(`${title}\n  printed: ${text}\n  instead of ${String(milestone)}`)
    }
  }
}

function pageOf (path: string): string {
  return pages.get(path) ?? ''
}

/**
 * Gives the blocks of a page under a heading that are run, up to the next heading, each with the `text` block right
 * after it.
 */
function stepsOf (heading: string, of = pageOf(TOUR)): Step[] {
  const text = section(of, heading).split(/^#{2,} /m)[0] ?? ''
  const blocks = /([^\n]*)\n+```(sh|python|ts)\n([\s\S]*?)```(?:\n\n```text\n([\s\S]*?)```)?/g
  return [...text.matchAll(blocks)].map(
    ([, title = '', language = '', code = '', expected]) => ({
      title: `${heading}: ${title}`,
      lines: language === 'sh' ? code.trimEnd().replace(/\\\n\s*/g, '').split('\n') : [saved(language, code)],
      code,
      expected: expected ?? null
    })
  )
}

/** Saves a program, and gives the command that makes it ready to be run under its name. */
function saved (language: string, code: string): string {
  const path = join(folder, /^(?:#|\/\/) ([\w.-]+)/.exec(code)?.[1] ?? '')
  writeFileSync(path, adapt(code))
  if (language === 'python') return `test -s ${path}`
  // Node.js 20 does not run TypeScript.
  return `node_modules/.bin/esbuild --log-level=warning --format=esm --outfile=${path}.mjs ${path}`
}

/** Puts the addresses, the callers file and the day of this run into a line, and with `--workbook` another report. */
function adapt (line: string): string {
  const here = line
    // In one pass: the port of the service may itself begin with 4010.
    .replace(/127\.0\.0\.1:(3000|4010)\b/g, (_, known) => `127.0.0.1:${known === '3000' ? port : sandboxPort}`)
    .replace('./callers/callers.json', join(folder, 'callers.json'))
    // `npm run sandbox` has built it.
    .replace('npm run -s keys --', 'node dist/src/keys.js')
    .replace('--key 2026-11-21', `--key ${new Date().toISOString().slice(0, 10)}`)
  const { workbook, product = '', contract = '', from = '', to = '', currency } = options
  if (workbook === undefined) return here
  return here
    .replace('sandbox/samples/usage.xlsx', `'${resolve(workbook)}'`)
    .replace(/"productId":"[^"]*"/, `"productId":"${product}"`)
    .replace(/"contractId":"[^"]*"/, `"contractId":"${contract}"`)
    .replace(/"period":\{[^}]*\}/, `"period":{"from":"${from}","to":"${to}"}`)
    .replace(/,"currency":"[^"]*"/, currency === undefined ? '' : `,"currency":"${currency}"`)
}

/**
 * Gives a text without what differs from run to run: ids, how far Connect is after an upload, and spaces at the ends of
 * lines.
 */
function anonymous (text: string): string {
  return text
    .replace(/\bU[FR]C?(?:-\d+)+/g, 'ID')
    .replace(/^(?:uploading|uploaded|processing)$/gm, 'busy')
    .replace(/[ \t]+$/gm, '')
}

/** Stops the sandbox as Ctrl-C does: the whole process group gets SIGINT, and everything must end by itself. */
async function stop (): Promise<void> {
  process.kill(-sandbox.child.pid!, 'SIGINT')
  await sandbox.exits()
  const left = await fetch(`http://127.0.0.1:${sandboxPort}/public/v1/usage/files`).then(() => true, () => false)
  if (left) faults.push('the sandbox Connect goes on after Ctrl-C')
}
