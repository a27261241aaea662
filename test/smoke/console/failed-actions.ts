import type { Browser, Page, Route } from 'playwright-core'
import type { StartedSandbox } from '../../../sandbox/test/helper.ts'
import { PROVIDER_KEY, VENDOR_KEY } from '../../helper.ts'
import { expect, expectNoProblem, open, openFirst, signIn, until, visit, type Visit } from './browser.ts'

interface Stage { browser: Browser, origin: string, sandbox: StartedSandbox }

/**
 * An action fails and its dialog is closed: the page sends nothing that the person did not ask for. After an unknown
 * outcome it asks; after a refusal it forgets. As on plain http, `crypto.randomUUID` is missing.
 */
export async function actionFails ({ browser, origin, sandbox }: Stage): Promise<void> {
  const vendor = await visit(browser, origin)
  const { page, writes, expected } = vendor
  expected.push(/Failed to load resource.* 504 .*\/submit/, /Failed to load resource.* 403 .*\/submit/)
  await page.addInitScript('delete Crypto.prototype.randomUUID')
  await signIn(page, origin, VENDOR_KEY)
  await forgetKeptCredential(vendor)
  const fileId = await openReadyFile(page)
  const note = page.getByText('has no known outcome')
  const submits = (): typeof writes => writes.filter(({ path }) => path.endsWith('/submit'))
  await submitInVain(page, 504, 'OUTCOME_UNKNOWN')
  await note.waitFor()
  await visitAgain(page, fileId)
  await note.waitFor()
  expect(submits().length === 1, `${submits().length} submits were sent instead of 1`)
  await page.getByRole('button', { name: 'Forget it' }).click()
  await submitInVain(page, 403, 'FORBIDDEN')
  await visitAgain(page, fileId)
  expect(await note.count() === 0, 'a refused or forgotten action is not forgotten')
  expect(submits().length === 2, `${submits().length} submits were sent instead of 2`)
  await submitInVain(page, 504, 'OUTCOME_UNKNOWN')
  await page.getByRole('button', { name: 'Send it again' }).click()
  await page.getByText('Waits for the provider').waitFor()
  const [first, refused, third, again] = submits().map(({ key }) => key)
  expect(submits().length === 4 && third === again, 'the action is not sent again with its key')
  expect(new Set([first, refused, third]).size === 3, 'a forgotten action gives its key to the next one')
  const arrived = sandbox.ledger.entries.filter(({ path }) => path.endsWith(`${fileId}/submit`))
  expect(arrived.length === 1, `Connect got ${arrived.length} submits instead of one`)
  await leaveWhileDeleting(page)
  await signInAsAnother(page, origin)
  await vendor.context.close()
}

/** Signs in after a kept credential was refused: the error of the refusal is gone then. */
async function forgetKeptCredential ({ page, expected }: Visit): Promise<void> {
  expected.push(/Failed to load resource.* 401 .*\/v1\/me/)
  await page.evaluate('sessionStorage.setItem("usage-console.credential", JSON.stringify({ key: "withdrawn" }))')
  await page.reload()
  await page.getByText('The kept credential does not sign you in').waitFor()
  await page.getByRole('textbox', { name: 'Partner key' }).fill(VENDOR_KEY)
  await page.getByRole('checkbox').check()
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Usage files' }).waitFor()
  await expectNoProblem(page, 'signing in')
}

async function openReadyFile (page: Page): Promise<string> {
  await openFirst(page, 'ready')
  await page.getByRole('button', { name: 'Submit' }).waitFor()
  return /UF-[\d-]+/.exec(page.url())![0]
}

/** Submits, gets a problem as the answer, and closes the dialog. */
export async function submitInVain (page: Page, status: number, code: string): Promise<void> {
  const problem = { type: 'about:blank', title: code, status, code, detail: 'In vain.', requestId: 'req-1' }
  const answer = async (route: Route): Promise<void> => {
    // The client does not wait that long, so it sends the request once.
    const headers = { 'content-type': 'application/problem+json', 'retry-after': '60' }
    await route.fulfill({ status, headers, body: JSON.stringify(problem) })
  }
  await page.route(/\/submit$/, answer)
  await page.getByRole('button', { name: 'Submit' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Submit' }).click()
  await dialog.getByRole('alert').getByText(code).waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.unroute(/\/submit$/, answer)
}

/**
 * Closes a dialog, which gives the focus back. Then it deletes a file and leaves its page before the answer: the answer
 * does not change the page that is open then.
 */
async function leaveWhileDeleting (page: Page): Promise<void> {
  await openFirst(page, 'draft')
  const button = page.getByRole('button', { name: 'Delete' })
  await button.click()
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  const focused = await page.evaluate('document.activeElement.textContent')
  expect(focused === 'Delete', `after a dialog the focus is on ${String(focused)}`)
  await button.click()
  let isLeft = (): void => {}
  const left = new Promise<void>(resolve => { isLeft = resolve })
  await page.route(/\/usage-files\/UF-[\d-]+$/, async (route) => {
    if (route.request().method() === 'DELETE') await left
    await route.continue()
  })
  const deleted = page.waitForResponse(response => response.request().method() === 'DELETE')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await open(page, '#/report')
  await page.getByRole('heading', { name: 'Report usage' }).waitFor()
  isLeft()
  await deleted
  // The page has taken the answer when it forgets the write. What it does then, it does before the next task.
  await until(async () => await page.evaluate('sessionStorage.getItem("usage-console.writes")') === null, 'the delete')
  expect(page.url().endsWith('#/report'), `a delete that ended later has led to ${page.url()}`)
}

/** Lets another caller sign in in the same tab: what the first caller has not finished is forgotten. */
async function signInAsAnother (page: Page, origin: string): Promise<void> {
  const kept = async (): Promise<unknown> => await page.evaluate('sessionStorage.getItem("usage-console.writes")')
  await openReadyFile(page)
  await submitInVain(page, 504, 'OUTCOME_UNKNOWN')
  expect(await kept() !== null, 'an action without a known outcome is not kept')
  await page.evaluate('sessionStorage.removeItem("usage-console.credential")')
  await page.reload()
  await signIn(page, origin, PROVIDER_KEY)
  expect(await kept() === null, 'the action of one caller is kept for another')
}

/** Leaves the page of the file, opens it again, and then loads it again. */
async function visitAgain (page: Page, fileId: string): Promise<void> {
  await open(page, '#/files')
  await page.getByRole('heading', { name: 'Usage files' }).waitFor()
  await open(page, `#/files/${fileId}`)
  await page.getByRole('button', { name: 'Submit' }).waitFor()
  await page.reload()
  await page.getByRole('button', { name: 'Submit' }).waitFor()
}
