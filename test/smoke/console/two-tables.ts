import type { Browser, Page, Route } from 'playwright-core'
import { PROVIDER_KEY, VENDOR_KEY } from '../../helper.ts'
import { expect, open, openFirst, signIn, until, visit } from './browser.ts'
import { createFile } from './kept-rows.ts'
import { csvOf, usageRows } from './rows.ts'
import { fillHeader } from './vendor.ts'

interface Stage { browser: Browser, origin: string }

/** While one table is sent, a person chooses or sends another one: neither is lost or taken for the other. */
export async function twoTables ({ browser, origin }: Stage): Promise<void> {
  await reconcileTwo({ browser, origin })
  const { page, context, expected } = await visit(browser, origin)
  expected.push(/Failed to load resource.* 504 .*\/upload/)
  await signIn(page, origin, VENDOR_KEY)
  const fileId = await createFile(origin, 'Sent meanwhile')
  await firstFails(page, fileId)
  await firstSucceeds(page, fileId)
  await context.close()
}

async function reconcileTwo ({ browser, origin }: Stage): Promise<void> {
  const { page, context } = await visit(browser, origin)
  await signIn(page, origin, PROVIDER_KEY)
  await openFirst(page, 'accepted')
  await page.getByRole('link', { name: 'Reconciliations' }).click()
  const held = await hold(page, /\/reconciliation$/)
  await choose(page, 'first.csv', 1)
  await page.getByRole('button', { name: 'Close these records' }).click()
  await until(() => held.length === 1, 'the first table')
  await choose(page, 'second.csv', 2)
  await page.getByRole('button', { name: 'Sending…' }).waitFor()
  await held[0]!.fulfill({ status: 202, contentType: 'application/json', body: '{}' })
  await page.getByRole('button', { name: 'Close these records' }).waitFor()
  expect(await page.getByText('second.csv').count() === 1, 'a table that was not sent is no longer chosen')
  expect(await page.getByText('Sent.').count() === 0, 'a table that was not sent is said to be sent')
  await page.getByRole('button', { name: 'Close these records' }).click()
  await until(() => held.length === 2, 'the second table')
  await held[1]!.fulfill({ status: 202, contentType: 'application/json', body: '{}' })
  await page.getByText('Sent.').waitFor()
  await context.close()
}

/** Holds each POST to a path. */
async function hold (page: Page, path: RegExp): Promise<Route[]> {
  const held: Route[] = []
  await page.route(path, async (route) => {
    if (route.request().method() === 'POST') held.push(route)
    else await route.continue()
  })
  return held
}

async function choose (page: Page, name: string, rows: number): Promise<void> {
  await page.getByLabel('Drop a CSV or a workbook').setInputFiles({
    name, mimeType: 'text/csv', buffer: Buffer.from(csvOf(usageRows(rows)))
  })
}

/** The first upload fails while the second one runs: the tab still has the second one, which a visit goes on with. */
async function firstFails (page: Page, fileId: string): Promise<void> {
  const uploads = await hold(page, /\/upload(?:\?|$)/)
  await fillHeader(page, 'Sent first')
  await choose(page, 'first.csv', 2)
  await page.getByRole('button', { name: 'Create the file and upload 2 rows' }).click()
  await until(() => uploads.length === 1, 'the first upload')
  await uploadRows(page, fileId, 3)
  await until(() => uploads.length === 2, 'the second upload')
  // With this header the client does not send the request again.
  const headers = { 'content-type': 'application/problem+json', 'retry-after': '60' }
  const problem = { type: 'about:blank', title: 'No', status: 504, code: 'OUTCOME_UNKNOWN', detail: 'Unknown.' }
  await uploads[0]!.fulfill({ status: 504, headers, body: JSON.stringify(problem) })
  await until(async () => (await stored(page, 'writes')).includes('hasFailed'), 'the failure')
  await expectSending(page, fileId)
  await open(page, '#/report')
  await page.getByRole('heading', { name: '4. Upload' }).waitFor()
  await open(page, `#/report/${fileId}`)
  await until(() => uploads.length === 3, 'the second upload, once more')
  const [again, before] = [uploads[2]!.request(), uploads[1]!.request()]
  expect(again.url() === before.url(), `the upload goes on to ${again.url()}`)
  expect(again.postDataBuffer()?.equals(before.postDataBuffer()!) === true, 'the upload goes on with another table')
  await uploads[2]!.continue()
  await page.waitForURL(url => url.hash === `#/files/${fileId}`)
  await page.getByRole('button', { name: 'Submit' }).waitFor()
}

/** The first report goes on while the second upload runs: the tab still has the second one. */
async function firstSucceeds (page: Page, fileId: string): Promise<void> {
  const creates = await hold(page, /\/v1\/usage-files$/)
  const uploads = await hold(page, /\/upload(?:\?|$)/)
  await fillHeader(page, 'Created first')
  await choose(page, 'third.csv', 2)
  await page.getByRole('button', { name: 'Create the file and upload 2 rows' }).click()
  await until(() => creates.length === 1, 'the new file')
  await uploadRows(page, fileId, 4)
  await until(() => uploads.length === 1, 'the second upload')
  await creates[0]!.continue()
  await until(() => uploads.length === 2, 'the first upload')
  await expectSending(page, fileId)
  await uploads[1]!.continue()
  await until(async () => !(await stored(page, 'writes')).includes('third.csv'), 'the end of the first upload')
  await expectSending(page, fileId)
}

async function uploadRows (page: Page, fileId: string, rows: number): Promise<void> {
  await open(page, `#/report/${fileId}`)
  await page.getByRole('heading', { name: 'Upload rows' }).waitFor()
  await choose(page, 'second.csv', rows)
  await page.getByRole('button', { name: `Upload ${rows} rows` }).click()
}

async function stored (page: Page, name: string): Promise<string> {
  return String(await page.evaluate(`sessionStorage.getItem('usage-console.${name}')`))
}

async function expectSending (page: Page, fileId: string): Promise<void> {
  const sending = await stored(page, 'sending')
  expect(sending.includes(`"page":"${fileId}"`), `instead of the second upload the tab has ${sending}`)
}
