import { randomUUID } from 'node:crypto'
import { until } from '../helper.ts'
import { form } from '../../sandbox/test/helper.ts'
import { header, workbook } from '../../sandbox/test/stories.ts'
import type { Caller, Operation, Told } from './caller.ts'

/** One thing that was asked for, and what the caller believes of it. */
export interface Claim {
  what: string
  is: Told['is']
  /** Object and effect in the sandbox's book; of an object that nobody could name, null. */
  id: string | null
  effect: string
  /**
   * Where it says more than the status: the billing id of a record, the external id of a file, the expression of a
   * rule.
   */
  mark?: string
  status: number | null
}

export interface Journey { caller: Caller, claims: Claim[], random: () => number }

const billing = (): { externalBillingId: string } => ({ externalBillingId: `INV-${randomUUID()}` })

/** Does it and notes what the caller was told; gives whether it can go on. */
async function step (
  { caller, claims }: Journey,
  operation: Operation,
  claim: { id: string | null; effect: string; mark?: string }
): Promise<Told> {
  const told = await caller.tell(operation, randomUUID())
  const id = claim.id ?? (typeof told.reply?.json['id'] === 'string' ? told.reply.json['id'] : null)
  claims.push({
    what: `${operation.method} ${operation.path}`,
    ...claim,
    is: told.is,
    id,
    status: told.reply?.status ?? null
  })
  return told
}

async function create (journey: Journey): Promise<string | null> {
  const externalId = `EXT-${randomUUID()}`
  const body = {
    name: 'October',
    productId: header.product.id,
    contractId: header.contract.id,
    period: header.period,
    externalId
  }
  const told = await step(
    journey,
    { role: 'vendor', method: 'POST', path: '/usage-files', body },
    { id: null, effect: 'created', mark: externalId }
  )
  return told.is === 'done' ? String(told.reply?.json['id']) : null
}

/** Without an external id nothing tells one such file from another but the name, and only to who looks. */
async function createNameless (journey: Journey): Promise<void> {
  const name = `Once ${randomUUID()}`
  const body = { name, productId: header.product.id, contractId: header.contract.id, period: header.period }
  await step(
    journey,
    { role: 'vendor', method: 'POST', path: '/usage-files', body },
    { id: null, effect: 'named', mark: name }
  )
}

async function toDeleted (journey: Journey): Promise<void> {
  const id = await create(journey)
  if (id === null) return
  const changed = await step(
    journey,
    { role: 'vendor', method: 'PATCH', path: `/usage-files/${id}`, body: { note: randomUUID() } },
    { id, effect: 'updated' }
  )
  if (changed.is !== 'done') return
  await step(journey, { role: 'vendor', method: 'DELETE', path: `/usage-files/${id}` }, { id, effect: 'deleted' })
}

async function withRule (journey: Journey): Promise<void> {
  const rule = `lt(amount,${Math.floor(journey.random() * 1e9) + 1e6})`
  const path = `/products/${header.product.id}/usage-rules`
  await step(
    journey,
    { role: 'provider', method: 'POST', path, body: { itemId: 'PRD-276-377-545-0001', action: 'manual', rule } },
    { id: null, effect: 'created', mark: rule }
  )
}

async function toClosed (journey: Journey): Promise<void> {
  const { caller, claims, random } = journey
  const id = await create(journey)
  if (id === null) return
  const file = `/usage-files/${id}`
  const act = async (role: Operation['role'], action: string, effect: string, body?: object): Promise<boolean> =>
    (
      await step(
        journey,
        { role, method: 'POST', path: `${file}/${action}`, ...(body !== undefined && { body }) },
        { id, effect }
      )
    ).is === 'done'

  const uploaded = await step(
    journey,
    { role: 'vendor', method: 'POST', path: `${file}/upload`, body: form('file', await workbook()) },
    { id, effect: 'uploaded' }
  )
  if (uploaded.is !== 'done') return
  await until(async () => (await caller.read('vendor', file))['status'] === 'ready', `${id} to be ready`, 60_000)
  if (!await act('vendor', 'submit', 'submitted')) return
  if (random() < 0.15) {
    await act('provider', 'reject', 'rejected', { note: 'No.' })
    return
  }
  if (random() < 0.2) {
    const {
      items: [one]
    } = (await caller.read('provider', `/usage-records?fileId=${id}&limit=1`)) as { items: { id: string }[] }
    const decided = await step(
      journey,
      { role: 'provider', method: 'PATCH', path: `/usage-records/${one?.id}`, body: { status: 'rejected' } },
      { id: one?.id ?? null, effect: 'rejected' }
    )
    if (decided.is !== 'done' || !await act('provider', 'approve-all', 'approvedAll')) return
  }
  if (!await act('provider', 'accept', 'accepted', { note: 'Yes.' })) return
  if (random() < 0.3) return await byChunk(journey, id)
  if (random() < 0.3 && !await act('provider', 'reprocess', 'reprocessed')) return

  const { items } = await caller.read('provider', `/usage-records?fileId=${id}&limit=10`) as { items: { id: string }[] }
  const [one, ...others] = items.map(item => item.id)
  const { externalBillingId: mark, ...more } = billing()
  await step(
    journey,
    {
      role: 'provider',
      method: 'POST',
      path: `/usage-records/${one}/close`,
      body: { externalBillingId: mark, ...more }
    },
    { id: one ?? null, effect: 'closed', mark }
  )
  const many = billing()
  const list = { path: '/usage-records/close', body: { records: others.map(other => ({ id: other })), ...many } }
  const all = { path: `${file}/records/close`, body: many }
  const told = await caller.tell({ role: 'provider', method: 'POST', ...(random() < 0.5 ? list : all) }, randomUUID())
  const failures = new Map(
    ((told.reply?.json['failures'] ?? []) as { id: string; outcome: Told['is'] }[]).map(failure => [
      failure.id,
      failure.outcome
    ])
  )
  for (const other of others) {
    claims.push({
      what: 'bulk close',
      is: told.is === 'done' ? (failures.get(other) ?? 'done') : told.is,
      id: other,
      effect: 'closed',
      mark: many.externalBillingId,
      status: told.reply?.status ?? null
    })
  }
  await act('provider', 'close', 'closed')
}

/** What a hub does with its part of a file. */
async function byChunk (journey: Journey, fileId: string): Promise<void> {
  const { caller, random } = journey
  const list = `/usage-chunks?fileId=${fileId}&limit=1`
  const ready = async (): Promise<string> => {
    let id = ''
    await until(async () => {
      const { items: [chunk] } = await caller.read('provider', list) as { items: { id: string, status: string }[] }
      id = chunk?.id ?? ''
      return chunk?.status === 'ready'
    }, `the chunk of ${fileId}`, 60_000)
    return id
  }
  const id = await ready()
  const act = async (method: 'PATCH' | 'POST', action: string, effect: string, body?: object): Promise<boolean> =>
    (
      await step(
        journey,
        { role: 'provider', method, path: `/usage-chunks/${id}${action}`, ...(body !== undefined && { body }) },
        { id, effect }
      )
    ).is === 'done'
  if (!await act('PATCH', '', 'updated', { externalId: randomUUID() })) return
  if (random() < 0.5 && !await act('POST', '/regenerate', 'regenerated')) return
  await ready()
  await act('POST', '/close', 'closed', billing())
}

/** A mixture of what callers do, of about five operations each. */
export async function travel (journey: Journey): Promise<void> {
  const kind = journey.random()
  if (kind < 0.2) await toDeleted(journey)
  else if (kind < 0.3) await withRule(journey)
  else if (kind < 0.35) await createNameless(journey)
  else await toClosed(journey)
}
