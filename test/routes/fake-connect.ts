import type { ConnectClient } from '../../src/connect/api.ts'

export interface Call { operation: string, args: unknown[] }

type Stub = (...args: never[]) => unknown
type Groups = Exclude<keyof ConnectClient, 'stats' | 'close'>
export type Stubs = { [Group in Groups]?: { [Name in keyof ConnectClient[Group]]?: Stub } }

/** What a call asks for. `isKnown` of a list is a function, which has no value to compare. */
function withoutFunctions (arg: unknown): unknown {
  if (typeof arg !== 'object' || arg === null || Array.isArray(arg)) return arg
  return Object.fromEntries(Object.entries(arg).filter(([, value]) => typeof value !== 'function'))
}

/** A Connect client that answers as told and remembers what it was asked; what it was not told is a failing test. */
export function fakeConnect (stubs: Stubs): { connect: ConnectClient, calls: Call[] } {
  const calls: Call[] = []
  const group = (name: string): object => new Proxy({}, {
    get: (_target, method) => async (...args: never[]) => {
      const operation = `${name}.${String(method)}`
      calls.push({ operation, args: args.slice(0, -1).map(withoutFunctions) })
      const stub = (stubs as Record<string, Record<string, Stub | undefined> | undefined>)[name]?.[String(method)]
      if (stub === undefined) throw new Error(`nobody expected ${operation}`)
      return await stub(...args)
    }
  })
  const groups = [
    'usageFiles',
    'usageRecords',
    'usageChunks',
    'reconciliations',
    'aggregates',
    'rules',
    'templates',
    'catalogue',
    'storage'
  ]
  const client = Object.fromEntries(groups.map(name => [name, group(name)]))
  return { connect: { ...client, stats: () => ({}), close: async () => {} } as unknown as ConnectClient, calls }
}
