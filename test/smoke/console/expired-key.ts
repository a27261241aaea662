import type { Browser, Route } from 'playwright-core'
import { VENDOR_KEY } from '../../helper.ts'
import { expect, expectNoProblem, open, signIn, visit } from './browser.ts'
import { fillHeader } from './vendor.ts'

/**
 * The service no longer accepts the key while a page is open: the person signs in above the page, and the page loses
 * nothing.
 */
export async function keyExpires ({ browser, origin }: { browser: Browser, origin: string }): Promise<void> {
  const { page, context, expected } = await visit(browser, origin)
  expected.push(/Failed to load resource.* 401 /)
  await signIn(page, origin, VENDOR_KEY)
  await fillHeader(page, 'Typed before the key expired')
  let isExpired = true
  await page.route(/\/v1\//, async (route: Route) => {
    const isNew = route.request().url().endsWith('/v1/me')
    if (isNew) isExpired = false
    if (!isExpired) return await route.continue()
    const problem = { type: 'about:blank', title: 'No', status: 401, code: 'UNAUTHENTICATED', detail: 'Expired.' }
    await route.fulfill({ status: 401, contentType: 'application/problem+json', body: JSON.stringify(problem) })
  })
  const csv = 'record_id,quantity\nr-1,1\n'
  await page.getByLabel('Drop a CSV or a workbook').setInputFiles({
    name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from(csv)
  })
  await page.getByRole('button', { name: 'Sign in again' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Partner key' }).fill(VENDOR_KEY)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await dialog.waitFor({ state: 'detached' })
  const name = await page.getByLabel('Name of the report').inputValue()
  expect(name === 'Typed before the key expired', `after signing in again the name is ${name}`)
  const kept = await page.evaluate('sessionStorage.getItem("usage-console.credential")')
  expect(kept === null, 'the key that is not accepted is kept in the tab')
  isExpired = true
  await open(page, '#/files')
  await page.getByText('The files cannot be shown').waitFor()
  await page.getByRole('button', { name: 'Sign in again' }).first().click()
  await dialog.getByRole('textbox', { name: 'Partner key' }).fill(VENDOR_KEY)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('cell').first().waitFor()
  await expectNoProblem(page, 'signing in again')
  await context.close()
}
