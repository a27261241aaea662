import { readdirSync } from 'node:fs'
import { until } from '../helper.ts'
import type { Fixture } from '../uploads/fixture.ts'

/** Ends what the client keeps open between calls soon enough for a test to see it. */
export const SHORT_LIVED = { keepAliveMs: 20, keepAliveMaxMs: 20 }

/** What this process holds: kinds of resources that keep it alive with how many there are, and descriptors. */
interface Held { resources: Record<string, number>, descriptors: number }

function held (): Held {
  const resources: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
  return { resources, descriptors: readdirSync('/proc/self/fd').length }
}

/**
 * Notes what there is when the fixture is at rest. The function it gives waits until there is no more of anything: no
 * call, no socket up or down, nothing spooled, no timer, no descriptor; it throws when that does not come.
 */
export async function watchLeftovers (
  fixture: Pick<Fixture, 'app' | 'upstream' | 'quiet'>
): Promise<() => Promise<void>> {
  const atRest = async (): Promise<void> => {
    await fixture.quiet()
    await until(
      () =>
        fixture.upstream.openSockets() === 0 &&
        Object.values(fixture.app.connect.stats()).every(({ connected }) => connected === 0),
      'the sockets to Connect to end'
    )
  }
  await atRest()
  const before = held()
  return async () => {
    await atRest()
    const more = (): string[] => {
      const now = held()
      return [
        ...Object.entries(now.resources)
          .filter(([kind, count]) => count > (before.resources[kind] ?? 0))
          .map(([kind, count]) => `${kind}: ${count}, before ${before.resources[kind] ?? 0}`),
        ...(now.descriptors > before.descriptors + 2
          ? [`descriptors: ${now.descriptors}, before ${before.descriptors}`]
          : [])
      ]
    }
    await until(() => more().length === 0, 'nothing to be left', 5_000).catch(() => {
      throw new Error(`left behind: ${more().join('; ')}`)
    })
  }
}
