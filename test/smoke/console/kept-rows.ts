import { isDeepStrictEqual } from 'node:util'
import { writeXlsx } from 'hucre/xlsx'
import type { Browser, Page } from 'playwright-core'
import { VENDOR_KEY } from '../../helper.ts'
import { expect, open, signIn, visit } from './browser.ts'
import { usageRows } from './rows.ts'
import { fillHeader } from './vendor.ts'

const CATEGORY = { category_id: 'C1', category_name: 'Compute', category_description: 'Machines' }
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

interface Stage { browser: Browser, origin: string }

/** Rows keep their categories when they are corrected. An error is shown in its row, also after an empty one. */
export async function rowsAreKept ({ browser, origin }: Stage): Promise<void> {
  const { page, context } = await visit(browser, origin)
  await signIn(page, origin, VENDOR_KEY)
  const fileId = await reportCategories(page, origin)
  await takeRowsAgain(page, origin, fileId)
  await errorsAfterEmptyRow(page, origin)
  await context.close()
}

/**
 * First two rows have an unknown column each. The page shows these errors of the header and keeps the rows. Then the
 * rows have one wrong cell, which is corrected.
 */
async function reportCategories (page: Page, origin: string): Promise<string> {
  await fillHeader(page, 'October in categories')
  const [columns = [], ...rows] = usageRows(3)
  const lines = rows.map((cells, at) => ({
    ...Object.fromEntries(cells.map((text, column) => [columns[column], text])),
    category_id: CATEGORY.category_id,
    ...(at === 0 && { quantity: 'six' })
  }))
  const [one, two, three] = lines
  await choose(page, [{ category: CATEGORY }, { ...one, colour: 'red' }, { ...two }, { ...three, category: 'own' }])
  await page.getByText('3 of 3 rows have errors').waitFor()
  expect(await page.getByLabel(/ of row 1$/).count() === 0, 'the header of rows can be changed')
  await choose(page, [{ category: CATEGORY }, ...lines])
  await page.getByText('1 of 3 rows have errors').waitFor()
  await page.getByLabel('quantity of row 2').fill('6.5')
  await page.getByLabel('quantity of row 2').blur()
  await page.getByRole('button', { name: 'Check 3 rows again' }).click()
  return await upload(page, origin)
}

async function choose (page: Page, lines: readonly object[]): Promise<void> {
  await page.getByLabel('Drop a CSV or a workbook').setInputFiles({
    name: 'october.ndjson',
    mimeType: 'application/x-ndjson',
    buffer: Buffer.from(lines.map(line => JSON.stringify(line)).join('\n'))
  })
}

async function takeRowsAgain (page: Page, origin: string, fileId: string): Promise<void> {
  await page.getByRole('button', { name: 'Submit' }).waitFor()
  await open(page, `#/report/${fileId}`)
  await page.getByRole('button', { name: /^Take the rows/ }).click()
  await upload(page, origin)
}

/** Uploads rows that have passed the check, and looks for their category in the file. Gives the id of the file. */
async function upload (page: Page, origin: string): Promise<string> {
  await page.getByText('All 3 rows passed the check').waitFor()
  expect(await page.getByText('were not checked').count() === 0, 'the categories of corrected rows are not checked')
  await page.getByRole('button', { name: /pload 3 rows$/ }).click()
  await page.waitForURL(/#\/files\/UF-/)
  const fileId = /UF-[\d-]+/.exec(page.url())![0]
  const answer = await call(origin, `/${fileId}/files/uploaded?format=json`)
  const { categories } = await answer.json() as { categories: unknown }
  expect(isDeepStrictEqual(categories, [CATEGORY]), `the file has the categories ${JSON.stringify(categories)}`)
  return fileId
}

async function call (origin: string, path: string, type?: string, body?: string | Uint8Array): Promise<Response> {
  const headers = { 'x-api-key': VENDOR_KEY, ...(type !== undefined && { 'content-type': type }) }
  const method = body === undefined ? 'GET' : 'POST'
  const answer = await fetch(`${origin}/v1/usage-files${path}`, { method, headers, body: body as string })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return answer
}

/** Creates a usage file for October. Gives its id. */
export async function createFile (origin: string, name: string): Promise<string> {
  const header = {
    name,
    productId: 'PRD-276-377-545',
    contractId: 'CRD-10000-20000-30000',
    period: { from: '2026-10-01', to: '2026-10-31' }
  }
  const answer = await call(origin, '', 'application/json', JSON.stringify(header))
  return (await answer.json() as { id: string }).id
}

/** Row 3 of the workbook is empty. Row 4 has an unknown item, and row 6 the record id of row 2. */
async function errorsAfterEmptyRow (page: Page, origin: string): Promise<void> {
  const fileId = await createFile(origin, 'With an empty row')
  const [columns = [], first = [], ...others] = usageRows(4)
  others[0]![1] = 'FB-NONE'
  others[2]![0] = first[0]!
  const rows = [first, [], ...others].map(cells => cells.length === 0 ? [] : [...cells, 'item.mpn', 'asset.id'])
  const header = [...columns, 'item_search_criteria', 'asset_search_criteria']
  const workbook = await writeXlsx({ sheets: [{ name: 'records', rows: [header, ...rows] }] })
  await call(origin, `/${fileId}/upload?check=report`, XLSX, workbook)
  await open(page, `#/files/${fileId}`)
  await page.getByRole('link', { name: 'Errors' }).click()
  await page.getByRole('cell', { name: '4.25' }).waitFor()
  const shown = await page.getByRole('region').locator('tbody tr').allInnerTexts()
  for (const [at, start, amount] of [[0, /^4\s+R2\s/, '2.25'], [1, /^6\s+R1\s/, '4.25']] as const) {
    const text = shown[at] ?? ''
    expect(start.test(text) && text.includes(amount), `the error of a row is shown in another one: ${text}`)
  }
}
