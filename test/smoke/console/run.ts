/**
 * `npm run check:console [-- <folder for screenshots>]`: both roles' way through the console in a real browser, with
 * lost connections and reloads in the middle. Looks in the sandbox's ledger for what arrived at Connect. The
 * environment variable `CHROMIUM` names the browser.
 */
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { startBoth } from '../../helper.ts'
import { launchChromium } from '../chromium.ts'
import { faults } from './browser.ts'
import { rowsChange } from './changed-rows.ts'
import { keyExpires } from './expired-key.ts'
import { actionFails } from './failed-actions.ts'
import { rowsAreKept } from './kept-rows.ts'
import { usesKeyboard } from './keyboard.ts'
import { listChanges } from './list-changes.ts'
import { storesNothing } from './no-storage.ts'
import { providerBills } from './provider.ts'
import { usesSlowConnect } from './slow-connect.ts'
import { twoTables } from './two-tables.ts'
import { vendorReports } from './vendor.ts'

/** Takes a screenshot under a name; does nothing when no folder for screenshots was given. */
export type Shoot = (page: Page, name: string) => Promise<void>

const [folder] = process.argv.slice(2)
const shoot: Shoot = async (page, name) => {
  if (folder === undefined) return
  // To hide the caret, Playwright would add a style that the policy of the page rightly blocks.
  await page.screenshot({ path: join(folder, `console-${name}.png`), caret: 'initial' })
}

/** Waits for a scenario, and prints how long it took. */
async function timed<Result> (scenario: Promise<Result>, name: string): Promise<Result> {
  const from = Date.now()
  const result = await scenario
  console.log(`${name}: ${((Date.now() - from) / 1000).toFixed(1)} s`)
  return result
}

const teardowns: (() => unknown)[] = []
const from = Date.now()
try {
  const { origin, sandbox } = await startBoth({ teardown: work => teardowns.push(work) }, { processingMs: 500 })
  const browser = await launchChromium()
  teardowns.push(async () => { await browser.close() })
  const stage = { browser, origin, sandbox, shoot }
  const fileId = await timed(vendorReports(stage), 'vendor')
  await timed(providerBills(stage, fileId), 'provider')
  await timed(actionFails(stage), 'failed actions')
  await timed(keyExpires(stage), 'expired key')
  await timed(rowsChange(stage), 'changed rows')
  await timed(rowsAreKept(stage), 'kept rows')
  await timed(twoTables(stage), 'two tables')
  await timed(storesNothing(stage), 'no storage')
  await timed(listChanges(stage), 'list changes')
  await timed(usesKeyboard(stage), 'keyboard')
  await timed(usesSlowConnect(stage, fileId), 'slow Connect')
  const seconds = Math.round((Date.now() - from) / 1000)
  console.log(`${fileId} went from rows to closed records in the console, in ${seconds} s`)
} catch (error) {
  faults.push(error instanceof Error ? error.stack ?? error.message : String(error))
} finally {
  for (const work of teardowns.reverse()) await work()
}
for (const fault of faults) console.error(`FAULT: ${fault}`)
process.exitCode = faults.length === 0 ? 0 : 1
