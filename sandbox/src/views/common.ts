import type { CatalogItem } from '../workbooks/types.ts'
import type { Account, Asset, Event, Hub, Marketplace, UsageFile } from '../state/types.ts'

export type View = Record<string, unknown>

export const accountView = (account: Account): View => ({ id: account.id, name: account.name, icon: account.icon })

/** Real bodies leave the icon of a marketplace out when it has none. */
export const marketplaceView = (marketplace: Marketplace): View =>
  ({ id: marketplace.id, name: marketplace.name, icon: marketplace.icon ?? undefined })

export const bindingView = (hub: Hub): View =>
  ({ hub: { id: hub.id, name: hub.name }, external_id: hub.externalId })

export const fileReference = (file: UsageFile): View => ({
  id: file.id,
  name: file.name,
  schema: file.contract.product.schema,
  currency: file.currency ?? (file.nulls ? null : undefined)
})

export const itemView = (item: CatalogItem): View => ({
  id: item.id,
  local_id: item.localId,
  name: item.name,
  unit: item.unit,
  mpn: item.mpn,
  precision: item.precision,
  type: item.type
})

export const assetView = (asset: Asset): View => ({
  id: asset.id,
  external_id: asset.externalId,
  external_uid: asset.externalUid,
  recon_id: asset.reconId ?? undefined
})

/** `by` is absent when nobody did it: a rule, or time. */
export const eventView = (event: Event): View => ({ at: event.at, by: event.by ?? undefined })

const eventOrder = ['created', 'updated', 'uploaded', 'submitted', 'accepted', 'rejected', 'closed', 'deleted']

export function eventsView (events: Readonly<Record<string, Event | undefined>>): View {
  return Object.fromEntries(eventOrder.flatMap((name) => {
    const event = events[name]
    return event ? [[name, eventView(event)]] : []
  }))
}
