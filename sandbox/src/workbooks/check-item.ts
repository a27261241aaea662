import { clip } from './cell-text.ts'
import { parsePrecision } from './check-numbers.ts'
import { assetCriteria, dynamicItemColumns, itemCriteria } from './columns.ts'
import { rowErrorCodes } from './error-codes.ts'
import type { RowReader } from './row-reader.ts'
import type { Catalog, CatalogAsset, CatalogItem, DescribedItem } from './types.ts'

/**
 * Gives the item that a row names, or null after reporting a fault. Gives the item and also reports a fault when the
 * product takes no usage of its type. Creates an unknown item that the row describes in its item_* columns, when the
 * product takes dynamic items.
 */
export function checkItem (reader: RowReader, catalog: Catalog): CatalogItem | null {
  const criteria = reader.needed('item_search_criteria')?.trim()
  const value = reader.needed('item_search_value')
  if (criteria !== undefined && !itemCriteria.some(known => known === criteria)) {
    reader.fail(rowErrorCodes.unknownItemCriteria, 'item_search_criteria',
      `item_search_criteria must be one of ${itemCriteria.join(', ')}, not "${clip(criteria, 40)}"`)
    return null
  }
  if (criteria === undefined || value === null) return null
  const item = catalog.findItem(criteria, value)
  if (item !== undefined) return checkType(reader, catalog, item)
  if (!catalog.dynamicItems || dynamicItemColumns.every(column => reader.text(column) === null)) {
    // `Unknown MPN` is Connect's own text. Connect's texts for the other criteria are not known.
    reader.fail(rowErrorCodes.unknownItem, 'item_search_value',
      criteria === 'item.mpn' ? 'Unknown MPN' : `Unknown item: none has ${criteria} "${clip(value, 60)}"`)
    return null
  }
  const described = describeItem(reader)
  if (described === null) return null
  // The search cells found no item. One with this `item_mpn` may exist all the same, such as one of an earlier row.
  return catalog.findItem('item.mpn', described.mpn) ?? catalog.addItem(described)
}

function checkType (reader: RowReader, { takes }: Catalog, item: CatalogItem): CatalogItem {
  if (!takes[item.type]) {
    reader.fail(rowErrorCodes.itemTakesNoUsage, 'item_search_value',
      `The product takes no usage of ${item.type === 'PPU' ? 'pay-per-use' : 'reservation'} items such as ${item.mpn}`)
  }
  return item
}

function describeItem (reader: RowReader): DescribedItem | null {
  const errorsBefore = reader.errors.length
  const [name = '', unit = '', mpn = '', precisionText = ''] = dynamicItemColumns.map(
    column => reader.text(column) ?? ''
  )
  const precision = parsePrecision(precisionText)
  dynamicItemColumns.filter(column => reader.text(column) === null).forEach(column => {
    reader.fail(
      rowErrorCodes.incompleteDynamicItem,
      column,
      `${column} is needed to create the item, which the product does not have`
    )
  })
  if (precision === undefined && precisionText !== '') {
    reader.fail(
      rowErrorCodes.incompleteDynamicItem,
      'item_precision',
      'item_precision must be Integer, Decimal(1), Decimal(2), Decimal(4) or Decimal(8), not ' +
      `"${clip(precisionText, 40)}"`
    )
  }
  if (precision === undefined || reader.errors.length > errorsBefore) return null
  return { name, unit, mpn, precision }
}

/** Gives the asset that a row names, or null after reporting a fault. */
export function checkAsset (reader: RowReader, catalog: Catalog): CatalogAsset | null {
  const criteria = reader.needed('asset_search_criteria')?.trim()
  const value = reader.needed('asset_search_value')
  if (criteria === undefined) return null
  if (!/^(asset\.id|parameter\..+)$/.test(criteria)) {
    reader.fail(rowErrorCodes.unknownAssetCriteria, 'asset_search_criteria',
      `asset_search_criteria must be one of ${assetCriteria.join(', ')}, not "${clip(criteria, 40)}"`)
    return null
  }
  if (value === null) return null
  const asset = catalog.findAsset(criteria, value)
  if (asset === undefined) {
    reader.fail(
      rowErrorCodes.unknownAsset,
      'asset_search_value',
      `Unknown asset: none has ${criteria} "${clip(value, 60)}"`
    )
  }
  return asset ?? null
}
