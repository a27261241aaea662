import { asProvider, asVendor } from '../../../helper.ts'
import { FALLBALL } from '../samples.ts'
import type { ServiceCaller } from './caller.ts'
import { RULES } from './products.ts'

const FILE_FILTERS = [
  'id=UF-2026-10-0000-0000,UF-2026-11-0000-0000',
  'status=draft,ready',
  'status=deleted',
  'environment=production,test',
  'schema=cr,qt',
  'name=100% (a,b) "x"',
  "externalId=it's",
  'productId=PRD-276-377-545',
  'contractId=CRD-1',
  'marketplaceId=MP-69876',
  'vendorId=VA-100-200',
  'providerId=PA-400-500',
  'createdAfter=2026-01-01',
  'createdBefore=2026-12-01T00:00:00+02:00'
]
const FILE_ORDERS = [
  'id',
  'status',
  'schema',
  'environment',
  'createdAt',
  'productName',
  'contractName',
  'marketplaceName',
  'vendorName',
  'providerName'
]
const RECORD_FILTERS = [
  'fileId=UF-2026-10-0000-0000',
  'status=approved,closed',
  'schema=cr',
  'assetId=AS-5501-1000-0001',
  'assetExternalId=1',
  'assetExternalUid=u',
  'itemId=PRD-276-377-545-0001',
  'productId=PRD-276-377-545',
  'hubId=HB-5603-6213',
  'startedAfter=2026-01-01',
  'startedBefore=2026-12-01',
  'endedAfter=2026-01-01',
  'endedBefore=2026-12-01',
  'createdAfter=2026-01-01',
  'createdBefore=2026-12-01'
]
const CHUNK_QUERIES = [
  'id=UFC-2026-01-0000-0000-001,UFC-2026-01-0000-0000-002',
  'fileId=UF-2026-10-0000-0000',
  'status=ready,closed',
  'hubId=HB-5603-6213',
  'providerId=PA-400-500',
  'sort=-fileId'
]
const RECONCILIATION_QUERIES = [
  'fileId=UF-2026-10-0000-0000',
  'chunkId=UFC-2026-01-0000-0000-001',
  'providerId=PA-400-500',
  'hubId=HB-5603-6213',
  'sort=fileId,-chunkId'
]
const AGGREGATE_FILTERS = [
  'assetExternalUid=u',
  'itemId=PRD-276-377-545-0001',
  'itemLocalId=PRD_276_377_545_0001',
  'itemType=ppu'
]
const RULE_FILTERS = [
  'id=UIR-1',
  'itemId=PRD-276-377-545-0001',
  'itemName=hours',
  'action=accept,manual',
  'scope=record',
  'status=active'
]
const COVERAGES = [
  'from=2026-10-01',
  'from=2026-09-01&to=2026-10-31&productId=PRD-276-377-545&contractId=CRD-10000-20000-30000'
]
const CONTRACT_FILTERS = ['', 'productId=PRD-276-377-545', 'marketplaceId=MP-69876']
const PRODUCT_FILTERS = ['id=PRD-276-377-545', 'name=cloud', 'status=published,draft']
const ITEM_FILTERS = ['id=PRD-276-377-545-0001', 'mpn=FB-SEATS', 'name=hours', 'type=ppu,reservation']
const ASSET_FILTERS = [
  'id=AS-5501-1000-0001',
  'productId=PRD-276-377-545',
  'externalId=1',
  'externalUid=u',
  'status=active'
]
const OTHER_LISTS = [
  ...CHUNK_QUERIES.map(query => `/usage-chunks?limit=3&${query}`),
  ...RECONCILIATION_QUERIES.map(query => `/reconciliations?limit=3&${query}`),
  '/usage-aggregates?limit=3&assetId=AS-5501-1000-0001',
  ...AGGREGATE_FILTERS.flatMap(query => [
    `/usage-aggregates?limit=3&${query}`,
    `/assets/AS-5501-1000-0001/usage-aggregates?limit=3&${query}`
  ]),
  ...RULE_FILTERS.map(query => `${RULES}?limit=3&${query}`),
  '/me',
  ...COVERAGES.map(query => `/usage-coverage?${query}`),
  ...CONTRACT_FILTERS.map(query => `/usage-contracts?${query}`),
  ...PRODUCT_FILTERS.map(query => `/products?limit=3&${query}`),
  ...ITEM_FILTERS.map(query => `/products/${FALLBALL.productId}/items?limit=3&${query}`),
  ...ASSET_FILTERS.map(query => `/assets?limit=3&${query}`)
]

/** Reads the lists with every filter and every order, as both roles. */
export async function driveLists ({ call }: ServiceCaller): Promise<void> {
  for (const role of [asVendor, asProvider]) {
    for (const filter of FILE_FILTERS) {
      await call(role, `GET /usage-files?limit=3&${filter.replace(/(?<==).*/, encodeURIComponent)}`, 200)
    }
    for (const sort of FILE_ORDERS) await call(role, `GET /usage-files?limit=3&offset=1&sort=-${sort}`, 200)
    await call(role, 'GET /usage-files/summary?schema=cr', 200)
    for (const filter of RECORD_FILTERS) await call(role, `GET /usage-records?limit=3&${filter}`, 200)
    for (const path of OTHER_LISTS) await call(role, `GET ${path}`, 200)
    for (const sort of ['createdAt', 'status', 'startDate']) {
      await call(role, `GET /usage-records?limit=3&sort=${sort}`, 200)
    }
  }
}
