import { badRequest, wrongState } from '../connect-error.ts'
import { eventBy } from '../sandbox.ts'
import type { Sandbox } from '../sandbox.ts'
import { requireRole } from './access.ts'
import { asObject, textField } from './header.ts'
import { closeOne, closeFileWhenDone, setChunkClosed } from './records.ts'
import { addEffect, newChunkId } from './store.ts'
import type { Actor, Chunk, UsageFile } from './types.ts'

/**
 * Makes the chunks of an accepted file: one for each hub with records that are not invalid, in the order of the
 * records. Each chunk is a draft, and becomes ready after `processingMs`.
 */
export function createChunks (sandbox: Sandbox, file: UsageFile): void {
  const chunks = new Map<string, Chunk>()
  for (const record of file.records) {
    if (!record.asset || record.status === 'invalid') continue
    const { hub } = record.asset
    let chunk = chunks.get(hub.id)
    if (!chunk) {
      chunk = {
        id: newChunkId(file, chunks.size + 1),
        file,
        hub,
        status: 'draft',
        externalId: null,
        error: null,
        events: { created: eventBy(sandbox, null) },
        records: [],
        outdated: null,
        run: 0
      }
      chunks.set(hub.id, chunk)
    }
    chunk.records.push(record)
    record.chunk = chunk
  }
  file.chunks = [...chunks.values()]
  for (const chunk of file.chunks) {
    sandbox.store.chunks.set(chunk.id, chunk)
    finishLater(sandbox, chunk)
  }
}

function finishLater (sandbox: Sandbox, chunk: Chunk): void {
  chunk.run += 1
  const run = chunk.run
  sandbox.tasks.after(sandbox.options.processingMs, () => {
    if (chunk.run !== run || chunk.status !== 'draft') return
    chunk.status = 'ready'
    chunk.outdated = null
  })
}

export function updateChunk (sandbox: Sandbox, actor: Actor, chunk: Chunk, input: unknown): void {
  requireRole(actor, 'provider')
  const externalId = textField(asObject(input), 'external_id', 200)
  if (typeof externalId !== 'string') throw badRequest('external_id: This field is required.')
  chunk.externalId = externalId
  addEffect(sandbox.store, chunk.id, 'updated')
}

/**
 * Closes a chunk that is ready, and its approved records with the billing id of the body. Records that were closed
 * before keep their own billing id. When this closes the last chunk of the file, and no record of the file is valid or
 * approved, it also closes the file. Throws a 403 for a vendor, and a 400 for a chunk in another status and for a body
 * without a billing id.
 */
export function closeChunk (sandbox: Sandbox, actor: Actor, chunk: Chunk, input: unknown): void {
  requireRole(actor, 'provider')
  const body = asObject(input)
  const billingId = textField(body, 'external_billing_id', 255)
  const billingNote = textField(body, 'external_billing_note', 255) ?? null
  if (!billingId) throw badRequest('external_billing_id: This field is required.')
  if (chunk.status !== 'ready') throw wrongState(`Chunk in status ${chunk.status} does not allow close.`)
  setChunkClosed(sandbox, actor, chunk)
  for (const record of chunk.records) {
    if (record.status === 'approved') closeOne(sandbox, actor, record, billingId, billingNote)
  }
  if (chunk.file.chunks.every(({ status }) => status === 'closed')) closeFileWhenDone(sandbox, actor, chunk.file)
}

export function regenerateChunk (sandbox: Sandbox, actor: Actor, chunk: Chunk): void {
  requireRole(actor, 'provider')
  if (chunk.status === 'closed') throw wrongState('Chunk in status closed does not allow regenerate.')
  chunk.status = 'draft'
  chunk.error = null
  addEffect(sandbox.store, chunk.id, 'regenerated')
  finishLater(sandbox, chunk)
}
