/**
 * A process that uses a store, for tests of several: node contender.js <url> <work>. Works are `hold` (opens it, says
 * so and waits), `mark` (claims and marks the key `crash`, says so and waits) and `race` (claims `race` 20 times over).
 */
import { openStore } from '../../src/store/open-store.ts'

const log = { info: () => {}, warn: (_facts: object, message: string) => { console.log(message) }, error: () => {} }
const [, , url = '', work = ''] = process.argv
try {
  const store = await openStore(url, log)
  if (work === 'race') {
    const kinds = []
    for (let i = 0; i < 20; i++) kinds.push((await store.begin('race', 'fp')).kind)
    console.log(`won ${kinds.filter(kind => kind === 'claimed').length}`)
    await store.close()
  } else {
    if (work === 'mark') {
      const begun = await store.begin('crash', 'fp')
      if (begun.kind === 'claimed') await store.mark(begun.claim, { as: 'sent', fingerprint: 'fp', note: 'noted' })
    }
    console.log('ready')
    setInterval(() => {}, 1_000)
  }
} catch (error) {
  console.log((error as Error).message)
  process.exit(1)
}
