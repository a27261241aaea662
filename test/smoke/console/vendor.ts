import type { Browser, Page } from 'playwright-core'
import type { StartedSandbox } from '../../../sandbox/test/helper.ts'
import { VENDOR_KEY } from '../../helper.ts'
import { examine, expect, openFirst, signIn, until, visit, type Visit } from './browser.ts'
import type { Shoot } from './run.ts'
import { csvOf, usageRows, withMistakes } from './rows.ts'

export const ROWS = 5_000

interface Stage { browser: Browser, origin: string, sandbox: StartedSandbox, shoot: Shoot }

/**
 * A vendor signs in, corrects a bad file, uploads it over a broken connection and a reload, and submits it. Gives the
 * id of the file.
 */
export async function vendorReports ({ browser, origin, sandbox, shoot }: Stage): Promise<string> {
  const vendor = await visit(browser, origin)
  const { page } = vendor
  await refuseWrongKey(vendor, origin, shoot)
  await examine(page, 'sign in')
  await signIn(page, origin, VENDOR_KEY)
  await lookAtFiles(page, shoot)
  await fillReport(page, shoot)
  const fileId = await uploadInterrupted(vendor, sandbox)
  await submitInterrupted(vendor, fileId, sandbox, shoot)
  await correctInvalidFile(vendor, shoot)
  await vendor.context.close()
  return fileId
}

async function refuseWrongKey ({ page, expected }: Visit, origin: string, shoot: Shoot): Promise<void> {
  expected.push(/Failed to load resource.* 401 .*\/v1\/me/)
  await page.goto(`${origin}/`)
  expect(page.url() === `${origin}/console`, `/ leads to ${page.url()}`)
  await shoot(page, 'sign-in')
  await page.getByRole('textbox', { name: 'Partner key' }).fill('not-a-key')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').getByText('UNAUTHENTICATED').waitFor()
  expect(!page.url().includes('not-a-key'), 'the key stands in the address')
}

async function lookAtFiles (page: Page, shoot: Shoot): Promise<void> {
  await page.getByRole('cell').first().waitFor()
  await page.getByRole('group', { name: 'Statuses' }).getByRole('button').nth(1).waitFor()
  await shoot(page, 'files')
  await examine(page, 'files')
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: /^Export/ }).click()
  expect((await download).suggestedFilename() === 'usage-files.csv', 'the list is not exported')
  await page.getByRole('button', { name: /^Ready/ }).click()
  await page.waitForURL(/status=ready/)
  await page.getByRole('searchbox').fill('no such file')
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByText('No usage file matches.').waitFor()
}

/** Opens the page for a new report, and fills its header. */
export async function fillHeader (page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages of the console' }).getByText('Report usage').click()
  // The list of files has a field "Product", too.
  await page.getByRole('heading', { name: 'Report usage' }).waitFor()
  await page.getByLabel('Product').selectOption('PRD-276-377-545')
  await page.getByLabel('Contract').selectOption('CRD-10000-20000-30000')
  await page.getByLabel('Name of the report').fill(name)
  await page.getByLabel('Period from').fill('2026-10-01')
  await page.getByLabel('Period to').fill('2026-10-31')
  await page.getByLabel('Currency').fill('USD')
}

async function fillReport (page: Page, shoot: Shoot): Promise<void> {
  await fillHeader(page, 'October by hand')
  await page.getByLabel('Drop a CSV or a workbook').setInputFiles({
    name: 'october.csv', mimeType: 'text/csv', buffer: Buffer.from(csvOf(withMistakes(usageRows(ROWS))))
  })
  await page.getByText('3 of 5\u202f000 rows have errors').waitFor()
  await page.locator('.faulty').first().scrollIntoViewIfNeeded()
  await shoot(page, 'check')
  await examine(page, 'report usage')
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: /^Marked workbook/ }).click()
  expect((await download).suggestedFilename() === 'october-marked.xlsx', 'the check gives no marked workbook')
  for (const [cell, value] of [
    ['quantity of row 103', '6.5'],
    ['quantity of row 706', '9.5'],
    ['start_time_utc of row 1201', '2026-10-22 00:00:00']
  ] as const) {
    await page.getByLabel(cell).fill(value)
    await page.getByLabel(cell).blur()
  }
  await page.getByRole('button', { name: 'again' }).click()
  await page.getByText('All 5\u202f000 rows passed the check').waitFor()
}

/** The first upload meets a broken connection, the second a reload; the third arrives. All have the same key. */
async function uploadInterrupted ({ page, writes, expected }: Visit, sandbox: StartedSandbox): Promise<string> {
  expected.push(/Failed to load resource: net::ERR_.*\/upload/)
  let uploads = 0
  await page.route(/\/upload(?:\?|$)/, async (route) => {
    uploads += 1
    if (uploads === 1) return await route.abort('connectionreset')
    // The second upload gets no answer.
    if (uploads > 2) await route.continue()
  })
  await page.getByRole('button', { name: /^Create the file and upload/ }).click()
  await until(() => uploads === 2, 'the second upload')
  await page.reload()
  await page.waitForURL(/#\/files\/UF-/)
  const fileId = /UF-[\d-]+/.exec(page.url())![0]
  const keys = new Set(writes.filter(({ path }) => path.endsWith('/upload')).map(({ key }) => key))
  expect(uploads === 3, `${uploads} uploads were sent instead of 3`)
  expect(keys.size === 1 && !keys.has(null), `the uploads had the keys ${[...keys].join()}`)
  const arrived = sandbox.ledger.entries.filter(({ path, complete }) => complete && path.endsWith('/upload'))
  expect(arrived.length === 1, `${arrived.length} uploads reached Connect instead of one`)
  const created = sandbox.ledger.entries.filter(({ method, path }) =>
    method === 'POST' && path.endsWith('/usage/files'))
  expect(created.length === 1, `${created.length} files were created instead of one`)
  return fileId
}

/** The page is loaded again while the answer to the submit is on its way: the file is submitted once. */
async function submitInterrupted (
  { page, writes }: Visit, fileId: string, sandbox: StartedSandbox, shoot: Shoot
): Promise<void> {
  await page.getByRole('button', { name: 'Submit' }).waitFor()
  await shoot(page, 'file')
  await examine(page, 'a file')
  let submits = 0
  let hasArrived = false
  await page.route(/\/submit$/, async (route) => {
    submits += 1
    if (submits > 1) return await route.continue()
    await route.fetch()
    hasArrived = true
  })
  await page.getByRole('button', { name: 'Submit' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('26\u202f240.00 USD').first().waitFor()
  await shoot(page, 'submit')
  await examine(page, 'submit')
  await dialog.getByRole('button', { name: 'Submit' }).click()
  await until(() => hasArrived, 'the first submit')
  await page.reload()
  await page.getByText('Waits for the provider').waitFor()
  await until(() => submits === 2, 'the second submit')
  const keys = new Set(writes.filter(({ path }) => path.endsWith('/submit')).map(({ key }) => key))
  expect(submits === 2 && keys.size === 1, `${submits} submits with ${keys.size} keys`)
  const sent = sandbox.ledger.entries.filter(({ path }) => path.endsWith(`${fileId}/submit`))
  expect(sent.length === 1, `Connect got ${sent.length} submits instead of one`)
  for (const part of ['Records', 'History']) {
    await page.getByRole('link', { name: part, exact: true }).click()
    await page.getByRole('heading', { name: part }).waitFor()
    await page.locator('tbody td, .history li').first().waitFor()
    await examine(page, part)
  }
}

/**
 * Opens a file in which Connect has found errors: they stand beside the cells, come as a marked workbook, and can be
 * corrected.
 */
async function correctInvalidFile ({ page }: Visit, shoot: Shoot): Promise<void> {
  await openFirst(page, 'invalid')
  await page.getByRole('link', { name: 'Errors' }).click()
  await page.locator('.faulty').first().waitFor()
  await shoot(page, 'errors')
  await examine(page, 'errors')
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: /^Marked workbook/ }).click()
  expect((await download).suggestedFilename().endsWith('-marked.xlsx'), 'no marked workbook')
  await page.getByRole('link', { name: 'Correct the rows' }).click()
  await page.getByRole('button', { name: /^Take the rows/ }).click()
  await page.getByText('Cells to correct').waitFor()
  expect(await page.locator('.faulty input').count() > 0, 'no faulty cell can be corrected')
}
