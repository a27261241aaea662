import { createReadStream } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { reconciliationCollection } from '../collections/reconciliations.ts'
import { wrongState } from '../connect-error.ts'
import type { Sandbox } from '../sandbox.ts'
import { findReconciliation, seesReconciliation } from '../state/access.ts'
import { reconciliationView } from '../views/reconciliation.ts'
import { reconciliationResult, reconciliationUpload } from '../workbook-bytes.ts'
import { sendPage } from './collection-route.ts'
import { actorOf, paramOf } from './request-context.ts'
import { sendWorkbook, workbookHeaders } from './workbook-reply.ts'

export function addReconciliationRoutes (app: FastifyInstance, sandbox: Sandbox): void {
  app.get('/usage/reconciliations', async (request, reply) => {
    const { account } = actorOf(request)
    return sendPage(request, reply, {
      collection: reconciliationCollection,
      rows: () => sandbox.store.reconciliations.values(),
      isVisible: (one) => seesReconciliation(account, one),
      view: reconciliationView
    })
  })

  app.get('/usage/reconciliations/:id', async (request) =>
    reconciliationView(findReconciliation(sandbox.store, actorOf(request).account, paramOf(request, 'id'))))

  app.get('/usage/reconciliations/:id/processedfile', async (request, reply) => {
    const found = findReconciliation(sandbox.store, actorOf(request).account, paramOf(request, 'id'))
    if (found.status !== 'processed') {
      throw wrongState(`Reconciliation in status ${found.status} has no processed file.`)
    }
    return await sendWorkbook(reply, `${found.id}-PROCESSED.xlsx`, await reconciliationResult(found))
  })

  app.get('/usage/reconciliations/:id/uploadedfile', async (request, reply) => {
    const found = findReconciliation(sandbox.store, actorOf(request).account, paramOf(request, 'id'))
    const name = `${found.id}.xlsx`
    if (found.upload.kind === 'seeded') return await sendWorkbook(reply, name, await reconciliationUpload(found))
    return await workbookHeaders(reply, name, found.upload.size).send(createReadStream(found.upload.path))
  })
}
