import { badRequest, wrongState } from '../connect-error.ts'
import { eventBy, nowOf } from '../sandbox.ts'
import type { Sandbox } from '../sandbox.ts'
import { toSeconds } from '../time.ts'
import { requireRole } from './access.ts'
import { callWebhooks, setFileStatus } from './file-status.ts'
import { asObject, currencyField, externalIdField, idField, periodField, textField } from './header.ts'
import { noCounts } from './record-status.ts'
import { addEffect, newFileId } from './store.ts'
import type { Actor, Contract, FileStatus, UsageFile } from './types.ts'

export function requireStatus (file: UsageFile, action: string, allowed: readonly FileStatus[]): void {
  // A file that is `uploaded` and processed stays in that status (`restsInUploaded`), so it counts as ready.
  const status = file.status === 'uploaded' && file.processed !== null ? 'ready' : file.status
  if (!allowed.includes(status)) {
    throw wrongState(`Usage file in status ${file.status} does not allow ${action}.`)
  }
}

function contractOf (sandbox: Sandbox, actor: Actor, productId: string, contractId: string): Contract {
  const product = sandbox.store.products.get(productId)
  if (!product || product.vendor.id !== actor.account.id) throw badRequest(`product: ${productId} does not exist.`)
  const contract = sandbox.store.contracts.get(contractId)
  if (!contract || contract.product.vendor.id !== actor.account.id) {
    throw badRequest(`contract: ${contractId} does not exist.`)
  }
  if (!product.takesPpu && !product.takesReservation) throw badRequest(`product: ${productId} does not report usage.`)
  if (contract.product !== product) throw badRequest(`contract: ${contractId} does not cover ${productId}.`)
  return contract
}

const usDate = (iso: string): string => `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(0, 4)}`

/** The month of `now`, in UTC. Connect accepts a create without a period; no source tells which one the file gets. */
function monthOf (now: Date): UsageFile['period'] {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()]
  return { from: toSeconds(Date.UTC(year, month, 1)), to: toSeconds(Date.UTC(year, month + 1, 1) - 1000) }
}

export function createFile (sandbox: Sandbox, actor: Actor, input: unknown): UsageFile {
  requireRole(actor, 'vendor')
  const body = asObject(input)
  const productId = idField(body, 'product')
  const contractId = idField(body, 'contract')
  const period = periodField(body) ?? monthOf(sandbox.options.now())
  if (!productId) throw badRequest('product: This field is required.')
  if (!contractId) throw badRequest('contract: This field is required.')
  const name = textField(body, 'name', 100)
  const currency = currencyField(body)
  const texts = {
    externalId: externalIdField(body) ?? null,
    description: textField(body, 'description', 200) ?? null,
    note: textField(body, 'note', 200) ?? null
  }
  const contract = contractOf(sandbox, actor, productId, contractId)
  const file: UsageFile = {
    ...texts,
    id: newFileId(sandbox.store, nowOf(sandbox)),
    name: name || `${usDate(period.from)} - ${usDate(period.to)}`,
    status: 'draft',
    subStatus: null,
    contract,
    // Files of the quantity schema have no currency, as in Connect. For others the currency of the marketplace is the
    // default.
    currency: contract.product.schema === 'qt' ? null : currency || contract.marketplace.currency,
    period,
    errorDetail: null,
    acceptanceNote: null,
    rejectionNote: null,
    events: { created: eventBy(sandbox, actor) },
    categories: [],
    records: [],
    counts: noCounts(),
    upload: null,
    processed: null,
    reconciliation: null,
    chunks: [],
    reconciliations: 0,
    nulls: false,
    run: 0
  }
  sandbox.store.files.set(file.id, file)
  addEffect(sandbox.store, file.id, 'created')
  callWebhooks(sandbox, file)
  return file
}

export function updateFile (sandbox: Sandbox, actor: Actor, file: UsageFile, input: unknown): void {
  requireRole(actor, 'vendor')
  requireStatus(file, 'changes', ['draft', 'uploading', 'uploaded', 'processing', 'invalid', 'ready', 'rejected'])
  const body = asObject(input)
  const description = textField(body, 'description', 200)
  const note = textField(body, 'note', 200)
  const externalId = externalIdField(body)
  const currency = currencyField(body)
  const period = periodField(body)
  if (description !== undefined) file.description = description
  if (note !== undefined) file.note = note
  if (externalId !== undefined) file.externalId = externalId
  if (currency && file.contract.product.schema !== 'qt') file.currency = currency
  if (period) file.period = period
  addEffect(sandbox.store, file.id, 'updated')
}

export function deleteFile (sandbox: Sandbox, actor: Actor, file: UsageFile): void {
  requireRole(actor, 'vendor')
  requireStatus(file, 'delete', ['draft', 'invalid', 'ready', 'rejected'])
  setFileStatus(sandbox, file, 'deleted')
  file.events.deleted = eventBy(sandbox, actor)
  addEffect(sandbox.store, file.id, 'deleted')
}
