import type { CatalogItem } from '../workbooks/types.ts'
import type { Account, Asset, Event, Hub, Marketplace, UsageFile } from '../state/types.ts'

export type View = Record<string, unknown>

export const accountView = (account: Account): View => ({ id: account.id, name: account.name, icon: account.icon })

/** Gives the JSON of a marketplace. Without an icon the member `icon` is left out, as in Connect. */
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

/** Gives the JSON of an event. `by` is left out when no person did it, but a usage rule or the sandbox itself. */
export const eventView = (event: Event): View => ({ at: event.at, by: event.by ?? undefined })

const eventOrder = ['created', 'updated', 'uploaded', 'submitted', 'accepted', 'rejected', 'closed', 'deleted']

export function eventsView (events: Readonly<Record<string, Event | undefined>>): View {
  return Object.fromEntries(eventOrder.flatMap((name) => {
    const event = events[name]
    return event ? [[name, eventView(event)]] : []
  }))
}
