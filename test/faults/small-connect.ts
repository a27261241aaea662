import type { Fields } from '../../src/usage/mapping/normalize.ts'

export const FILE = 'UF-2026-11-0000-0001'
export const RECORD = 'UR-2026-11-0000-0000-0000-0001'
export const CHUNK = 'UFC-2026-11-0000-0001-001'
export const RULE = 'UR-700-100-200-001'
export const PRODUCT = 'PRD-700-100-200'
export const RECONCILIATION = 'RCF-2026-11-0000-0001'

type Changed = Record<string, unknown>

/** Connect in miniature: one object of each kind, and its own clock, which is 25 years late. */
export interface World {
  file: Changed
  record: Changed
  chunk: Changed
  /** Files that were created. */
  files: Changed[]
  rules: Changed[]
  reconciliations: Changed[]
  /** Records that nobody has decided on. */
  undecided: number
  now: () => string
}

export function newWorld (status: { file?: string, record?: string, chunk?: string }): World {
  let seconds = 0
  const now = (): string => {
    seconds += 1
    return new Date(Date.UTC(2001, 0, 1, 0, 0, seconds)).toISOString()
  }
  const created = { created: { at: now() } }
  return {
    file: {
      ...newFile({ id: FILE, name: 'October' }),
      status: status.file ?? 'accepted',
      events: { ...created, uploaded: { at: now() } }
    },
    record: { id: RECORD, status: status.record ?? 'approved', usagefile: { id: FILE } },
    chunk: {
      id: CHUNK,
      status: status.chunk ?? 'ready',
      external_id: '',
      outdated: true,
      usagefile: { id: FILE },
      binding: { hub: { id: 'HB-1' } },
      events: created
    },
    // Of the same external id, and older: it must never be taken for the one that was asked for.
    files: [
      newFile({
        id: 'UF-2026-11-0000-0002',
        name: 'October',
        external_id: 'E-1',
        product: { id: PRODUCT },
        contract: { id: 'CRD-1' }
      })
    ],
    rules: [
      {
        id: RULE,
        status: 'active',
        action: 'accept',
        rule: 'lt(amount,1)',
        item: { id: `${PRODUCT}-0001` },
        events: created
      }
    ],
    reconciliations: [],
    undecided: 3,
    now
  }
}

export function newFile (fields: Fields): Changed {
  return { status: 'draft', records: { valid: 1 }, stats: {}, events: {}, ...fields }
}

/** Changes an object as a state machine does: refused, with false, where its status is none of those. */
export function move (object: Changed, from: readonly string[], change: Fields): boolean {
  if (!from.includes(String(object['status']))) return false
  Object.assign(object, change)
  return true
}

/** Notes the time of an event in an object. */
export function happened (world: World, object: Changed, event: string): void {
  object['events'] = { ...object['events'] as object, [event]: { at: world.now() } }
}

/** What a read finds: an object, a list, or null for nothing. */
export function lookUp (world: World, url: string): object | null {
  const [path = '', query = ''] = decodeURIComponent(url).split('?')
  const id = path.slice(path.lastIndexOf('/') + 1)
  if (path === '/usage/files') return world.files.filter(file => query.includes(String(file['external_id'])))
  // Those of the chunk that are closed: its one record, with the billing id it has.
  if (path === '/usage/records' && query.includes('hub.id')) {
    return [world.record].filter(record => record['status'] === 'closed')
  }
  if (path === '/usage/records') return Array.from({ length: world.undecided }, () => ({}))
  if (path.endsWith('/usage/rules')) return world.rules
  const { file, record, chunk, files, rules, reconciliations } = world
  return [file, record, chunk, ...files, ...rules, ...reconciliations].find(object => object['id'] === id) ?? null
}
