import { readFileSync } from 'node:fs'
import type { Browser, BrowserContext, Page, Request } from 'playwright-core'
import { until as untilDeadline } from '../../helper.ts'

/** What went wrong in the pages, in words. A fault is printed at the end of the run. */
export const faults: string[] = []

/** The most milliseconds of each wait for a page. A busy machine needs several times as long as a free one. */
const DEADLINE_MS = 30_000
const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8')

export interface Visit {
  page: Page
  context: BrowserContext
  /** Every write that the browser has sent, in order, with its Idempotency-Key; null without one. */
  writes: Array<{ path: string, key: string | null }>
  /** Match the texts of faults that a scenario causes itself. Such faults are not reported. */
  expected: RegExp[]
}

/**
 * Opens an empty page. From then on it reports errors and warnings in the browser's log, errors of scripts, requests to
 * other origins, and violations of the content security policy.
 */
export async function visit (browser: Browser, origin: string): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true })
  const page = await context.newPage()
  page.setDefaultTimeout(DEADLINE_MS)
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

/**
 * The options of axe-core for each colour scheme. In the dark one only contrasts are checked: the other rules would
 * find the same again.
 */
const AXE_OPTIONS = {
  dark: '{ runOnly: ["color-contrast"], resultTypes: ["violations"] }', light: '{ resultTypes: ["violations"] }'
} as const

/**
 * Looks in a page for what keeps people out, such as low contrast (axe-core), in light and in dark. Reports each
 * violation; `name` tells there which page it is.
 */
export async function examine (page: Page, name: string): Promise<void> {
  for (const [colorScheme, options] of Object.entries(AXE_OPTIONS)) {
    await page.emulateMedia({ colorScheme: colorScheme as keyof typeof AXE_OPTIONS })
    if (await page.evaluate('window.axe === undefined') === true) await page.evaluate(AXE)
    const violations = await page.evaluate(`axe.run(${options}).then(({ violations }) => violations.map(v => ` +
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

/**
 * Opens the first file with a status in the list of files. Files with the text `hasNotText` in their link are left out.
 */
export async function openFirst (page: Page, status: string, hasNotText = 'no such text'): Promise<void> {
  await open(page, `#/files?status=${status}`)
  const list = page.getByRole('region', { name: 'Usage files' }).and(page.locator('[aria-busy=false]'))
  const others = page.locator('tbody .chip').filter({ hasNotText: new RegExp(`^${status}$`, 'i') })
  // Until the new list comes, the page shows the earlier one.
  await list.filter({ hasNot: others }).getByRole('link').filter({ hasNotText }).first().click()
}

export async function until (condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  await untilDeadline(condition, what, DEADLINE_MS)
}

/**
 * Waits until the page shows no problem: each part of a page removes its problem when its own request has succeeded.
 */
export async function expectNoProblem (page: Page, after: string): Promise<void> {
  await until(async () => await page.getByRole('alert').count() === 0, `the end of a problem after ${after}`)
}

export function expect (isTrue: boolean, what: string): void {
  if (!isTrue) faults.push(what)
}
