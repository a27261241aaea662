import type { Account, Hub, Marketplace } from '../state/types.ts'

const vendor = (id: string, name: string): Account => ({
  id,
  name,
  icon: `/media/${id}/media/icon.png`,
  role: 'vendor'
})
const provider = (id: string, name: string): Account => ({ id, name, icon: '', role: 'provider' })

export const fallball = vendor('VA-100-200', 'Fallball Software')
/** A vendor whose objects no default token of the sandbox can see. */
export const northwind = vendor('VA-300-400', 'Northwind Apps')
export const meridian = provider('PA-400-500', 'Meridian Distribution')
export const alpine = provider('PA-410-510', 'Alpine Cloud')
/** A reseller. It may do what a distributor may, for the products that are syndicated to it. */
export const harbor = provider('PA-430-530', 'Harbor Resale')
export const pacific = provider('PA-420-520', 'Pacific Reach')

export const accounts: readonly Account[] = [fallball, northwind, meridian, alpine, harbor, pacific]

export const northAmerica: Marketplace =
  { id: 'MP-69876', name: 'North America', icon: '/media/PA-400-500/marketplaces/MP-69876/icon.png', currency: 'USD' }
export const britain: Marketplace = { id: 'MP-56616', name: 'United Kingdom', icon: null, currency: 'GBP' }
export const europe: Marketplace = { id: 'MP-65669', name: 'Central Europe', icon: null, currency: 'EUR' }
export const pacificRim: Marketplace = { id: 'MP-71234', name: 'Asia Pacific', icon: null, currency: 'SGD' }

export const previewMarketplace: Marketplace = { id: 'MP-00000', name: 'Preview', icon: null, currency: 'USD' }

const hub = (id: string, name: string): Hub => ({ id, name, externalId: id.replace(/\D/g, '') })

export const previewHub = hub('HB-0000-0000', 'Preview')
export const harborHub = hub('HB-7300-1200', 'Harbor Commerce')
export const eastHub = hub('HB-5603-6213', 'Meridian Commerce East')
export const westHub = hub('HB-5603-6214', 'Meridian Commerce West')
export const alpineHub = hub('HB-7100-4455', 'Alpine Commerce')
export const pacificHub = hub('HB-7200-9001', 'Pacific Commerce')
