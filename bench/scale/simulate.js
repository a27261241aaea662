/**
 * Work for some replicas, simulated: each piece of work takes a place of a pool, waits in its queue while all
 * are taken, and keeps the place for the time that was measured or is assumed of Connect.
 */

/** The clock moves in steps of so many milliseconds. */
const STEP_MS = 10
/** A caller that is refused comes back after the time it was told, and a little later than the others. */
const RETRY_MS = 2_000

/** Runs functions at their times. Time passes only where nothing is left to do before. */
class Clock {
  now = 0
  #due = new Map()
  #left = 0

  after (ms, work) {
    const at = this.now + Math.max(1, Math.round(ms / STEP_MS))
    const list = this.#due.get(at)
    if (list === undefined) this.#due.set(at, [work])
    else list.push(work)
    this.#left += 1
  }

  run () {
    while (this.#left > 0) {
      this.now += 1
      for (const work of this.#due.get(this.now) ?? []) {
        this.#left -= 1
        work()
      }
      this.#due.delete(this.now)
    }
  }

  get seconds () { return this.now * STEP_MS / 1000 }
}

/** Places, and the queue of those that wait for one. `busy` is how long places were taken, in seconds. */
class Pool {
  busy = 0
  #free
  #clock
  #queue = []

  constructor (clock, places) {
    this.#clock = clock
    this.#free = places
  }

  get isFull () { return this.#free === 0 }

  take (work) {
    if (this.#free > 0) {
      this.#free -= 1
      work()
    } else this.#queue.push(work)
  }

  release () {
    const next = this.#queue.shift()
    if (next === undefined) this.#free += 1
    else next()
  }

  /** Keeps a place for so many seconds, and then goes on. */
  use (seconds, then) {
    this.take(() => {
      this.busy += seconds
      this.#clock.after(seconds * 1000, () => {
        this.release()
        then()
      })
    })
  }
}

/**
 * @param {{ replicas: number, pools: Record<string, number>, door?: string, arrivals: number[], steps: { pool?:
 * string, seconds: number }[] }} what   pools: places of a replica by name; arrivals: when each piece of work comes, in
 * seconds; steps: one after the other, those without a pool only wait; door: a pool in which each piece of work keeps a
 * place until its first step that only waits, and which refuses instead of letting wait
 * @returns {{ seconds: number, took: number[], refused: number, busy: Record<string, number> }} seconds: until all is
 * done; took: for each piece of work, sorted; busy: the share of its places that a pool used on average
 */
export function simulate ({ replicas, pools, door, arrivals, steps }) {
  const clock = new Clock()
  const all = Array.from({ length: replicas }, () =>
    Object.fromEntries(Object.entries(pools).map(([name, places]) => [name, new Pool(clock, places)])))
  const took = []
  let refused = 0
  const firstWait = steps.findIndex(({ pool }) => pool === undefined)

  const begin = (n, cameAt) => {
    const replica = all[(n + refused) % replicas]
    if (door !== undefined && replica[door].isFull) {
      refused += 1
      return clock.after(RETRY_MS * (1 + (refused % 100) / 100), () => begin(n, cameAt))
    }
    const go = () => walk(replica, 0, () => took.push(clock.seconds - cameAt))
    if (door === undefined) go()
    else replica[door].take(go)
  }
  const walk = (replica, at, then) => {
    if (at === steps.length) return then()
    if (at === firstWait && door !== undefined) replica[door].release()
    const { pool, seconds } = steps[at]
    const next = () => walk(replica, at + 1, then)
    if (pool === undefined) clock.after(seconds * 1000, next)
    else replica[pool].use(seconds, next)
  }
  for (const [n, at] of arrivals.entries()) clock.after(at * 1000, () => begin(n, clock.seconds))
  clock.run()

  const busy = Object.fromEntries(Object.entries(pools).map(([name, places]) => [
    name, all.reduce((sum, one) => sum + one[name].busy, 0) / (clock.seconds * places * replicas)
  ]))
  return { seconds: clock.seconds, took: took.sort((a, b) => a - b), refused, busy }
}
