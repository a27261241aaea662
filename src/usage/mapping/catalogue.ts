import {
  ASSET_STATUSES, ITEM_STATUSES, PRODUCT_STATUSES, type Asset, type Product, type ProductItem
} from '../../../schemas/catalogue.ts'
import { USAGE_SCHEMAS } from '../../../schemas/common.ts'
import { ITEM_TYPES, PRECISIONS } from '../../../schemas/usage-record.ts'
import type * as Connect from '../../connect/types.ts'
import {
  address, fieldsOf, iconReference, identifier, itemsOf, oneOf, precision, requiredId, text, type Fields
} from './normalize.ts'

export function toProduct (product: Connect.Product): Product {
  const given = product as Fields
  return {
    id: requiredId(given, 'product'),
    name: text(given['name']),
    icon: address(given['icon']),
    status: oneOf(PRODUCT_STATUSES, given['status']),
    usage: usageOf(given)
  }
}

function usageOf (product: Fields): Product['usage'] {
  const ppu = fieldsOf(fieldsOf(product['capabilities'])?.['ppu'])
  if (ppu === null || ppu['ppu'] === false) return null
  return {
    schema: oneOf(USAGE_SCHEMAS, ppu['schema']),
    dynamic: ppu['dynamic'] === true,
    requiredCustomFields: itemsOf(ppu['required_custom_fields']).map(text).filter(name => name !== null)
  }
}

/** For which kinds of items Connect takes usage of a product; null when the product does not show its capabilities. */
export function usageTaken (product: Connect.Product): { payPerUse: boolean, reservation: boolean } | null {
  const capabilities = fieldsOf((product as Fields)['capabilities'])
  if (capabilities === null) return null
  return {
    payPerUse: usageOf(product as Fields) !== null,
    reservation: fieldsOf(capabilities['reservation'])?.['consumption'] === true
  }
}

export function toProductItem (item: Connect.ProductItem): ProductItem {
  const given = item as Fields
  const unit = fieldsOf(given['unit'])
  return {
    id: requiredId(given, 'item'),
    localId: identifier(given['local_id']),
    mpn: text(given['mpn']),
    name: text(given['name']),
    unit: unit === null ? text(given['unit']) : text(unit['title'] ?? unit['name']),
    precision: oneOf(PRECISIONS, precision(given['precision'])),
    type: oneOf(ITEM_TYPES, given['type']),
    period: text(given['period']),
    status: oneOf(ITEM_STATUSES, given['status']),
    dynamic: given['dynamic'] === true
  }
}

export function toAsset (asset: Connect.Asset): Asset {
  const given = asset as Fields
  return {
    id: requiredId(given, 'subscription'),
    externalId: identifier(given['external_id']),
    externalUid: identifier(given['external_uid']),
    status: oneOf(ASSET_STATUSES, given['status']),
    product: iconReference(given['product']),
    marketplace: iconReference(given['marketplace'])
  }
}
