import type { Browser } from 'playwright-core'
import { VENDOR_KEY } from '../../helper.ts'
import { expect, openFirst, signIn, visit } from './browser.ts'
import { submitInVain } from './failed-actions.ts'

/** The browser stores nothing for the page: a person can sign in, and an action sent again has the same key. */
export async function storesNothing ({ browser, origin }: { browser: Browser, origin: string }): Promise<void> {
  const { page, context, writes, expected } = await visit(browser, origin)
  expected.push(/Failed to load resource.* 504 .*\/submit/)
  await page.addInitScript(`Object.defineProperty(window, 'sessionStorage', {
    get () { throw new DOMException('Not here.', 'SecurityError') }
  })`)
  await signIn(page, origin, VENDOR_KEY)
  await openFirst(page, 'ready')
  await submitInVain(page, 504, 'OUTCOME_UNKNOWN')
  await page.getByText('has no known outcome').waitFor()
  await submitInVain(page, 504, 'OUTCOME_UNKNOWN')
  expect(writes.length === 2 && writes[0]!.key === writes[1]!.key, 'an action sent again has another key')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await context.close()
}
