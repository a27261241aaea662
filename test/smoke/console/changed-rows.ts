import { readFileSync } from 'node:fs'
import type { Browser, Page, Route } from 'playwright-core'
import { VENDOR_KEY } from '../../helper.ts'
import { expect, signIn, until, visit, type Visit } from './browser.ts'
import { csvOf, usageRows } from './rows.ts'
import { fillHeader } from './vendor.ts'

/**
 * A vendor changes the table, its cells and the period after a check: only rows that were checked last are uploaded.
 */
export async function rowsChange ({ browser, origin }: { browser: Browser, origin: string }): Promise<void> {
  const vendor = await visit(browser, origin)
  const { page } = vendor
  await signIn(page, origin, VENDOR_KEY)
  await fillHeader(page, 'October, corrected')
  await dropWorkbook(page)
  await changeTable(page)
  await correctCells(page)
  const fileId = await uploadAfterRefusal(vendor)
  const response = await fetch(`${origin}/v1/usage-files/${fileId}/files/uploaded?format=json`, {
    headers: { 'x-api-key': VENDOR_KEY }
  })
  const { rows } = await response.json() as { rows: Array<{ quantity: string, amount: string }> }
  const sent = rows.slice(0, 2).map(({ quantity, amount }) => `${quantity} ${amount}`).join(', ')
  expect(rows.length === 4 && sent === '0.5 2.50, 6.5 2.25', `${rows.length} rows were uploaded, first ${sent}`)
  await vendor.context.close()
}

async function choose (page: Page, name: string, rows: readonly string[][]): Promise<void> {
  await page.getByLabel('Drop a CSV or a workbook').setInputFiles({
    name, mimeType: 'text/csv', buffer: Buffer.from(csvOf(rows))
  })
}

/** Drops a workbook in the page: its items and its subscriptions are looked up, as those of a CSV are. */
async function dropWorkbook (page: Page): Promise<void> {
  const base64 = readFileSync('sandbox/samples/usage.xlsx').toString('base64')
  const dataTransfer = await page.evaluateHandle(`(() => {
    const bytes = Uint8Array.from(atob('${base64}'), letter => letter.charCodeAt(0))
    const transfer = new DataTransfer()
    transfer.items.add(new File([bytes], 'usage.xlsx'))
    return transfer
  })()`)
  await page.locator('.drop').dispatchEvent('drop', { dataTransfer })
  await page.getByText('Rows from usage.xlsx').waitFor()
  await page.getByText('All 6 rows passed the check').waitFor()
  expect(await page.getByText('were not checked').count() === 0, 'a part of the workbook was not checked')
}

/** Chooses a second table while the first one is checked: the first check is aborted, and the second one counts. */
async function changeTable (page: Page): Promise<void> {
  const checks: Route[] = []
  let aborted = 0
  page.on('requestfailed', request => { if (request.url().includes('/usage-check')) aborted += 1 })
  await page.route(/\/usage-check\?/, async (route) => {
    checks.push(route)
    if (checks.length > 1) await route.continue()
  })
  await choose(page, 'first.csv', usageRows(5))
  await until(() => checks.length === 1, 'the first check')
  await choose(page, 'second.csv', usageRows(3))
  await page.getByText('All 3 rows passed the check').waitFor()
  await page.getByRole('button', { name: 'Create the file and upload 3 rows' }).waitFor()
  await until(() => aborted === 1, 'the end of the first check')
  await page.unroute(/\/usage-check\?/)
}

async function correctCells (page: Page): Promise<void> {
  const rows = usageRows(4)
  rows[1]![6] = '-1.00'
  rows[2]![2] = 'six'
  await choose(page, 'wrong.csv', rows)
  await page.getByText('1 of 4 rows have errors').waitFor()
  await change(page, 'quantity of row 3', '')
  expect(await page.getByLabel('quantity of row 3').inputValue() === '', 'a cleared cell shows its old value')
  await change(page, 'quantity of row 3', '6.5')
  await page.getByRole('button', { name: 'again' }).click()
  await page.getByRole('heading', { name: 'Remarks' }).waitFor()
  const upload = page.getByRole('button', { name: /^Create the file and upload/ })
  expect(await upload.isEnabled(), 'rows with remarks cannot be uploaded')
  await change(page, 'amount of row 2', '2.50')
  await page.getByText('Something has changed since this check').waitFor()
  expect(await upload.isDisabled(), 'rows can be uploaded that were not checked')
  // With another period the corrected rows are checked again, not the table that was chosen.
  await page.getByLabel('Period to').fill('2026-10-30')
  await page.getByText('All 4 rows passed the check').waitFor()
  await page.getByRole('heading', { name: 'Remarks' }).waitFor({ state: 'detached' })
}

async function change (page: Page, cell: string, value: string): Promise<void> {
  await page.getByLabel(cell).fill(value)
  await page.getByLabel(cell).blur()
}

/**
 * Lets two uploads fail. The first one is refused: the page shows the header of the file that it has created. The
 * outcome of the second one is not known: the person decides that it goes on, which it does with the same key.
 */
async function uploadAfterRefusal (vendor: Visit): Promise<string> {
  const { page, writes } = vendor
  await failUpload(vendor, 409, 'ACTION_NOT_POSSIBLE', /^Create the file and upload/)
  expect(await page.getByLabel('Name of the report').count() === 0, 'the header of a file that exists can be changed')
  await page.getByRole('button', { name: 'Begin a new file instead' }).waitFor()
  await page.getByText('has this header').waitFor()
  await failUpload(vendor, 504, 'OUTCOME_UNKNOWN', 'Upload 4 rows')
  await page.reload()
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.waitForURL(/#\/files\/UF-/)
  const [refused, failed, ...others] = writes.filter(({ path }) => path.endsWith('/upload')).map(({ key }) => key)
  expect(others.length === 1 && others[0] === failed && failed !== refused, 'the upload does not go on with its key')
  return /UF-[\d-]+/.exec(page.url())![0]
}

async function failUpload (
  { page, expected }: Visit, status: number, code: string, button: string | RegExp
): Promise<void> {
  expected.push(new RegExp(`Failed to load resource.* ${status} .*/upload`))
  const problem = { type: 'about:blank', title: code, status, code, detail: 'Not now.' }
  await page.route(/\/upload(?:\?|$)/, async (route) => {
    // With 504 the client would send the request again, but it does not wait for 60 s. With 409 this header would mean
    // that an earlier send is under way.
    const headers = status === 504 ? { 'retry-after': '60' } : {}
    await route.fulfill({
      status, headers: { ...headers, 'content-type': 'application/problem+json' }, body: JSON.stringify(problem)
    })
  }, { times: 1 })
  await page.getByRole('button', { name: button }).click()
  await page.getByRole('alert').getByText(code).waitFor()
}
