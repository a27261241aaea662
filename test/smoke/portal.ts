/**
 * Follows docs/examples/portal.html in a real browser, on another origin than the service: a vendor uploads rows with
 * errors, then good ones, and submits; a provider accepts and closes. Part of `npm run check:client`, which builds the
 * client before. The environment variable `CHROMIUM` names the browser.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { PROVIDER_KEY, startBoth, VENDOR_KEY } from '../helper.ts'
import { launchChromium } from './chromium.ts'

/** The files that the server of the page gives, by path. */
const SERVED: Readonly<Record<string, { type: string, path: string }>> = {
  '/': { type: 'text/html', path: 'docs/examples/portal.html' },
  '/usage-client.js': { type: 'text/javascript', path: 'clients/typescript/dist/browser.js' }
}
const GOOD = readFileSync('sandbox/samples/usage.csv', 'utf8')
const COUNT = GOOD.trim().split('\n').length - 1
const BAD = GOOD.replace(/item\.mpn/, 'item.colour')

const teardowns: Array<() => unknown> = []
const scope = { teardown: (work: () => unknown) => teardowns.push(work) }
const faults: string[] = []
try {
  const lines = readFileSync('docs/examples/portal.html', 'utf8').trimEnd().split('\n').length
  if (lines > 60) faults.push(`docs/examples/portal.html has ${lines} lines, more than 60`)
  const portal = await servePortal()
  const { origin, sandbox } = await startBoth(scope, { processingMs: 50 }, { env: { CORS_ORIGINS: portal } })
  const page = await openPage()
  await page.goto(portal)
  const fileId = await createDraft(origin)
  await signIn(page, origin, VENDOR_KEY)
  await upload(page, fileId, BAD)
  await page.locator('#errors li').first().waitFor()
  console.log(`Rows with errors: ${await page.locator('#errors').innerText()}`)
  await upload(page, fileId, GOOD)
  await told(page, `${fileId} is ready.`)
  if (await page.locator('#progress').getAttribute('value') !== '1') faults.push('the progress does not end at 1')
  await act(page, fileId, 'submit', 'pending')
  await signIn(page, origin, PROVIDER_KEY)
  await act(page, fileId, 'accept', 'accepted')
  await page.locator('#billing').fill('INV-1')
  await act(page, fileId, 'close-records', 'accepted')
  await told(page, `${COUNT} records are closed, 0 are not.`)
  await act(page, fileId, 'close', 'closed')
  const records = [...sandbox.store.records.values()].filter(({ file }) => file.id === fileId)
  const billed = records.filter(({ status, billingId }) => status === 'closed' && billingId === 'INV-1')
  if (billed.length !== COUNT) faults.push(`Connect has ${billed.length} records with the billing id`)
  console.log(`The portal took ${fileId} from draft to closed.`)
} catch (error) {
  faults.push(error instanceof Error ? error.message : String(error))
} finally {
  for (const work of teardowns.reverse()) await work()
}
for (const fault of faults) console.error(`FAULT: ${fault}`)
process.exitCode = faults.length === 0 ? 0 : 1

async function servePortal (): Promise<string> {
  const server = createServer(({ url = '' }, response) => {
    const served = SERVED[url]
    if (served === undefined) response.writeHead(404).end()
    else response.setHeader('content-type', served.type).end(readFileSync(served.path))
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  scope.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function openPage (): Promise<Page> {
  const browser = await launchChromium()
  scope.teardown(async () => { await browser.close() })
  const page = await browser.newPage()
  page.setDefaultTimeout(20_000)
  page.on('pageerror', error => { faults.push(`page: ${error.message}`) })
  page.on('requestfailed', request => {
    // Chromium reports a stream with `no-store` as aborted although it was read to its end.
    if (request.url().endsWith('/records/close') && request.failure()?.errorText === 'net::ERR_ABORTED') return
    faults.push(`request failed: ${request.url()} ${request.failure()?.errorText ?? ''}`)
  })
  return page
}

async function createDraft (origin: string): Promise<string> {
  const answer = await fetch(`${origin}/v1/usage-files`, {
    method: 'POST',
    headers: { 'x-api-key': VENDOR_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'From the portal',
      productId: 'PRD-276-377-545',
      contractId: 'CRD-10000-20000-30000',
      period: { from: '2026-10-01', to: '2026-10-31' }
    })
  })
  return (await answer.json() as { id: string }).id
}

async function signIn (page: Page, origin: string, key: string): Promise<void> {
  await page.locator('input[name=baseUrl]').fill(origin)
  await page.locator('input[name=key]').fill(key)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('#told', { hasText: 'Signed in as' }).waitFor()
}

async function upload (page: Page, fileId: string, csv: string): Promise<void> {
  await page.locator('#table').setInputFiles({ name: 'usage.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
  await rowOf(page, fileId).getByRole('button', { name: 'upload' }).click()
}

/** Presses the button of an action, and waits for the status that the file then has. */
async function act (page: Page, fileId: string, action: string, status: string): Promise<void> {
  await rowOf(page, fileId).getByRole('button', { name: action, exact: true }).click()
  await rowOf(page, fileId).getByRole('cell', { name: status, exact: true }).waitFor()
}

function rowOf (page: Page, fileId: string) {
  return page.getByRole('row', { name: fileId })
}

async function told (page: Page, text: string): Promise<void> {
  await page.locator('#told', { hasText: text }).waitFor()
}
