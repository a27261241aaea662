import type { CatalogItem, Precision, Schema } from '../workbooks/types.ts'
import type { Account, Product } from '../state/types.ts'
import { fallball, northwind } from './parties.ts'

type ItemLine = [mpn: string, name: string, unit: string, precision: Precision, type?: CatalogItem['type']]

function items (productId: string, lines: readonly ItemLine[]): CatalogItem[] {
  return lines.map(([mpn, name, unit, precision, type = 'PPU'], index) => {
    const id = `${productId}-${String(index + 1).padStart(4, '0')}`
    return { id, localId: id.replaceAll('-', '_'), name, unit, mpn, precision, type, dynamic: false }
  })
}

function product (
  vendor: Account, id: string, name: string, schema: Schema, lines: readonly ItemLine[], extra: Partial<Product> = {}
): Product {
  return {
    id,
    name,
    icon: `/media/${vendor.id}/${id}/media/${id}-logo.png`,
    vendor,
    schema,
    items: items(id, lines),
    takesPpu: true,
    takesReservation: false,
    dynamicItems: false,
    late: false,
    future: false,
    requiredCustomFields: [],
    ...extra
  }
}

export const fallballCloud = product(fallball, 'PRD-276-377-545', 'Fallball Cloud', 'cr', [
  ['FB-VM-HOURS', 'Virtual machine hours', 'Hours', 'Decimal(2)'],
  ['FB-STORAGE-GB', 'Object storage', 'GB', 'Decimal(4)'],
  ['FB-SEATS', 'User seats', 'Seats', 'Integer']
])

export const solutionsBundle = product(fallball, 'PRD-700-100-200', 'Cloud Solutions Bundle', 'cr', [
  ['AmazonEC2', 'Amazon Elastic Compute Cloud', 'Unit', 'Decimal(8)'],
  ['AmazonS3', 'Amazon Simple Storage Service', 'Unit', 'Decimal(8)'],
  ['CFQ7TTC0LFLX:0021:CFQ7TTC12ZPW', 'Microsoft 365 E3 (no Teams)', 'unit', 'Decimal(8)'],
  ['CFQ7TTC0LH16:0001:CFQ7TTC0W27W', 'Exchange Online (Plan 1)', 'unit', 'Decimal(8)'],
  ['65304853CA01A12', 'Acrobat Pro for teams', 'unit', 'Decimal(8)']
], { dynamicItems: true, late: true, future: true })

export const legacyQuantity = product(fallball, 'PRD-700-100-300', 'Legacy Quantity Service', 'qt', [
  ['MPN-C-PPU', 'Consumption units', 'Units', 'Decimal(4)']
])

export const backupVault = product(fallball, 'PRD-410-220-330', 'Backup Vault', 'pr', [
  ['BV-GB-MONTH', 'Protected storage', 'GB', 'Decimal(4)'],
  ['BV-RESTORE-GB', 'Restored data', 'GB', 'Decimal(2)'],
  ['BV-DEVICE', 'Protected devices', 'Devices', 'Integer', 'Reservation']
], { takesReservation: true })

export const voiceSuite = product(fallball, 'PRD-520-330-440', 'Voice Suite', 'tr', [
  ['VS-MINUTES', 'Call minutes', 'Minutes', 'Decimal(1)'],
  ['VS-NUMBERS', 'Phone numbers', 'Numbers', 'Integer']
])

/** A product whose submitted usage files a usage rule of the provider accepts. */
export const meteredMessaging = product(fallball, 'PRD-630-440-550', 'Metered Messaging', 'qt', [
  ['MM-SMS', 'Text messages', 'Messages', 'Integer'],
  ['MM-MEDIA-MB', 'Media traffic', 'MB', 'Decimal(2)']
])

/** Takes no usage of its reservation item. Its rows need `v.invoice_number`, and may lie outside the period. */
export const fleetInsight = product(fallball, 'PRD-740-550-660', 'Fleet Insight', 'qt', [
  ['FI-KM', 'Driven kilometres', 'km', 'Decimal(1)'],
  ['FI-VEHICLE', 'Registered vehicles', 'Vehicles', 'Integer', 'Reservation']
], { late: true, future: true, requiredCustomFields: ['invoice_number'] })

/** A product that takes no usage at all. */
export const mailboxPlans = product(fallball, 'PRD-750-560-670', 'Mailbox Plans', 'qt', [
  ['MB-SEAT', 'Mailboxes', 'Mailboxes', 'Integer', 'Reservation']
], { takesPpu: false })

/** A product with 5,000 subscriptions, as many as a large partner reports in a month. */
export const partnerCloud = product(fallball, 'PRD-760-570-680', 'Partner Cloud', 'cr', [
  ['PC-CPU-HOURS', 'Processor hours', 'Hours', 'Decimal(4)'],
  ['PC-GB', 'Storage', 'GB', 'Decimal(2)']
])

export const northwindCrm = product(northwind, 'PRD-880-110-220', 'Northwind CRM', 'qt', [
  ['NW-CONTACTS', 'Stored contacts', 'Contacts', 'Integer']
])

export const products: readonly Product[] = [fallballCloud, solutionsBundle, legacyQuantity, backupVault, voiceSuite,
  meteredMessaging, fleetInsight, mailboxPlans, partnerCloud, northwindCrm]
