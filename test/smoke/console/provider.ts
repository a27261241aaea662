import type { Browser, Page } from 'playwright-core'
import type { StartedSandbox } from '../../../sandbox/test/helper.ts'
import { PROVIDER_KEY } from '../../helper.ts'
import { examine, expect, open, openFirst, signIn, visit, type Visit } from './browser.ts'
import type { Shoot } from './run.ts'
import { ROWS } from './vendor.ts'

interface Stage { browser: Browser, origin: string, sandbox: StartedSandbox, shoot: Shoot }

/**
 * A provider rejects one file and accepts that of the vendor. It closes records of this file one by one, by a pasted
 * row and all together, and then the file.
 */
export async function providerBills ({ browser, origin, sandbox, shoot }: Stage, fileId: string): Promise<void> {
  const provider = await visit(browser, origin)
  const { page } = provider
  await signIn(page, origin, PROVIDER_KEY)
  await rejectAnother(page, fileId)
  await open(page, `#/files/${fileId}`)
  await act(page, 'Accept', 'Checked.')
  await actOnOne(provider, fileId, sandbox, shoot)
  await reconcileOne(provider, fileId, shoot)
  await refuseOne(page)
  await closeOthers(provider, shoot)
  await closeChunk(page, sandbox, shoot)
  await open(page, `#/files/${fileId}`)
  await page.getByRole('button', { name: 'Close the file' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Close the file' }).click()
  await page.locator('.head .chip', { hasText: 'Closed' }).waitFor()
  const accepted = sandbox.ledger.entries.filter(({ path }) => path.endsWith(`${fileId}/accept`))
  expect(accepted.length === 1, `Connect got ${accepted.length} accepts instead of one`)
  await page.setViewportSize({ width: 390, height: 844 })
  await open(page, '#/files')
  await page.getByRole('cell').first().waitFor()
  await shoot(page, 'phone')
  const width = await page.evaluate('document.documentElement.scrollWidth') as number
  expect(width <= 390, `the page is ${width} pixels wide on a phone`)
  await provider.context.close()
}

async function act (page: Page, action: string, note: string): Promise<void> {
  await page.getByRole('button', { name: action, exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox').fill(note)
  await examine(page, action)
  await dialog.getByRole('button', { name: action, exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
}

async function rejectAnother (page: Page, fileId: string): Promise<void> {
  await openFirst(page, 'pending', 'October by hand')
  await page.getByRole('button', { name: 'Reject' }).waitFor()
  expect(!page.url().includes(fileId), 'the wrong file is open')
  await act(page, 'Reject', 'Row 14 is for October.')
  await page.getByText('Rejected: Row 14 is for October.').waitFor()
}

/** Closes one record from its row, rejects another one and approves it again, and gives a chunk its id in the hub. */
async function actOnOne (
  { page, writes }: Visit, fileId: string, sandbox: StartedSandbox, shoot: Shoot
): Promise<void> {
  const from = writes.length
  await open(page, `#/files/${fileId}/records`)
  const records = page.getByRole('region', { name: 'Records' }).getByRole('row')
  // The first record is left out, because the reconciliation closes it later.
  const [first, second] = [records.nth(2), records.nth(3)]
  await second.waitFor()
  await first.getByRole('button', { name: /^Close: / }).click()
  await page.getByRole('dialog').getByLabel('Billing id').fill('INV-ROW')
  await shoot(page, 'close-record')
  await examine(page, 'close a record')
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).dblclick()
  await first.getByText('INV-ROW').waitFor()
  await second.getByRole('button', { name: /^Reject: / }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Reject' }).click()
  await second.getByRole('button', { name: /^Approve: / }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click()
  await second.getByRole('button', { name: /^Close: / }).waitFor()
  await shoot(page, 'records')
  await open(page, `#/files/${fileId}/chunks`)
  await page.getByRole('button', { name: /^Change the id in the hub: / }).first().click()
  await page.getByRole('textbox', { name: 'Id in the hub' }).fill('IMPORT-17')
  await page.getByRole('dialog').getByRole('button', { name: 'Change the id in the hub' }).click()
  await page.getByText('id in the hub: IMPORT-17').waitFor()
  const keys = writes.slice(from).map(({ key }) => key)
  const areDifferent = new Set(keys).size === keys.length && !keys.includes(null)
  expect(keys.length === 4 && areDifferent, `the writes had the keys ${keys.join()}`)
  const closed = [...sandbox.store.records.values()].filter(({ billingId }) => billingId === 'INV-ROW')
  expect(closed.length === 1, `${closed.length} records are closed instead of one`)
}

/** Closes the chunk of another file, by which Connect closes its records. */
async function closeChunk (page: Page, sandbox: StartedSandbox, shoot: Shoot): Promise<void> {
  await openFirst(page, 'accepted', 'October by hand')
  await page.getByRole('link', { name: 'Chunks' }).click()
  const chunk = page.getByRole('article').filter({ hasText: 'Ready' }).first()
  const id = await chunk.locator('.id').first().innerText()
  await chunk.getByRole('button', { name: /^Close the chunk: / }).click()
  await page.getByRole('dialog').getByLabel('Billing id').fill('INV-CHUNK')
  await shoot(page, 'close-chunk')
  await page.getByRole('dialog').getByRole('button', { name: 'Close the chunk' }).click()
  await page.getByRole('article').filter({ hasText: id }).getByText('Closed', { exact: true }).waitFor()
  const billed = [...sandbox.store.records.values()].filter(record => record.billingId === 'INV-CHUNK')
  expect(billed.length > 0 && billed.every(({ status }) => status === 'closed'), 'no record of the chunk is closed')
}

async function reconcileOne ({ page, expected }: Visit, fileId: string, shoot: Shoot): Promise<void> {
  await page.getByRole('link', { name: 'Chunks' }).click()
  await page.getByRole('heading', { name: 'Chunks' }).waitFor()
  await page.getByRole('group', { name: 'Workbook of the chunk' }).first().waitFor()
  await examine(page, 'chunks')
  const download = page.waitForEvent('download')
  await page.getByRole('group', { name: 'Workbook of the chunk' }).first().getByText('CSV').click()
  expect((await download).suggestedFilename().endsWith('.csv'), 'no workbook of the chunk')
  await open(page, `#/files/${fileId}/reconciliations`)
  const chunk = page.getByLabel('Where the record ids are from')
  await chunk.getByRole('option').nth(1).waitFor({ state: 'attached' })
  await chunk.selectOption({ index: 1 })
  const paste = page.getByLabel('Or paste rows')
  expected.push(/Failed to load resource.* 422 .*\/v1\/reconciliations/)
  await paste.fill('record_id\texternal_billing_id\texternal_billing_note\nR-none\tINV-1\tOctober')
  await page.getByRole('button', { name: 'Use the pasted rows' }).click()
  await page.getByRole('button', { name: 'Close these records' }).click()
  await page.locator('.faulty').first().waitFor()
  await paste.fill('record_id\texternal_billing_id\texternal_billing_note\nR1\tINV-1\tOctober')
  await page.getByRole('button', { name: 'Use the pasted rows' }).click()
  await page.getByRole('button', { name: 'Close these records' }).click()
  await page.locator('article .chip', { hasText: 'Processed' }).first().waitFor()
  await shoot(page, 'reconciliations')
  await examine(page, 'reconciliations')
}

/**
 * Closes records in bulk, and gets the answer that one is refused: the page shows it with the reason. Connect gets no
 * call.
 */
async function refuseOne (page: Page): Promise<void> {
  const outcome = { index: 0, id: 'UR-1', outcome: 'refused', code: 'ACTION_NOT_POSSIBLE', message: 'It is rejected.' }
  const summary = { closed: 0, refused: 1, unknown: 0 }
  await page.route(/\/records\/close$/, async (route) => {
    await route.fulfill({
      contentType: 'application/x-ndjson', body: `${JSON.stringify(outcome)}\n${JSON.stringify({ summary })}\n`
    })
  }, { times: 1 })
  await closeAll(page, 'INV-0')
  await page.getByRole('cell', { name: 'It is rejected.' }).waitFor()
  expect(await page.getByText('records closed.').count() === 0, 'a refused record counts as closed')
}

async function closeAll (page: Page, billingId: string): Promise<void> {
  await page.getByRole('link', { name: 'Close records' }).last().click()
  await page.getByLabel('Billing id').fill(billingId)
  await page.getByRole('button', { name: /^Close \d.* records$/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: /^Close / }).click()
}

/**
 * Closes all other records. The connection of the first request breaks: the page goes on by itself, and each record is
 * closed once.
 */
async function closeOthers ({ page, expected }: Visit, shoot: Shoot): Promise<void> {
  expected.push(/Failed to load resource: net::ERR_.*\/records\/close/)
  let requests = 0
  await page.route(/\/records\/close$/, async (route) => {
    requests += 1
    if (requests === 1) await route.abort('connectionreset')
    else await route.continue()
  })
  await closeAll(page, 'INV-2026-0815')
  await page.getByText(`${String(ROWS - 2).replace(/(\d)(\d{3})$/, '$1\u202f$2')} records closed.`).waitFor()
  expect(requests === 2, `${requests} requests closed the records instead of 2`)
  await shoot(page, 'close-records')
  await examine(page, 'close records')
}
