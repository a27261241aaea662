import { header } from '../../../sandbox/test/stories.ts'
import type { Reply } from './fixture.ts'

export const BILLING = { externalBillingId: 'INV-1', externalBillingNote: 'ü 漢字 🜲' }
export const CREATE = {
  name: 'October', productId: header.product.id, contractId: header.contract.id, period: header.period
}

export const same = (a: Reply): unknown => ({
  status: a.status,
  text: a.text,
  type: a.headers.get('content-type'),
  location: a.headers.get('location'),
  retry: a.headers.get('retry-after')
})
