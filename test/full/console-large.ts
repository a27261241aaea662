/**
 * Part of `npm run test:full`: a file of 100,000 records in the console, in Chromium. A vendor corrects, uploads and
 * submits it; a provider pages, downloads, reconciles and closes its records. Prints how long each step takes; fails
 * when the page does not react, when the tab holds too much memory, and when a record is lost or closed twice. The
 * environment variable `ROWS` sets another number of records.
 */
import type { Page } from 'playwright-core'
import type { StartedSandbox } from '../../sandbox/test/helper.ts'
import { PROVIDER_KEY, startBoth, VENDOR_KEY } from '../helper.ts'
import { launchChromium } from '../smoke/chromium.ts'
import { expect, faults, open, signIn, until, visit, type Visit } from '../smoke/console/browser.ts'
import { csvOf, usageRows } from '../smoke/console/rows.ts'
import { fillHeader } from '../smoke/console/vendor.ts'
import { choose, download, shown, step, watchFreezes } from './console-measure.ts'

const ROWS = Number(process.env['ROWS'] ?? 100_000)
const ALL = shown(ROWS)
const RECONCILED = ROWS / 2
/** The number of the last row in a spreadsheet, in which row 1 is the header. */
const LAST = ROWS + 1

async function vendorReports (vendor: Visit, origin: string): Promise<string> {
  const { page } = vendor
  await watchFreezes(vendor)
  await signIn(page, origin, VENDOR_KEY)
  await fillHeader(page, 'Large')
  const rows = usageRows(ROWS)
  rows[102]![2] = 'six'
  rows[ROWS]![3] = '2026-10-32 00:00:00'
  await step(page, 'check of a CSV', async () => {
    await choose(page, 'october.csv', csvOf(rows))
    await page.getByText(`2 of ${ALL} rows have errors`).waitFor()
  })
  await step(page, 'two cells corrected', async () => {
    await correct(page, 'quantity of row 103', '6.5')
    // With this start the row ends before it begins: the check of the service only remarks on it, but Connect refuses
    // it.
    await correct(page, `start_time_utc of row ${LAST}`, '2026-10-31 00:00:00')
  })
  await step(page, 'marked workbook', async () => { await download(page, /^Marked workbook/) })
  await checkAgain(page)
  const fileId = await upload(page, /^Create the file and upload/)
  await correctInvalid(page)
  await page.getByRole('button', { name: 'Submit' }).waitFor()
  await step(page, 'totals', async () => {
    await page.getByRole('button', { name: `Add up ${ALL} records` }).click()
    await page.getByRole('region', { name: 'Totals by item' }).waitFor()
  })
  await lookAtRecords(page, fileId)
  await page.getByRole('button', { name: 'Submit' }).click()
  await step(page, 'submit', async () => {
    await page.getByRole('dialog').getByRole('button', { name: 'Submit' }).click()
    await page.getByText('Waits for the provider').waitFor()
  })
  await vendor.context.close()
  return fileId
}

/**
 * Connect has found an error in the last row. This corrects its cell in the rows of the file, and uploads the rows
 * again.
 */
async function correctInvalid (page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Errors' }).click()
  await step(page, 'errors', async () => { await page.getByText('Of rows after row').waitFor() })
  await page.getByRole('link', { name: 'Correct the rows' }).click()
  await step(page, 'rows of the file', async () => {
    await page.getByRole('button', { name: /^Take the rows/ }).click()
    await page.getByRole('heading', { name: 'Remarks' }).waitFor()
  })
  await correct(page, `end_time_utc of row ${LAST}`, '2026-10-31 23:59:59')
  await checkAgain(page)
  await upload(page, /^Upload /)
}

async function correct (page: Page, cell: string, value: string): Promise<void> {
  await page.getByLabel(cell).fill(value)
  await page.getByLabel(cell).blur()
}

async function checkAgain (page: Page): Promise<void> {
  await step(page, 'check of corrected rows', async () => {
    await page.getByRole('button', { name: `Check ${ALL} rows again` }).click()
    await page.getByText(`All ${ALL} rows passed the check`).waitFor()
  })
}

/** Uploads the rows, and waits until Connect has checked them. Gives the id of the usage file. */
async function upload (page: Page, button: RegExp): Promise<string> {
  await step(page, 'upload', async () => {
    await page.getByRole('button', { name: button }).click()
    await page.waitForURL(/#\/files\/UF-/)
  })
  const chip = page.locator('.head .chip').filter({ hasText: /Ready|Invalid/ })
  await step(page, 'Connect has checked', async () => { await chip.waitFor() })
  return /UF-[\d-]+/.exec(page.url())![0]
}

async function lookAtRecords (page: Page, fileId: string): Promise<void> {
  const records = async (name: string, act: () => Promise<unknown>, shows: string): Promise<void> => {
    await step(page, name, async () => {
      await act()
      await page.getByText(shows, { exact: true }).waitFor()
    })
  }
  const press = (name: string | RegExp) => async (): Promise<void> => await page.getByRole('button', { name }).click()
  await open(page, `#/files/${fileId}`)
  const tab = page.getByRole('link', { name: 'Records', exact: true })
  await tab.waitFor()
  await records('first page of records', async () => { await tab.click() }, `1 to 50 of ${ALL}`)
  await records('next page', press('Next'), `51 to 100 of ${ALL}`)
  await records('last page', press('Last'), `${shown(ROWS - 49)} to ${ALL} of ${ALL}`)
  await records('another order', press(/^Used/), `1 to 50 of ${ALL}`)
  await page.getByRole('searchbox', { name: 'Subscription' }).fill('AS-5501-1000-0002')
  await records('one subscription', async () => { await page.keyboard.press('Enter') }, `1 to 50 of ${shown(ROWS / 4)}`)
  const status = page.getByLabel('Status')
  await records('one status', async () => { await status.selectOption('rejected') }, 'No record matches.')
  await open(page, `#/files/${fileId}`)
}

async function providerBills (provider: Visit, origin: string, fileId: string): Promise<void> {
  const { page } = provider
  await watchFreezes(provider)
  await signIn(page, origin, PROVIDER_KEY)
  await open(page, `#/files/${fileId}`)
  await page.getByRole('button', { name: 'Accept', exact: true }).click()
  await step(page, 'accept', async () => {
    await page.getByRole('dialog').getByRole('button', { name: 'Accept', exact: true }).click()
    await page.locator('.head .chip', { hasText: 'Accepted' }).waitFor()
  })
  await lookAtRecords(page, fileId)
  for (const form of ['XLSX', 'CSV', 'NDJSON', 'JSON']) {
    await step(page, `download as ${form}`, async () => {
      const bytes = await download(page, new RegExp(`^Processed workbook as ${form}`))
      const lines = bytes.toString().split('\n').length
      expect(!['CSV', 'NDJSON'].includes(form) || lines >= ROWS, `${form} has ${lines} lines`)
    })
  }
  let ids: string[] = []
  await open(page, `#/files/${fileId}/records`)
  await step(page, 'export of the records', async () => {
    const [, ...lines] = (await download(page, /^Export/)).toString().trimEnd().split('\n')
    ids = lines.map(line => line.split(',', 1)[0] ?? '')
    expect(new Set(ids).size === ROWS, `the export has ${new Set(ids).size} records`)
  })
  await reconcile(page, fileId, ids)
  await closeRecords(page, fileId)
  await provider.context.close()
}

/** Gives half of the records their billing ids by a table. */
async function reconcile (page: Page, fileId: string, ids: readonly string[]): Promise<void> {
  await open(page, `#/files/${fileId}/reconciliations`)
  const lines = ids.slice(0, RECONCILED).map(id => `${id},INV-TABLE,October`)
  await choose(page, 'billed.csv', ['record_id,external_billing_id,external_billing_note', ...lines].join('\n'))
  await step(page, 'reconciliation', async () => {
    await page.getByRole('button', { name: 'Close these records' }).click()
    await page.locator('article .chip', { hasText: 'Processed' }).first().waitFor()
  })
}

/** Closes the other half with one billing id: it is stopped once, and then goes on to the end. */
async function closeRecords (page: Page, fileId: string): Promise<void> {
  await open(page, `#/files/${fileId}/close`)
  await page.getByText(`${shown(ROWS - RECONCILED)} records can be closed now`).waitFor()
  await page.getByLabel('Billing id').fill('INV-REST')
  await page.getByRole('button', { name: /^Close \d.* records$/ }).click()
  await step(page, 'closing, stopped', async () => {
    await page.getByRole('dialog').getByRole('button', { name: /^Close / }).click()
    await until(async () => await page.evaluate('document.querySelector("progress")?.value > 0') === true, 'progress')
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('was interrupted').waitFor()
  })
  await step(page, 'closing the rest', async () => {
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText(/records closed\.$/).waitFor()
  })
  await page.getByText('0 records can be closed now').waitFor()
}

function lookAtConnect ({ store, ledger }: StartedSandbox): void {
  const records = [...store.records.values()]
  for (const [billingId, number] of [['INV-TABLE', RECONCILED], ['INV-REST', ROWS - RECONCILED]] as const) {
    const closed = records.filter(record => record.billingId === billingId && record.status === 'closed').length
    expect(closed === number, `${closed} records are closed with ${billingId} instead of ${number}`)
  }
  const uploads = ledger.entries.filter(({ path, complete }) => complete && path.endsWith('/upload')).length
  expect(uploads === 2, `${uploads} uploads reached Connect instead of 2`)
}

const teardowns: (() => unknown)[] = []
try {
  // The sandbox runs in this process. While it reads 100,000 rows it answers no request, so the service gets a long
  // CONNECT_TIMEOUT_MS.
  const { origin, sandbox } = await startBoth(
    { teardown: work => teardowns.push(work) }, { processingMs: 500 }, { env: { CONNECT_TIMEOUT_MS: '60000' } }
  )
  const browser = await launchChromium()
  teardowns.push(async () => { await browser.close() })
  const fileId = await vendorReports(await visit(browser, origin), origin)
  await providerBills(await visit(browser, origin), origin, fileId)
  lookAtConnect(sandbox)
} catch (error) {
  faults.push(error instanceof Error ? error.stack ?? error.message : String(error))
} finally {
  for (const work of teardowns.reverse()) await work()
}
for (const fault of faults) console.error(`FAULT: ${fault}`)
process.exitCode = faults.length === 0 ? 0 : 1
