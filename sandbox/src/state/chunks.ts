import { badRequest, wrongState } from '../connect-error.ts'
import { eventBy } from '../sandbox.ts'
import type { Sandbox } from '../sandbox.ts'
import { requireRole } from './access.ts'
import { asObject, textField } from './header.ts'
import { closeOne, closeFileWhenDone, setChunkClosed } from './records.ts'
import { addEffect, newChunkId } from './store.ts'
import type { Actor, Chunk, UsageFile } from './types.ts'

/** Makes a draft chunk for each hub with records that are not invalid. A draft becomes ready after `processingMs`. */
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
 * Closes a ready chunk and its approved records. Its other records stay as they are. When all chunks of an accepted
 * file are closed, and none of the file's records is valid or approved, the file closes, too.
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
