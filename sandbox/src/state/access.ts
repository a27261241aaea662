import { forbidden, notFound } from '../connect-error.ts'
import type {
  Account,
  Actor,
  Chunk,
  Contract,
  FileStatus,
  Product,
  Reconciliation,
  UsageFile,
  UsageRecord,
  UsageRule
} from './types.ts'
import type { Store } from './store.ts'

const providerSees: ReadonlySet<FileStatus> = new Set<FileStatus>(['pending', 'accepted', 'rejected', 'closed'])

export function seesFile (account: Account, file: UsageFile): boolean {
  const { contract, status } = file
  if (account.role === 'vendor') return contract.product.vendor.id === account.id
  return contract.provider.id === account.id && contract.environment !== 'preview' && providerSees.has(status)
}

export const seesRecord = (account: Account, record: UsageRecord): boolean => seesFile(account, record.file)
export const seesChunk = (account: Account, chunk: Chunk): boolean => seesFile(account, chunk.file)

export function seesReconciliation (account: Account, reconciliation: Reconciliation): boolean {
  if (account.role === 'provider') return reconciliation.provider.id === account.id
  return reconciliation.file !== null && seesFile(account, reconciliation.file)
}

export const seesRule = (account: Account, rule: UsageRule): boolean =>
  account.role === 'vendor' ? rule.product.vendor.id === account.id : rule.provider.id === account.id

export const seesContract = (account: Account, { product, provider, environment }: Contract): boolean =>
  product.vendor.id === account.id || (provider.id === account.id && environment !== 'preview')

export const seesProduct = (store: Store, account: Account, product: Product): boolean =>
  [...store.contracts.values()].some((contract) => contract.product === product && seesContract(account, contract))

function visible<T> (found: T | undefined, isVisible: (value: T) => boolean, what: string): T {
  if (found === undefined || !isVisible(found)) throw notFound(what)
  return found
}

export const findFile = (store: Store, account: Account, id: string): UsageFile =>
  visible(store.files.get(id), (file) => seesFile(account, file), 'Usage file')
export const findRecord = (store: Store, account: Account, id: string): UsageRecord =>
  visible(store.records.get(id), (record) => seesRecord(account, record), 'Usage record')
export const findChunk = (store: Store, account: Account, id: string): Chunk =>
  visible(store.chunks.get(id), (chunk) => seesChunk(account, chunk), 'Usage file chunk')
export const findReconciliation = (store: Store, account: Account, id: string): Reconciliation =>
  visible(store.reconciliations.get(id), (one) => seesReconciliation(account, one), 'Reconciliation')
export const findProduct = (store: Store, account: Account, id: string): Product =>
  visible(store.products.get(id), (product) => seesProduct(store, account, product), 'Product')

export function requireRole (actor: Actor, role: Account['role']): void {
  if (actor.account.role !== role) throw forbidden()
}
