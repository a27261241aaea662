import type { Fields } from '../../src/usage/mapping/normalize.ts'
import {
  CHUNK,
  FILE,
  happened,
  move,
  newFile,
  newWorld,
  PRODUCT,
  RECONCILIATION,
  RECORD,
  RULE,
  type World
} from './small-connect.ts'

/** An operation that changes something, and what is promised of it. */
export interface Write {
  role: 'vendor' | 'provider'
  request: { method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object | 'workbook' }
  success: number
  world: () => World
  /** Does it: gives Connect's answer, or false where Connect refuses it. */
  act: (world: World, body: Fields) => object | null | false
  /** What the same request sends once more after, when nothing shows. */
  resends: 'failure or reset' | 'failure' | 'never'
  /** Only with a key is there a look before the send, and without one nothing would tell that nothing was done. */
  needsKey?: true
  /** Whether a look tells if it was done. */
  isTold: boolean
  /** A look does not tell whether this request did it, so that a refusal of Connect stands. */
  isRefusalBelieved?: true
  /** Whether the next request with the key sends what has not been done. */
  isSentByTheNext: boolean
}

const file = `/v1/usage-files/${FILE}`
const product = `/v1/products/${PRODUCT}/usage-rules`
const period = { from: '2026-10-01', to: '2026-10-31' }

/** An action that takes a file out of the statuses that allow it; a second one is refused. */
const leaving = (role: Write['role'], request: Write['request'], from: string, to: string, success = 200): Write => ({
  role, request, success,
  world: () => newWorld({ file: from }),
  act: ({ file }, body) => move(file, [from], { status: to, ...body }) && (success === 204 ? null : file),
  resends: 'failure or reset', isTold: true, isSentByTheNext: true
})

/** A write that Connect takes as often as it comes. */
const overwriting = (
  role: Write['role'],
  request: Write['request'],
  act: Write['act'],
  more: Partial<Write> = {}
): Write => ({
  role,
  request,
  success: 200,
  world: () => newWorld({}),
  act,
  resends: 'failure',
  isTold: true,
  isSentByTheNext: true,
  ...more
})

const never = { resends: 'never' } as const
/** Never sent by anybody else than its own request. */
const onlyOnce = { resends: 'never', isSentByTheNext: false } as const
/** Nor is there anything that would tell what came of it. */
const untold = { ...onlyOnce, isTold: false } as const

const create = (more: object, externalId: string | null, promise: Partial<Write>): Write =>
  overwriting(
    'vendor',
    {
      method: 'POST',
      path: '/v1/usage-files',
      body: { name: 'October', productId: PRODUCT, contractId: 'CRD-1', period, ...more }
    },
    (world, body) => {
      const made = newFile({ ...body, id: `UF-2026-11-0000-000${3 + world.files.length}`, external_id: externalId })
      world.files.push(made)
      return made
    },
    { success: 201, ...promise }
  )

type Writes = Readonly<Record<string, Write>>

/** Usage files. */
export const FILE_WRITES: Writes = {
  createUsageFile: create({ externalId: 'E-1' }, 'E-1', onlyOnce),
  createUsageFileWithoutExternalId: create({}, null, untold),
  updateUsageFile: overwriting(
    'vendor',
    { method: 'PATCH', path: file, body: { note: 'n' } },
    (world, body) => Object.assign(world.file, body),
    { world: () => newWorld({ file: 'draft' }) }
  ),
  deleteUsageFile: leaving('vendor', { method: 'DELETE', path: file }, 'draft', 'deleted', 204),
  submitUsageFile: leaving('vendor', { method: 'POST', path: `${file}/submit` }, 'ready', 'pending'),
  acceptUsageFile: leaving(
    'provider',
    { method: 'POST', path: `${file}/accept`, body: { note: 'n' } },
    'pending',
    'accepted'
  ),
  rejectUsageFile: leaving(
    'provider',
    { method: 'POST', path: `${file}/reject`, body: { note: 'n' } },
    'pending',
    'rejected'
  ),
  approveAllUsageRecords: overwriting(
    'provider',
    { method: 'POST', path: `${file}/approve-all` },
    world => {
      world.undecided = 0
      return world.file
    },
    { needsKey: true, isRefusalBelieved: true }
  ),
  closeUsageFile: leaving('provider', { method: 'POST', path: `${file}/close` }, 'accepted', 'closed'),
  reprocessUsageFile: overwriting(
    'provider',
    { method: 'POST', path: `${file}/reprocess` },
    world => Object.assign(world.file, { sub_status: 'processing' }),
    { ...onlyOnce, success: 202 }
  )
}

/** Records, chunks and rules. */
export const OTHER_WRITES: Writes = {
  updateUsageRecord: overwriting(
    'provider',
    { method: 'PATCH', path: `/v1/usage-records/${RECORD}`, body: { status: 'rejected' } },
    ({ record }, body) => Object.assign(record, body),
    { needsKey: true }
  ),
  // A Connect that does not refuse to close what is closed.
  closeUsageRecord: overwriting(
    'provider',
    { method: 'POST', path: `/v1/usage-records/${RECORD}/close`, body: { externalBillingId: 'INV-1' } },
    ({ record }, body) => Object.assign(record, body, { status: 'closed' })
  ),
  updateUsageChunk: overwriting(
    'provider',
    { method: 'PATCH', path: `/v1/usage-chunks/${CHUNK}`, body: { externalId: 'B-1' } },
    ({ chunk }, body) => Object.assign(chunk, body),
    { needsKey: true }
  ),
  closeUsageChunk: overwriting(
    'provider',
    { method: 'POST', path: `/v1/usage-chunks/${CHUNK}/close`, body: { externalBillingId: 'INV-1' } },
    (world, body) => {
      happened(world, world.chunk, 'closed')
      Object.assign(world.record, body, { status: 'closed', closed_at: world.now() })
      return Object.assign(world.chunk, { status: 'closed' })
    },
    never
  ),
  regenerateUsageChunk: overwriting(
    'provider',
    { method: 'POST', path: `/v1/usage-chunks/${CHUNK}/regenerate` },
    ({ chunk }) => Object.assign(chunk, { status: 'draft' }),
    { ...onlyOnce, success: 202 }
  ),
  createUsageRule: overwriting(
    'provider',
    { method: 'POST', path: product, body: { itemId: `${PRODUCT}-0001`, action: 'accept', rule: 'lt(amount,5)' } },
    (world, body) => {
      const made = { ...body, id: `UR-700-100-200-00${1 + world.rules.length}` }
      world.rules.push(made)
      return made
    },
    { ...onlyOnce, success: 201 }
  ),
  updateUsageRule: overwriting(
    'provider',
    { method: 'PATCH', path: `${product}/${RULE}`, body: { rule: 'lt(amount,7)' } },
    ({ rules: [rule = {}] }, body) => Object.assign(rule, body),
    never
  ),
  deleteUsageRule: overwriting(
    'provider',
    { method: 'DELETE', path: `${product}/${RULE}` },
    ({ rules: [rule = {}] }) => move(rule, ['active'], { status: 'deleted' }) && null,
    { ...never, success: 204 }
  )
}

/** What has a file. */
export const UPLOADS: Writes = {
  uploadUsageFile: overwriting(
    'vendor',
    { method: 'POST', path: `${file}/upload`, body: 'workbook' },
    world => {
      happened(world, world.file, 'uploaded')
      return world.file
    },
    { ...never, success: 202, isRefusalBelieved: true, world: () => newWorld({ file: 'ready' }) }
  ),
  reconcileUsageFile: overwriting(
    'provider',
    { method: 'POST', path: `${file}/reconciliation`, body: 'workbook' },
    world => world.file,
    { ...untold, success: 202 }
  ),
  createReconciliation: overwriting(
    'provider',
    { method: 'POST', path: '/v1/reconciliations', body: 'workbook' },
    world => {
      const made = { id: RECONCILIATION, status: 'uploaded', events: {} }
      world.reconciliations.push(made)
      return made
    },
    { ...untold, success: 201 }
  )
}
