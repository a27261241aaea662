import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, type Visit } from '../smoke/console/browser.ts'

/** The page may not react for so long, in ms. A busy machine needs some times what a free one needs. */
const MAX_FREEZE_MS = 1_000
/** What the tab may keep, in MiB: some times the rows of the largest table. */
const MAX_HEAP_MIB = 150

const WATCH = `window.tasks = []
new PerformanceObserver(list => { tasks.push(...list.getEntries().map(({ duration }) => duration)) })
  .observe({ type: 'longtask' })`

/** Looks from now on for times in which the page does not react. */
export async function watchFreezes ({ page }: Visit): Promise<void> {
  page.setDefaultTimeout(180_000)
  await page.addInitScript(WATCH)
}

/** Does a step, and prints how long it took, the longest time without a reaction, and the heap of the tab. */
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

/** Chooses a table. It comes from a folder: Playwright would hand over a text inside the page. */
export async function choose (page: Page, name: string, text: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'console-large-'))
  writeFileSync(join(folder, name), text)
  await page.getByLabel('Drop a CSV or a workbook').setInputFiles(join(folder, name))
  // The browser reads the file when the page sends it.
  page.context().once('close', () => { rmSync(folder, { recursive: true }) })
}

/** A number as the console shows it. */
export function shown (value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f')
}
