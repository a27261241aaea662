import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { SilenceWatch } from '../../src/limits/silence.ts'

const MS = 80

/** Blocks this process, as a loaded machine does. */
function standStill (ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

t.test('silence is told once, when it has lasted', async (t) => {
  let told = 0
  const since = performance.now()
  let toldAt = 0
  const watch = new SilenceWatch(MS, () => {
    told += 1
    toldAt = performance.now()
  })
  await sleep(3 * MS)
  watch.end()
  t.equal(told, 1)
  t.ok(toldAt - since >= MS - 4, `${toldAt - since} ms`)
})

t.test('time in which nobody waits does not count, nor what came before the last byte', async (t) => {
  let told = 0
  const watch = new SilenceWatch(MS, () => { told += 1 })
  watch.pause()
  await sleep(2 * MS)
  for (let i = 0; i < 20; i += 1) {
    watch.wait()
    await sleep(MS / 8)
  }
  t.equal(told, 0)
  watch.end()
})

t.test('a pause of this process is not the silence of the sender', async (t) => {
  let told = 0
  const watch = new SilenceWatch(MS, () => { told += 1 })
  standStill(3 * MS)
  await sleep(1)
  t.equal(told, 0, 'what was sent meanwhile can still be read')
  watch.end()
})
