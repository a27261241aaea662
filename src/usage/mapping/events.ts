import { fieldsOf, reference, time, type Fields, type Reference } from './normalize.ts'

export interface UsageEvent { type: string, at: string | null, by: Reference | null }

/** Older versions of Connect send these events as two fields of the object, such as `created_at` and `created_by`. */
const OLD_EVENTS = ['created', 'updated', 'uploaded', 'submitted', 'accepted', 'rejected', 'closed'].map(type => ({
  type, at: `${type}_at`, by: `${type}_by`
}))

/** Gives the events of an object, the oldest first; those without a time come last. */
export function readEvents (object: Fields): UsageEvent[] {
  const given = fieldsOf(object['events']) ?? {}
  const events: UsageEvent[] = []
  for (const name of Object.keys(given)) {
    const event = fieldsOf(given[name])
    if (event !== null) events.push({ type: camelCase(name), at: time(event['at']), by: reference(event['by']) })
  }
  for (const old of OLD_EVENTS) {
    const at = object[old.at] === undefined ? null : time(object[old.at])
    if (at === null || events.some(({ type }) => type === old.type)) continue
    events.push({ type: old.type, at, by: reference(object[old.by]) })
  }
  // Connect nearly always sends the events in order, so they are sorted only when needed.
  const isSorted = events.every(({ at }, n) => n === 0 || byTime(events[n - 1]?.at ?? null, at) <= 0)
  return isSorted ? events : events.sort((a, b) => byTime(a.at, b.at))
}

export function createdAt (events: readonly UsageEvent[]): string | null {
  return events.find(event => event.type === 'created')?.at ?? null
}

export function updatedAt (events: readonly UsageEvent[]): string | null {
  return events.findLast(event => event.at !== null)?.at ?? null
}

/** All times are in UTC. Without the Z, a time without a fraction of a second comes before the same time with one. */
function byTime (a: string | null, b: string | null): number {
  if (a === b) return 0
  if (a === null || b === null) return a === null ? 1 : -1
  if (a.length === b.length) return a < b ? -1 : 1
  return a.replace('Z', '') < b.replace('Z', '') ? -1 : 1
}

function camelCase (name: string): string {
  if (!name.includes('_')) return name
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
