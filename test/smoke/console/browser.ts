import { readFileSync } from 'node:fs'
import type { Browser, BrowserContext, Page, Request } from 'playwright-core'

/** What went wrong in the pages. Each text names where. */
export const faults: string[] = []

const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8')

export interface Visit {
  page: Page
  context: BrowserContext
  /** Every write that the browser has sent, with its Idempotency-Key. */
  writes: Array<{ path: string, key: string | null }>
  /** Faults of the page that the scenario makes itself; they are no faults of the console. */
  expected: RegExp[]
}

/** Opens a page that reports errors of the console, requests to other hosts, and violations of the policy. */
export async function visit (browser: Browser, origin: string): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const expected: RegExp[] = []
  const writes: Visit['writes'] = []
  const report = (text: string): void => { if (!expected.some(one => one.test(text))) faults.push(text) }
  page.on('console', message => {
    if (!['error', 'warning'].includes(message.type())) return
    report(`console ${message.type()}: ${message.text()} ${message.location().url}`)
  })
  page.on('pageerror', error => { report(`page: ${error.stack ?? error.message}`) })
  page.on('request', (request) => {
    const { origin: to, pathname } = new URL(request.url())
    if (to !== origin) report(`request to another host: ${request.url()}`)
    if (isWrite(request)) writes.push({ path: pathname, key: request.headers()['idempotency-key'] ?? null })
  })
  await page.exposeFunction('reportViolation', (text: string) => { report(`content security policy: ${text}`) })
  await page.addInitScript(
    'document.addEventListener("securitypolicyviolation", event => reportViolation([event.violatedDirective, ' +
    'event.blockedURI, event.sourceFile, event.lineNumber].join(" ")))'
  )
  return { page, context, writes, expected }
}

function isWrite (request: Request): boolean {
  return !['GET', 'HEAD'].includes(request.method())
}

/** Looks for what keeps people out (axe-core), in light and in dark. */
export async function examine (page: Page, name: string): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.evaluate(AXE)
    const violations = await page.evaluate('axe.run().then(({ violations }) => violations.map(v => ' +
      'v.id + ": " + v.help + " " + v.nodes.slice(0, 2).map(n => n.html.slice(0, 160)).join(" | ")))') as string[]
    for (const violation of violations) faults.push(`axe on ${name}, ${colorScheme}: ${violation}`)
  }
}

export async function signIn (page: Page, origin: string, key: string): Promise<void> {
  await page.goto(`${origin}/`)
  await page.getByRole('textbox', { name: 'Partner key' }).fill(key)
  await page.getByRole('checkbox').check()
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Usage files' }).waitFor()
}

/** Goes to an address of the console without loading the page again. */
export async function open (page: Page, address: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(address)}`)
}

export function expect (isTrue: boolean, what: string): void {
  if (!isTrue) faults.push(what)
}
