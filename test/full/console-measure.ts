import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, type Visit } from '../smoke/console/browser.ts'

/** The longest time in ms in which the page may not react. A busy machine needs several times as long as a free one. */
const MAX_FREEZE_MS = 1_000
/** The most memory that the tab may hold, in MiB: several times what the rows of the largest table take. */
const MAX_HEAP_MIB = 150

const WATCH = `window.tasks = []
new PerformanceObserver(list => { tasks.push(...list.getEntries().map(({ duration }) => duration)) })
  .observe({ type: 'longtask' })`

/** Makes the page note from its next load on when it does not react, and lets each wait for the page take 180 s. */
export async function watchFreezes ({ page }: Visit): Promise<void> {
  page.setDefaultTimeout(180_000)
  await page.addInitScript(WATCH)
}

/**
 * Does a step, and prints how long it took, the longest time without a reaction, and the heap of the tab. Reports a
 * fault when the time or the heap is above its limit.
 */
export async function step (page: Page, name: string, work: () => Promise<unknown>): Promise<void> {
  await page.evaluate('window.tasks = []')
  const from = performance.now()
  await work()
  const ms = Math.round(performance.now() - from)
  const tasks = await page.evaluate('window.tasks ?? []') as number[]
  const freezeMs = Math.round(Math.max(0, ...tasks))
  const heapMiB = await heapOf(page)
  console.log(`${name}: ${ms} ms, longest task ${freezeMs} ms, heap ${heapMiB} MiB`)
  expect(freezeMs <= MAX_FREEZE_MS, `${name}: the page does not react for ${freezeMs} ms`)
  expect(heapMiB <= MAX_HEAP_MIB, `${name}: the tab keeps ${heapMiB} MiB`)
}

async function heapOf (page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return Math.round(usedSize / 1024 ** 2)
}

/** Presses a button that gives a file. Gives the bytes of the file. */
export async function download (page: Page, name: RegExp): Promise<Buffer> {
  const begun = page.waitForEvent('download')
  await page.getByRole('button', { name }).first().click()
  const pieces: Buffer[] = []
  for await (const piece of await (await begun).createReadStream()) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

/**
 * Chooses a table in the page. It comes from a file on disk, because Playwright would hand over a text through the
 * page.
 */
export async function choose (page: Page, name: string, text: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'console-large-'))
  writeFileSync(join(folder, name), text)
  await page.getByLabel('Drop a CSV or a workbook').setInputFiles(join(folder, name))
  // The file stays until then, because the browser reads it only when the page sends it.
  page.context().once('close', () => { rmSync(folder, { recursive: true }) })
}

/** Gives a number as the console shows it: in groups of three digits with narrow spaces between them. */
export function shown (value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f')
}
