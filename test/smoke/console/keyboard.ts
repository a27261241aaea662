import type { Browser, Locator, Page } from 'playwright-core'
import { PROVIDER_KEY, VENDOR_KEY } from '../../helper.ts'
import { examine, expect, visit } from './browser.ts'
import { csvOf, usageRows } from './rows.ts'

/** The most presses of a key until a control has the focus. */
const MAX_PRESSES = 60
const FOCUS = `(() => {
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement)
  return document.activeElement === document.body || (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0)
})()`

/** Both roles' way without a pointer: from signing in to closed records. The focus is always seen, and never lost. */
export async function usesKeyboard ({ browser, origin }: { browser: Browser, origin: string }): Promise<void> {
  const { page, context } = await visit(browser, origin)
  await page.goto(`${origin}/`)
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await press(page, page.getByRole('link', { name: 'Skip to the content' }))
  await keepsFocus(page, page.locator('main'), 'the skip link')
  await signIn(page, VENDOR_KEY)
  await search(page)
  await report(page)
  const name = await submit(page)
  await press(page, page.getByRole('button', { name: 'Sign out' }))
  await keepsFocus(page, page.getByRole('heading', { name: 'Sign in' }), 'signing out')
  await signIn(page, PROVIDER_KEY)
  await press(page, page.getByRole('link', { name }))
  await accept(page)
  await turnPages(page)
  await reconcile(page)
  await close(page)
  await context.close()
}

/**
 * Presses Tab (or `key`) until the control has the focus. Reports each control on the way that does not show its focus.
 */
async function goTo (page: Page, control: Locator, key = 'Tab'): Promise<void> {
  await control.waitFor()
  for (let presses = 0; presses < MAX_PRESSES; presses += 1) {
    await page.keyboard.press(key)
    if (await page.evaluate(FOCUS) !== true) {
      const html = await page.evaluate('document.activeElement.outerHTML.slice(0, 120)')
      expect(false, `the focus is not seen on ${String(html)}`)
    }
    if (await hasFocus(page, control)) return
  }
  throw new Error(`the keyboard does not reach ${String(control)}`)
}

async function hasFocus (page: Page, control: Locator): Promise<boolean> {
  return await control.and(page.locator(':focus')).count() === 1
}

async function press (page: Page, control: Locator, key = 'Enter'): Promise<void> {
  await goTo(page, control)
  await page.keyboard.press(key)
}

async function type (page: Page, control: Locator, text: string): Promise<void> {
  await goTo(page, control)
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.insertText(text)
}

/** Chooses an option of a list by its value, wherever it stands in the list. */
async function choose (page: Page, select: Locator, value: string): Promise<void> {
  await goTo(page, select)
  await page.keyboard.press('Home')
  for (let presses = 0; presses < MAX_PRESSES && await select.inputValue() !== value; presses += 1) {
    await page.keyboard.press('ArrowDown')
  }
}

async function keepsFocus (page: Page, control: Locator, after: string): Promise<void> {
  await control.and(page.locator(':focus')).waitFor().catch(async () => {
    const html = await page.evaluate('document.activeElement.outerHTML.slice(0, 120)')
    expect(false, `after ${after} the focus is on ${String(html)}`)
  })
}

async function signIn (page: Page, key: string): Promise<void> {
  await type(page, page.getByRole('textbox', { name: 'Partner key' }), key)
  await page.keyboard.press('Enter')
  await keepsFocus(page, page.getByRole('heading', { name: 'Usage files' }), 'signing in')
}

async function search (page: Page): Promise<void> {
  const field = page.getByRole('searchbox', { name: 'Search' })
  await type(page, field, 'no such file')
  await page.keyboard.press('Enter')
  await page.getByText('No usage file matches.').waitFor()
  await keepsFocus(page, field, 'a search')
  await press(page, page.getByRole('button', { name: 'Clear all' }))
  await page.getByRole('table').getByRole('link').first().waitFor()
  expect(await field.inputValue() === '', 'the cleared search stands in its field')
  await press(page, page.getByRole('button', { name: /^Ready/ }), 'Space')
  await page.waitForURL(/status=ready/)
  await keepsFocus(page, page.getByRole('button', { name: /^Ready/ }), 'choosing a status')
}

/** Fills the header, pastes 60 rows with a mistake, corrects it, and uploads them. */
async function report (page: Page): Promise<void> {
  await goTo(page, page.getByRole('link', { name: 'Report usage' }).first(), 'Shift+Tab')
  await page.keyboard.press('Enter')
  await keepsFocus(page, page.getByRole('heading', { name: 'Report usage' }), 'opening a page')
  await choose(page, page.getByLabel('Product'), 'PRD-276-377-545')
  await choose(page, page.getByLabel('Contract'), 'CRD-10000-20000-30000')
  await type(page, page.getByLabel('Name of the report'), 'By keyboard')
  for (const [label, digits] of [['Period from', '10012026'], ['Period to', '10312026']] as const) {
    await goTo(page, page.getByLabel(label))
    await page.keyboard.type(digits)
  }
  const rows = usageRows(60)
  rows[2]![2] = 'six'
  await type(page, page.getByLabel('Or paste rows'), csvOf(rows))
  await press(page, page.getByRole('button', { name: 'Use the pasted rows' }))
  await page.getByText('1 of 60 rows have errors').waitFor()
  await type(page, page.getByLabel('quantity of row 3'), '6.5')
  await press(page, page.getByRole('button', { name: 'Check 60 rows again' }))
  await page.getByText('All 60 rows passed the check').waitFor()
  await keepsFocus(page, page.getByRole('heading', { name: '3. Check' }), 'a check')
  await press(page, page.getByRole('button', { name: 'Create the file and upload 60 rows' }))
  await page.waitForURL(/#\/files\/UF-/)
  await keepsFocus(page, page.getByRole('heading', { name: 'By keyboard' }), 'an upload')
}

/**
 * Submits the file in a dialog. The dialog keeps the focus inside, and gives it back. While it works, Escape does not
 * close it.
 */
async function submit (page: Page): Promise<string> {
  const button = page.getByRole('button', { name: 'Submit' })
  const dialog = page.getByRole('dialog')
  await press(page, button)
  await dialog.waitFor()
  for (let presses = 0; presses < 8; presses += 1) {
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.closest("dialog") !== null ||' +
      'document.activeElement === document.body') === true, 'the focus leaves a dialog')
  }
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await keepsFocus(page, button, 'leaving a dialog')
  await opensAtOnce(page)
  let goOn = (): void => {}
  const held = new Promise<void>(resolve => { goOn = resolve })
  await page.route(/\/submit$/, async route => {
    await held
    await route.continue()
  })
  await page.keyboard.press('Enter')
  await press(page, dialog.getByRole('button', { name: 'Submit' }))
  await dialog.getByText('Working…').waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await keepsFocus(page, dialog.getByRole('button', { name: 'Working…' }), 'Escape in a dialog that works')
  goOn()
  await page.getByText('Waits for the provider').waitFor()
  await keepsFocus(page, page.getByRole('heading', { name: 'By keyboard' }), 'an action')
  return 'By keyboard'
}

/**
 * Opens a dialog, leaves it, and opens it again, with no time between the keys. Each key does the same as when a person
 * waits between them.
 */
async function opensAtOnce (page: Page): Promise<void> {
  const dialog = page.locator('dialog[open]')
  await page.keyboard.press('Enter')
  await dialog.waitFor()
  for (const leave of ['Escape', 'Enter']) {
    // Enter presses Cancel, which has the focus in an opened dialog.
    await Promise.all([page.keyboard.press(leave), page.keyboard.press('Enter')])
    await page.evaluate('new Promise(resolve => { requestAnimationFrame(() => requestAnimationFrame(resolve)) })')
    expect(await dialog.count() === 1, `a dialog that was left by ${leave} does not open again at once`)
  }
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
}

async function accept (page: Page): Promise<void> {
  await press(page, page.getByRole('button', { name: 'Accept' }))
  const dialog = page.getByRole('dialog')
  await type(page, dialog.getByRole('textbox'), 'Checked.')
  await press(page, dialog.getByRole('button', { name: 'Accept' }))
  await page.locator('.head .chip', { hasText: 'Accepted' }).waitFor()
  await keepsFocus(page, page.getByRole('heading', { name: 'By keyboard' }), 'an action')
}

async function turnPages (page: Page): Promise<void> {
  await press(page, page.getByRole('link', { name: 'Records', exact: true }))
  const last = page.getByRole('button', { name: 'Last' })
  await press(page, last)
  await page.getByText('51 to 60 of 60').waitFor()
  await keepsFocus(page, last, 'the last page')
  const field = page.getByRole('searchbox', { name: 'Subscription' })
  await goTo(page, field, 'Shift+Tab')
  await page.keyboard.insertText('AS-5501-1000-0002')
  await page.keyboard.press('Enter')
  await page.getByText('1 to 15 of 15').waitFor()
  await keepsFocus(page, field, 'a search')
  await examine(page, 'records of a subscription')
}

async function reconcile (page: Page): Promise<void> {
  await goTo(page, page.getByRole('link', { name: 'Reconciliations' }), 'Shift+Tab')
  await page.keyboard.press('Enter')
  const source = page.getByLabel('Where the record ids are from')
  await source.getByRole('option').nth(1).waitFor({ state: 'attached' })
  await goTo(page, source)
  await page.keyboard.press('ArrowDown')
  const table = 'record_id,external_billing_id,external_billing_note\nR1,INV-1,October'
  await type(page, page.getByLabel('Or paste rows'), table)
  await press(page, page.getByRole('button', { name: 'Use the pasted rows' }))
  await press(page, page.getByRole('button', { name: 'Close these records' }))
  await page.locator('article .chip', { hasText: 'Processed' }).first().waitFor()
  await keepsFocus(page, page.getByRole('heading', { name: 'Reconcile', exact: true }), 'a reconciliation')
}

async function close (page: Page): Promise<void> {
  await goTo(page, page.getByRole('link', { name: 'Close records' }).last(), 'Shift+Tab')
  await page.keyboard.press('Enter')
  const field = page.getByLabel('Billing id')
  await type(page, field, 'INV-2')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await press(page, dialog.getByRole('button', { name: 'Close 59 records' }))
  await page.getByText('59 records closed.').waitFor()
  await keepsFocus(page, field, 'closing')
}
