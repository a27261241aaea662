import { choice, freeText, searchable, sortable, text } from '../rql/collection.ts'
import type { Collection } from '../rql/collection.ts'
import { byParameter } from '../state/subscriptions.ts'
import type { Subscription } from '../state/subscriptions.ts'
import type { Contract, Product } from '../state/types.ts'
import type { CatalogItem } from '../workbooks/types.ts'

/** Of Connect's filters for these five lists, the sandbox has those that a client needs for its usage files. */

const productStatuses = ['draft', 'indevelopment', 'oncertification', 'published', 'initializationfailed', 'deleted',
  'endofsale']

export const productCollection: Collection<Product> = {
  fields: {
    id: text(({ id }) => id, searchable),
    name: freeText(({ name }) => name, sortable),
    status: choice(productStatuses, () => 'published'),
    'owner.id': text(({ vendor }) => vendor.id, searchable),
    'owner.name': freeText(({ vendor }) => vendor.name)
  }
}

export const itemCollection: Collection<CatalogItem> = {
  fields: {
    id: text(({ id }) => id, searchable),
    mpn: text(({ mpn }) => mpn, searchable),
    name: freeText(({ name }) => name),
    display_name: freeText(({ name }) => name),
    local_id: freeText(({ localId }) => localId),
    type: choice(['Reservation', 'PPU'], ({ type }) => type, searchable),
    item_type: choice(['Reservation', 'PPU'], ({ type }) => type, searchable),
    status: choice(['draft', 'published', 'endofsale'], () => 'published', searchable),
    dynamic: choice(['true', 'false'], ({ dynamic }) => String(dynamic))
  }
}

const assetStatuses = ['draft', 'processing', 'active', 'terminating', 'suspended', 'terminated']

export const assetCollection: Collection<Subscription> = {
  variants: byParameter,
  fields: {
    id: text(({ asset }) => asset.id, searchable),
    external_id: text(({ asset }) => asset.externalId, searchable),
    external_uid: text(({ asset }) => asset.externalUid),
    status: choice(assetStatuses, () => 'active', sortable),
    created: { lookups: 'dateRange', get: ({ asset }) => createdAt(asset.id), ordering: true },
    'product.id': text(({ contract }) => contract.product.id, searchable),
    'product.name': freeText(({ contract }) => contract.product.name, sortable),
    'marketplace.id': text(({ contract }) => contract.marketplace.id, sortable),
    'contract.id': text(({ contract }) => contract.id),
    'connection.type': choice(['test', 'production'], ({ contract }) => connectionType(contract)),
    'connection.hub.id': text(({ asset }) => asset.hub.id),
    'connection.provider.id': text(({ contract }) => contract.provider.id, searchable),
    'connection.vendor.id': text(({ contract }) => contract.product.vendor.id, searchable),
    'tiers.customer.id': text(({ asset }) => asset.customer.id, sortable),
    'params.id': { ...text(({ parameters }) => parameters[0]?.[0]), lookups: 'choice' },
    'params.value': text(({ parameters }) => parameters[0]?.[1])
  }
}

export const connectionType = ({ environment }: Contract): string => environment === 'production' ? environment : 'test'

export const listingCollection: Collection<Contract> = {
  fields: {
    id: text(listingId),
    status: choice(['unlisted', 'listed'], () => 'listed'),
    created: { lookups: 'date', get: ({ id }) => createdAt(id), ordering: true },
    'product.id': text(({ product }) => product.id),
    'product.name': freeText(({ product }) => product.name, sortable),
    'contract.id': text(({ id }) => id),
    'marketplace.id': text(({ marketplace }) => marketplace.id),
    'marketplace.name': freeText(({ marketplace }) => marketplace.name, sortable)
  }
}

/** Gives the time of creation of an object: a time in 2025 that depends on the last six digits of its id. */
export function createdAt (id: string): string {
  const minute = Number(id.replace(/\D/g, '').slice(-6)) % (365 * 24 * 60)
  return new Date(Date.UTC(2025, 0, 1) + minute * 60_000).toISOString()
}

/** Gives `LST-` and the last nine digits of the contract's id, in groups of three. */
export function listingId ({ id }: Contract): string {
  return `LST-${id.replace(/\D/g, '').slice(-9).replace(/(\d{3})(?=\d)/g, '$1-')}`
}

export const contractCollection: Collection<Contract> = {
  fields: {
    id: text(({ id }) => id, sortable),
    type: choice(['distribution', 'program', 'service', 'syndication', 'referral'], ({ type }) => type),
    status: choice(['new', 'enrolling', 'pending', 'active', 'terminated', 'rejected'], () => 'active',
      { ordering: true }),
    'marketplace.id': text(({ marketplace }) => marketplace.id, searchable),
    'owner.id': text(({ product }) => product.vendor.id),
    'owner.name': freeText(({ product }) => product.vendor.name, sortable)
  }
}
