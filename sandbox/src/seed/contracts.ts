import { createHash } from 'node:crypto'
import type { Account, Asset, Contract, Hub, Marketplace, Product } from '../state/types.ts'
import {
  alpine,
  alpineHub,
  britain,
  eastHub,
  europe,
  harbor,
  harborHub,
  meridian,
  northAmerica,
  pacific,
  pacificHub,
  pacificRim,
  previewHub,
  previewMarketplace,
  westHub
} from './parties.ts'
import {
  backupVault,
  fallballCloud,
  fleetInsight,
  legacyQuantity,
  mailboxPlans,
  meteredMessaging,
  northwindCrm,
  partnerCloud,
  solutionsBundle,
  voiceSuite
} from './products.ts'

/** Gives a UUID of version 4 that is made of an id, so that it is the same at every start. */
function uid (id: string): string {
  const hex = createHash('sha256').update(id).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

function asset (id: string, hub: Hub, parameters: Record<string, string>): Asset {
  const digits = id.replace(/\D/g, '')
  return {
    id,
    hub,
    parameters,
    externalId: `${digits.slice(0, 4)}${digits.slice(-4).replace(/^0/, '')}`,
    externalUid: uid(id),
    customer: { id: `TA-${id.slice(3)}`, name: `Customer ${id.slice(-4)}` },
    reconId: Number(digits) % 3 === 0 ? digits.slice(0, 8) : null
  }
}

/** Gives `count` assets, numbered from 1 and divided over the hubs in equal parts, one after the other. */
function assets (prefix: string, count: number, hubs: readonly Hub[], account: string): Asset[] {
  return Array.from({ length: count }, (_, index) => {
    const ordinal = String(index + 1).padStart(4, '0')
    const hub = hubs[Math.floor(index * hubs.length / count)] ?? eastHub
    return asset(`${prefix}-${ordinal}`, hub, { account_id: `${account}-${Number(ordinal) + 1000}` })
  })
}

function contract (
  id: string, product: Product, provider: Account, marketplace: Marketplace, customers: readonly Asset[],
  extra: Partial<Contract> = {}
): Contract {
  const name = `${product.name} - ${marketplace.name}`
  return {
    id,
    name,
    type: 'distribution',
    environment: 'production',
    product,
    provider,
    marketplace,
    assets: customers,
    ...extra
  }
}

export const fallballContract = contract('CRD-10000-20000-30000', fallballCloud, meridian, northAmerica,
  assets('AS-5501-1000', 4, [eastHub, westHub], 'fb'))
export const bundleContract = contract('CRD-70010-02000-00001', solutionsBundle, meridian, northAmerica, [
  asset('AS-1000-2000-3000', eastHub, { account_id: '554027867388' }),
  asset('AS-1000-2000-3001', eastHub, { subscription_id: '1ED00000001' }),
  asset('AS-1000-2000-3002', westHub, { subscription_id: '1ED00000002' }),
  asset('AS-1000-2000-3003', westHub, { subscription_id: '1ED00000000' })
])
export const legacyContract = contract('CRD-70010-03000-00001', legacyQuantity, meridian, northAmerica, [
  asset('AS-8126-3704-2566', eastHub, { account_id: 'lq-1001' })
])
export const backupContract = contract('CRD-41022-03300-00001', backupVault, meridian, britain,
  assets('AS-4102-2000', 6, [westHub], 'bv'))
export const voiceContract = contract('CRD-52033-04400-00001', voiceSuite, meridian, northAmerica,
  assets('AS-5203-3000', 8, [eastHub, westHub], 'vs'))
export const messagingContract = contract('CRD-63044-05500-00001', meteredMessaging, meridian, northAmerica,
  assets('AS-6304-4000', 5, [eastHub], 'mm'))
export const testContract = contract('CRD-10000-20000-39999', fallballCloud, meridian, northAmerica,
  assets('AS-5509-9000', 2, [eastHub], 'fbt'), { environment: 'test' })
/** A contract of the environment preview, whose files the provider never sees. */
export const previewContract = contract('CRD-00000-00000-00000', fallballCloud, meridian, previewMarketplace,
  assets('AS-5508-9000', 2, [previewHub], 'fbp'), { environment: 'preview' })
export const fleetContract = contract('CRD-74055-06600-00001', fleetInsight, meridian, northAmerica,
  assets('AS-7405-5000', 3, [eastHub], 'fi'))
export const mailboxContract = contract('CRD-75056-06700-00001', mailboxPlans, meridian, northAmerica,
  assets('AS-7505-6000', 2, [eastHub], 'mb'))
export const partnerContract = contract('CRD-76057-06800-00001', partnerCloud, meridian, northAmerica,
  assets('AS-7605-7000', 5000, [eastHub, westHub], 'pc'))
export const harborContract = contract('CRD-10000-20000-30002', fallballCloud, harbor, northAmerica,
  assets('AS-5503-1000', 3, [harborHub], 'fbh'), { type: 'syndication' })
export const alpineContract = contract('CRD-10000-20000-30001', fallballCloud, alpine, europe,
  assets('AS-5502-1000', 5, [alpineHub], 'fba'))
export const pacificContract = contract('CRD-52033-04400-00002', voiceSuite, pacific, pacificRim,
  assets('AS-5204-3000', 4, [pacificHub], 'vsp'))
export const northwindContract = contract('CRD-88011-02200-00001', northwindCrm, alpine, europe,
  assets('AS-8801-1000', 3, [alpineHub], 'nw'))

export const contracts: readonly Contract[] = [fallballContract, bundleContract, legacyContract, backupContract,
  voiceContract, messagingContract, fleetContract, mailboxContract, partnerContract, testContract, previewContract,
  harborContract, alpineContract, pacificContract, northwindContract]
