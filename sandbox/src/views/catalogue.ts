import { connectionType, createdAt, listingId } from '../collections/catalogue.ts'
import { itemsOf } from '../state/store.ts'
import type { Store } from '../state/store.ts'
import type { Subscription } from '../state/subscriptions.ts'
import type { Contract, Product } from '../state/types.ts'
import type { CatalogItem } from '../workbooks/types.ts'
import { accountView, marketplaceView } from './common.ts'
import type { View } from './common.ts'

const nameOf = ({ id, name }: { id: string, name: string }): View => ({ id, name })
const productReference = ({ id, name, icon }: Product): View => ({ id, name, icon, status: 'published' })
const contractReference = ({ id, name, type }: Contract): View => ({ id, name, type })

/** `usage_rule.enabled` tells whether the product has an active usage rule. Its meaning in Connect is not known. */
export const productView = (store: Store) => (product: Product): View => ({
  ...productReference(product),
  owner: nameOf(product.vendor),
  version: 1,
  latest: true,
  capabilities: {
    ppu: product.takesPpu
      ? {
          ppu: true,
          schema: product.schema.toUpperCase(),
          dynamic: product.dynamicItems,
          predictive: false,
          future: product.future,
          late: product.late,
          required_custom_fields: product.requiredCustomFields
        }
      : null,
    reservation: { consumption: product.takesReservation }
  },
  usage_rule: { enabled: store.rules.some((rule) => rule.product === product && rule.status === 'active') }
})

/** Values such as type and precision are in lower case, as in Connect's list of a product's items. */
export const catalogueItemView = ({ id, localId, mpn, name, unit, type, precision, dynamic }: CatalogItem): View => ({
  id,
  name,
  status: 'published',
  unit: { id: unit.toLowerCase(), name: unit, title: unit, unit: unit.toLowerCase() },
  mpn,
  type: type.toLowerCase(),
  local_id: localId,
  display_name: name,
  period: 'monthly',
  precision: precision.toLowerCase(),
  commitment: { multiplier: 'billing_period', count: 1 },
  dynamic
})

export const assetDetailView = (store: Store) => ({ asset, contract }: Subscription): View => ({
  id: asset.id,
  status: 'active',
  external_id: asset.externalId,
  external_uid: asset.externalUid,
  external_name: `${contract.product.name} ${asset.externalId}`,
  product: productReference(contract.product),
  connection: {
    id: `CT-${asset.hub.id.slice(3)}-0000`,
    type: connectionType(contract),
    hub: nameOf(asset.hub),
    provider: nameOf(contract.provider),
    vendor: nameOf(contract.product.vendor)
  },
  items: itemsOf(store, contract.product).map(({ id, mpn, type }) => (
    { id, mpn, quantity: type === 'Reservation' ? '10' : '0' })),
  params: Object.entries(asset.parameters).map(([id, value]) => ({ id, name: id, type: 'text', value })),
  tiers: { customer: asset.customer, tier1: {}, tier2: {} },
  marketplace: marketplaceView(contract.marketplace),
  contract: contractReference(contract),
  events: { created: { at: createdAt(asset.id) } }
})

export const listingView = (contract: Contract): View => ({
  id: listingId(contract),
  status: 'listed',
  created: createdAt(contract.id),
  product: productReference(contract.product),
  contract: contractReference(contract),
  marketplace: marketplaceView(contract.marketplace),
  vendor: accountView(contract.product.vendor),
  provider: accountView(contract.provider)
})

export const contractView = (contract: Contract): View => ({
  ...contractReference(contract),
  status: 'active',
  kind: connectionType(contract),
  marketplace: marketplaceView(contract.marketplace),
  owner: accountView(contract.product.vendor),
  issuer: accountView(contract.provider),
  agreement: {
    id: `AGD-${contract.provider.id.slice(3)}-001`,
    name: `Distribution by ${contract.provider.name}`
  }
})
