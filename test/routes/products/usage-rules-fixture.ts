import type { Test } from 'tap'
import type { UsageRule as ConnectRule } from '../../../src/connect/types.ts'
import { makeApp } from '../../helper.ts'
import { caller } from '../call.ts'
import { fakeConnect, type Stubs } from '../fake-connect.ts'

export const PRODUCT = 'PRD-113-628-780'
export const ITEM = `${PRODUCT}-0003`
export const PATH = `/v1/products/${PRODUCT}/usage-rules`

export const connectRule = (more: ConnectRule = {}): ConnectRule => ({
  id: 'UIR-276-377-001',
  action: 'accept',
  scope: 'record',
  rule: 'lt(amount,1000)',
  status: 'active',
  item: { id: ITEM, name: 'Machine' },
  events: { created: { at: '2026-09-01T08:00:00+00:00' }, updated: { at: '2026-09-14T11:20:05.5+00:00' } },
  ...more
})

export const sent = { item: { id: ITEM }, action: 'accept', rule: 'lt(amount,1000)', status: 'active' }
export const fail = (error: Error) => () => { throw error }
/** The values one after the other, the last one for ever. */
export const inTurn = (...values: unknown[]) => () => {
  const next = values.length > 1 ? values.shift() : values[0]
  if (next instanceof Error) throw next
  return next
}
export const page = (...items: ConnectRule[]) => ({ items, total: items.length })

export async function start (t: Test, rules: NonNullable<Stubs['rules']>) {
  const { connect, calls } = fakeConnect({ rules })
  const { app } = await makeApp(t, { connect })
  return {
    calls,
    provider: caller(t, app, 'provider', 'UsageRule'),
    lists: caller(t, app, 'provider', 'list of UsageRule'),
    vendor: caller(t, app, 'vendor', '')
  }
}
