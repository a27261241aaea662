import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import multipart from '@fastify/multipart'
import type { FastifyInstance } from 'fastify'
import { badRequest } from '../connect-error.ts'
import type { Sandbox } from '../sandbox.ts'
import { findFile, requireRole } from '../state/access.ts'
import { requireUploadable, uploadFile } from '../state/processing.ts'
import { createReconciliation, requireReconcilable } from '../state/reconciliations.ts'
import { readStored } from '../state/stored-file.ts'
import { reconciliationView } from '../views/reconciliation.ts'
import { detailedFileView } from '../views/usage-file.ts'
import { hasBlankNumber } from '../workbooks/read-sheets.ts'
import { receiveForm, type Form } from './receive-form.ts'
import { actorOf, originOf, paramOf } from './request-context.ts'

const DRAIN_MS = 2_000

/** `app` must be a Fastify scope of its own, so that no other route accepts a form. */
export async function addUploadRoutes (app: FastifyInstance, sandbox: Sandbox): Promise<void> {
  await app.register(multipart, {
    throwFileSizeLimit: true,
    limits: { fileSize: sandbox.options.maxUploadBytes, files: 5, fields: 20, parts: 25, fieldSize: 1024 * 1024 }
  })

  app.addHook('onError', async ({ raw }) => await drain(raw))

  app.post('/usage/files/:id/upload', async (request, reply) => {
    const actor = actorOf(request)
    const file = findFile(sandbox.store, actor.account, paramOf(request, 'id'))
    requireUploadable(actor, file)
    const form = await receiveForm(sandbox, request, 'usage_file')
    await refuseBlankNumbers(sandbox, form.file)
    // `uploadFile` checks the status again: the usage file may have changed while the form arrived.
    uploadFile(sandbox, actor, file, form.file)
    reply.code(sandbox.options.legacy200 ? 200 : 201)
    return detailedFileView(file, actor.account, sandbox.links, originOf(request))
  })

  app.post('/usage/files/:id/reconciliation', async (request) => {
    const actor = actorOf(request)
    const file = findFile(sandbox.store, actor.account, paramOf(request, 'id'))
    requireReconcilable(actor, file)
    const form = await receiveForm(sandbox, request, 'recon_file')
    await createReconciliation(sandbox, actor, file, form.file, null)
    return detailedFileView(file, actor.account, sandbox.links, originOf(request))
  })

  app.post('/usage/reconciliations', async (request, reply) => {
    const actor = actorOf(request)
    requireRole(actor, 'provider')
    const form = await receiveForm(sandbox, request, 'recon_file')
    const note = form.fields['upload_note'] ?? null
    if (note !== null && [...note].length > 200) {
      throw badRequest('upload_note: Ensure this field has no more than 200 characters.')
    }
    const reconciliation = await createReconciliation(sandbox, actor, null, form.file, note)
    reply.code(201)
    return reconciliationView(reconciliation)
  })
}

/**
 * Delays an error answer until the form has arrived, for at most DRAIN_MS. With an early answer, a client that still
 * sends would often get a reset of the connection instead of the answer.
 */
async function drain (raw: IncomingMessage): Promise<void> {
  if (raw.complete || raw.destroyed) return
  raw.unpipe()
  raw.resume()
  await Promise.race([once(raw, 'end'), once(raw, 'close'), sleep(DRAIN_MS, undefined, { ref: false })]).catch(
    () => {}
  )
}

/**
 * Removes a workbook whose `records` sheet has an empty numeric cell, and throws a 400. Connect refused such workbooks
 * in 2020, which is why a client wrote 0 into such cells. A workbook above `maxWorkbookBytes` is not looked at.
 */
async function refuseBlankNumbers (sandbox: Sandbox, file: Form['file']): Promise<void> {
  if (file.size > sandbox.options.maxWorkbookBytes || !hasBlankNumber(await readStored(file))) return
  await rm(file.path, { force: true })
  throw badRequest('usage_file: A numeric cell is empty.')
}
