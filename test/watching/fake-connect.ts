import type { IncomingMessage, ServerResponse } from 'node:http'
import { startUpstream, type Teardown } from '../helper.ts'

export interface FakeObject {
  id: string
  status: string
  sub_status?: string
  stats?: Record<string, number>
  usagefile?: { id: string }
  [field: string]: unknown
}

/** One call that Connect got. `list` has the query of a list. */
export interface Call { path: string, id: string | null, query: string, at: number }

/** A Connect whose objects a test changes at will, on a socket. */
export interface FakeConnect {
  baseUrl: string
  /** By id; the first part of the id tells the kind. */
  objects: Map<string, FakeObject>
  calls: Call[]
  lists: () => Call[]
  details: (id?: string) => Call[]
  set: (id: string, changes: Partial<FakeObject>) => void
  /** From now on lists show the objects as they are now; null: as they are. */
  freezeLists: (isFrozen: boolean) => void
  /** What to do in place of an answer; undefined: answer. */
  onCall: (call: Call, response: ServerResponse) => 'handled' | undefined
  /** Milliseconds before each answer. */
  delayMs: number
}

const COLLECTIONS: Readonly<Record<string, string>> = {
  '/usage/files': 'UF-', '/usage/chunks': 'UFC-', '/usage/reconciliations': 'RCF-'
}

export async function startFakeConnect (t: Teardown, objects: readonly FakeObject[] = []): Promise<FakeConnect> {
  let frozen: FakeObject[] | null = null
  const fake: FakeConnect = {
    baseUrl: '',
    objects: new Map(objects.map(object => [object.id, object])),
    calls: [],
    lists: () => fake.calls.filter(({ id }) => id === null),
    details: id => fake.calls.filter(call => call.id !== null && (id === undefined || call.id === id)),
    set: (id, changes) => {
      const object = fake.objects.get(id) ?? { id, status: 'draft' }
      fake.objects.set(id, { ...object, ...changes })
    },
    freezeLists: isFrozen => { frozen = isFrozen ? [...fake.objects.values()] : null },
    onCall: () => undefined,
    delayMs: 0
  }
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname, search } = new URL(request.url ?? '', 'http://fake')
    const path = pathname.replace('/public/v1', '')
    const collection = Object.keys(COLLECTIONS).find(name => path.startsWith(name)) ?? ''
    const rest = path.slice(collection.length + 1)
    const call = { path, id: rest === '' ? null : rest, query: decodeURIComponent(search), at: performance.now() }
    fake.calls.push(call)
    if (fake.onCall(call, response) === 'handled') return
    response.setHeader('content-type', 'application/json')
    if (call.id !== null) {
      const object = fake.objects.get(call.id)
      if (object === undefined) response.statusCode = 404
      response.end(JSON.stringify(object === undefined
        ? { error_code: 'VAL_001', errors: ['not found'] }
        : { ...object, records: { valid: 1, invalid: 0 } }))
      return
    }
    const rows = [...frozen ?? fake.objects.values()]
      .filter(({ id }) => id.startsWith(COLLECTIONS[collection] ?? '-'))
      .filter(object => isAsked(object, call.query))
    const limit = Number(/limit=(\d+)/.exec(call.query)?.[1] ?? 100)
    const offset = Number(/offset=(\d+)/.exec(call.query)?.[1] ?? 0)
    const page = rows.slice(offset, offset + limit)
    response.setHeader('content-range', `items ${offset}-${offset + Math.max(0, page.length - 1)}/${rows.length}`)
    // `sub_status` is in details only.
    response.end(JSON.stringify(page.map(row => ({ ...row, sub_status: undefined }))))
  }
  const { baseUrl } = await startUpstream(t, (request, response) => {
    request.resume()
    if (fake.delayMs === 0) answer(request, response)
    else setTimeout(() => { answer(request, response) }, fake.delayMs)
  })
  fake.baseUrl = baseUrl
  return fake
}

/** Whether the filter of a list allows an object. */
function isAsked (object: FakeObject, query: string): boolean {
  for (const [, one, many, oneValue, values] of query.matchAll(
    /(?:eq\(([\w.]+)|in\(([\w.]+)),(?:"([^"]*)"|\(([^)]*)\))\)/g
  )) {
    const field = one ?? many ?? ''
    const value = field === 'usagefile.id' ? object.usagefile?.id : object[field]
    const allowed = oneValue === undefined ? (values ?? '').replaceAll('"', '').split(',') : [oneValue]
    if (!allowed.includes(String(value))) return false
  }
  return true
}

/** The id of the nth usage file of a test. */
export function fileIdOf (n: number): string {
  return `UF-2026-11-${String(n).padStart(4, '0')}-0001`
}
