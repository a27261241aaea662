/**
 * `npm run check:docs [-- <screenshot.png>]`: a person's way through Swagger UI in a real browser. Authorises, uploads
 * a workbook by "Try it out", and looks in the sandbox's ledger for what arrived. The environment variable `CHROMIUM`
 * names the browser.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { asVendor, startBoth, VENDOR_KEY } from '../helper.ts'
import { launchChromium } from './chromium.ts'

/** The height of the browser's window in pixels, and the greatest height that an operation in the page may have. */
const MAX_HEIGHT = 1600
const SAMPLE = 'sandbox/samples/usage.xlsx'
const [screenshot = join(tmpdir(), 'connect-usage-bff-docs.png')] = process.argv.slice(2)

const teardowns: (() => unknown)[] = []
const scope = { teardown: (work: () => unknown) => teardowns.push(work) }
const faults: string[] = []
try {
  const { origin, sandbox } = await startBoth(scope, { processingMs: 50 })
  const browser = await launchChromium()
  scope.teardown(async () => { await browser.close() })
  const page = await browser.newPage({ viewport: { width: 1280, height: MAX_HEIGHT } })
  await watch(page, faults)

  const fileId = await createDraft(origin)
  await page.goto(`${origin}/docs`)
  await authorise(page)
  for (const id of ['submitUsageFile', 'downloadProcessedUsageFile']) await lookAt(page, id)
  await uploadByHand(page, fileId)
  // To hide the caret, Playwright would add a style that the page's policy rightly blocks.
  await page.screenshot({ path: resolve(screenshot), caret: 'initial' })

  const sha256 = createHash('sha256').update(await readFile(SAMPLE)).digest('hex')
  const arrived = sandbox.ledger.entries.filter(entry => entry.path.endsWith(`/usage/files/${fileId}/upload`))
  if (arrived.length !== 1) faults.push(`${arrived.length} uploads reached Connect instead of one`)
  if (arrived[0]?.complete !== true || arrived[0].file?.sha256 !== sha256) {
    faults.push(`not the whole file reached Connect: ${JSON.stringify(arrived[0]?.file)}`)
  }
  console.log(
    `Uploaded ${SAMPLE} through /docs; Connect has it whole (sha256 ${sha256.slice(0, 16)}…). ` +
      `Screenshot: ${screenshot}`
  )
} catch (error) {
  faults.push(error instanceof Error ? error.message : String(error))
} finally {
  for (const work of teardowns.reverse()) await work()
}
for (const fault of faults) console.error(`FAULT: ${fault}`)
process.exitCode = faults.length === 0 ? 0 : 1

/**
 * Notes a fault for each error and warning of the page, each failed request, each answer from status 400 on, and each
 * violation of the content security policy.
 */
async function watch (page: Page, faults: string[]): Promise<void> {
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') {
      faults.push(`console ${message.type()}: ${message.text()}`)
    }
  })
  page.on('pageerror', (error) => { faults.push(`page: ${error.message}`) })
  page.on('requestfailed', request => {
    faults.push(`request failed: ${request.url()} ${request.failure()?.errorText ?? ''}`)
  })
  page.on('response', response => {
    if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`)
  })
  await page.exposeFunction('reportViolation', (text: string) => { faults.push(`content security policy: ${text}`) })
  await page.addInitScript(
    'document.addEventListener("securitypolicyviolation", event => reportViolation([event.violatedDirective, ' +
    'event.blockedURI, event.sourceFile, event.lineNumber].join(" ")))'
  )
}

async function createDraft (origin: string): Promise<string> {
  const body = {
    name: 'From the docs',
    productId: 'PRD-276-377-545',
    contractId: 'CRD-10000-20000-30000',
    period: { from: '2026-10-01', to: '2026-10-31' }
  }
  const answer = await fetch(`${origin}/v1/usage-files`, {
    method: 'POST',
    headers: { ...asVendor, 'content-type': 'application/json' },
    body: JSON.stringify(body)
  })
  return (await answer.json() as { id: string }).id
}

async function authorise (page: Page): Promise<void> {
  await page.locator('button.authorize').first().click()
  const dialog = page.locator('.modal-ux')
  const partnerKey = dialog.locator('form').filter({ hasText: 'X-API-Key' })
  await partnerKey.locator('input').fill(VENDOR_KEY)
  await partnerKey.locator('button[type=submit]').click()
  await dialog.getByText('Authorized').waitFor()
  await partnerKey.locator('button.btn-done').click()
}

/**
 * Notes a fault when an operation is higher than the window, and when it has an "XML example", which no workbook has.
 */
async function lookAt (page: Page, operationId: string): Promise<void> {
  const operation = page.locator(`[id$="-${operationId}"]`)
  await operation.locator('.opblock-summary-control').click()
  await operation.locator('.responses-table').waitFor()
  const height = (await operation.boundingBox())?.height ?? Infinity
  if (height > MAX_HEIGHT) faults.push(`${operationId} is ${Math.round(height)} pixels high`)
  if ((await operation.innerText()).includes('XML example')) faults.push(`${operationId} shows an XML example`)
  await operation.locator('.opblock-summary-control').click()
}

async function uploadByHand (page: Page, fileId: string): Promise<void> {
  const operation = page.locator('[id$="-uploadUsageFile"]')
  await operation.locator('.opblock-summary-control').click()
  await operation.locator('button.try-out__btn').click()
  await operation.locator('tr[data-param-name=fileId] input').fill(fileId)
  await operation.locator('.opblock-section-request-body select').selectOption('multipart/form-data')
  await operation.locator('input[type=file]').setInputFiles(SAMPLE)
  await operation.locator('button.execute').click()
  const live = operation.locator('.live-responses-table .response .response-col_status')
  await live.waitFor()
  const status = (await live.innerText()).trim()
  if (!status.startsWith('202')) {
    throw new Error(`"Try it out" answered ${status}: ${await operation.locator('.live-responses-table').innerText()}`)
  }
  await operation.scrollIntoViewIfNeeded()
  await live.scrollIntoViewIfNeeded()
}
