import type { Browser, Page } from 'playwright-core'
import type { StartedSandbox } from '../../../sandbox/test/helper.ts'
import { PROVIDER_KEY } from '../../helper.ts'
import { expect, open, signIn, until, visit } from './browser.ts'

const DELAY_MS = 2_000

/** Each call to Connect takes 2 s: the page says what it waits for, and a page that is left waits no longer. */
export async function usesSlowConnect (
  { browser, origin, sandbox }: { browser: Browser, origin: string, sandbox: StartedSandbox }, fileId: string
): Promise<void> {
  const { page, context } = await visit(browser, origin)
  const ended: string[] = []
  page.on('requestfailed', request => { ended.push(new URL(request.url()).pathname) })
  await signIn(page, origin, PROVIDER_KEY)
  await page.getByRole('cell').first().waitFor()
  sandbox.faults.add({ match: { path: '/' }, times: 0, fault: { type: 'delay', ms: DELAY_MS } })
  await open(page, `#/files/${fileId}`)
  await page.getByText('Reading the file').waitFor()
  await page.getByRole('link', { name: 'Records', exact: true }).click()
  await page.getByText('Reading the records').waitFor()
  await page.getByRole('link', { name: 'History' }).click()
  await page.getByRole('heading', { name: 'History' }).waitFor()
  await until(() => ended.includes('/v1/usage-records'), 'the end of the request of a part that was left')
  await page.getByRole('link', { name: 'Records', exact: true }).click()
  await page.getByText('1 to 50 of 5\u202f000').waitFor()
  const askedFrom = sandbox.ledger.entries.length
  await page.getByRole('button', { name: 'Last' }).click()
  await page.getByText('4\u202f951 to 5\u202f000').waitFor()
  expect(callsForRecords(sandbox, askedFrom) === 1, 'a page of records takes more than one call of Connect')
  sandbox.faults.clear()
  await leave(page)
  await context.close()
}

function callsForRecords (sandbox: StartedSandbox, from: number): number {
  return sandbox.ledger.entries.slice(from).filter(({ path }) => path.endsWith('/usage/records')).length
}

async function leave (page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  const kept = await page.evaluate('Object.keys(sessionStorage).length + Object.keys(localStorage).length')
  expect(kept === 0, 'something is kept after signing out')
}
