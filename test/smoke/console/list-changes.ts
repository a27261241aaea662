import type { Browser, Page } from 'playwright-core'
import { VENDOR_KEY } from '../../helper.ts'
import { expect, expectNoProblem, signIn, until, visit, type Visit } from './browser.ts'

const HOLD_MS = 3_500

/** The list of files: what it requests again when the counts fail, when it was hidden, and when a file is new. */
export async function listChanges ({ browser, origin }: { browser: Browser, origin: string }): Promise<void> {
  const vendor = await visit(browser, origin)
  const { page } = vendor
  await signIn(page, origin, VENDOR_KEY)
  await page.getByRole('cell').first().waitFor()
  await countsFail(vendor)
  await hideAndShow(page)
  await newFileComes(page)
  await vendor.context.close()
}

async function countsFail ({ page, expected }: Visit): Promise<void> {
  expected.push(/Failed to load resource.* 400 .*\/summary/)
  const problem = { type: 'about:blank', title: 'Bad', status: 400, code: 'VALIDATION_FAILED', detail: 'Not so.' }
  await page.route(/\/usage-files\/summary/, async (route) => {
    await route.fulfill({ status: 400, contentType: 'application/problem+json', body: JSON.stringify(problem) })
  }, { times: 1 })
  await page.reload()
  await page.getByText('The files of each status cannot be counted').waitFor()
  await page.getByRole('cell').first().waitFor()
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('group', { name: 'Statuses' }).waitFor()
  await expectNoProblem(page, 'a request that has succeeded')
}

/**
 * Hides the page, which then holds no stream of events. When it is shown again, it reads the list and opens a stream.
 */
async function hideAndShow (page: Page): Promise<void> {
  const streams = countRequests(page, '/v1/events')
  const lists = countRequests(page, '/v1/usage-files')
  await show(page, 'hidden')
  await until(() => streams.ended === 1, 'the end of the stream')
  await show(page, 'visible')
  await until(() => streams.begun >= 1 && lists.begun >= 1, 'a new stream and the list')
}

async function show (page: Page, state: 'hidden' | 'visible'): Promise<void> {
  await page.evaluate(`Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))`)
}

/**
 * Sends events of a file that the page does not show: the first one makes the page read the list, the next ones do not.
 */
async function newFileComes (page: Page): Promise<void> {
  let isHeld = true
  const change = { id: 'UF-2026-10-9999-0001', status: 'processing', previousStatus: null, at: '2026-10-31T00:00:00Z' }
  await page.route(/\/v1\/events/, async (route) => {
    const body = isHeld ? ':\n\n' : `event: usage-file\ndata: ${JSON.stringify(change)}\n\n`
    await route.fulfill({ contentType: 'text/event-stream', body })
  })
  await page.reload()
  await page.getByRole('cell').first().waitFor()
  await page.waitForTimeout(HOLD_MS)
  const lists = countRequests(page, '/v1/usage-files')
  const streams = countRequests(page, '/v1/events')
  isHeld = false
  await until(() => lists.begun === 1, 'the list with the new file')
  const { begun } = streams
  await until(() => streams.begun > begun + 2, 'the event once more')
  expect(lists.begun === 1, `the list is read ${lists.begun} times for one new file`)
}

/**
 * Counts the requests of the page to a path: those that begin from now on, and those that end, also when they began
 * before.
 */
function countRequests (page: Page, path: string): { begun: number, ended: number } {
  const counts = { begun: 0, ended: 0 }
  page.on('request', request => { if (new URL(request.url()).pathname === path) counts.begun += 1 })
  for (const event of ['requestfailed', 'requestfinished'] as const) {
    page.on(event as 'requestfailed', request => {
      if (new URL(request.url()).pathname === path) counts.ended += 1
    })
  }
  return counts
}
