import { Decimal } from '../decimal.ts'
import type { SandboxOptions } from '../options.ts'
import { createRandom } from '../random.ts'
import type { Random } from '../random.ts'
import { replaceRecords } from '../state/record-status.ts'
import { createStore } from '../state/store.ts'
import type { Store } from '../state/store.ts'
import type { UsageFile } from '../state/types.ts'
import { addAftermath } from './afterwards.ts'
import { contracts, fallballContract } from './contracts.ts'
import { seedFile } from './files.ts'
import { accounts } from './parties.ts'
import { planFiles } from './plan.ts'
import type { PlannedFile } from './plan.ts'
import { products } from './products.ts'
import { seedRules } from './rules.ts'

/** Gives all objects that a sandbox starts with. They are the same at every start with the same base date and size. */
export function seedStore ({ seed, baseDate }: Pick<SandboxOptions, 'seed' | 'baseDate'>): Store {
  const store = createStore()
  const random = createRandom(20_261_120)
  const base = Date.parse(baseDate)
  for (const account of accounts) store.accounts.set(account.id, account)
  for (const product of products) store.products.set(product.id, product)
  for (const contract of contracts) store.contracts.set(contract.id, contract)
  const plan = [...planFiles(seed, random), ...special(seed)]
  for (const [index, planned] of plan.entries()) {
    const place = { index, total: plan.length, base, digits: digitsOf(index, plan.length, random) }
    const file = seedFile(planned, place, random)
    if (index === plan.length - 1) addHugeAmount(file)
    addAftermath(store, file, index, random)
    store.files.set(file.id, file)
    for (const record of file.records) store.records.set(record.id, record)
  }
  store.rules = seedRules(base)
  return store
}

/**
 * Plans the special files. The last file gets an amount that no double holds exactly. With the seed `full`, another
 * file has more rows than the largest page.
 */
function special (seed: SandboxOptions['seed']): PlannedFile[] {
  const long: PlannedFile = { contract: fallballContract, status: 'accepted', rows: 1500 }
  const huge: PlannedFile = { contract: fallballContract, status: 'accepted', rows: 12 }
  return seed === 'full' ? [long, huge] : [huge]
}

/** Gives the eight digits of a file's id. They do not begin with 99: those of a new file do. */
function digitsOf (index: number, total: number, random: Random): string {
  if (index === total - 1) return '90071992'
  return `${random.below(9)}${random.digits(3)}${String(index).padStart(4, '0')}`
}

function addHugeAmount (file: UsageFile): void {
  const record = file.records[0]
  if (!record) return
  record.id = `UR-${record.createdAt.slice(0, 7)}-9007-1992-5474-0993`
  record.amount = new Decimal('9007199254740993.12345678')
  record.status = 'approved'
  record.billingId = record.billingNote = record.closedAt = record.closedBy = null
  replaceRecords(file, file.records)
}
