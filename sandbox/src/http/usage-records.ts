import type { FastifyInstance } from 'fastify'
import { recordCollection } from '../collections/usage-records.ts'
import type { Sandbox } from '../sandbox.ts'
import { findRecord, seesRecord } from '../state/access.ts'
import { changeRecordStatus, closeRecord, closeRecords } from '../state/records.ts'
import { recordBytes, recordView } from '../views/usage-record.ts'
import { sendPage } from './collection-route.ts'
import { actorOf, paramOf } from './request-context.ts'

export function addRecordRoutes (app: FastifyInstance, sandbox: Sandbox): void {
  app.get('/usage/records', async (request, reply) => {
    const { account } = actorOf(request)
    return sendPage(request, reply, {
      collection: recordCollection(sandbox.store),
      rows: () => sandbox.store.records.values(),
      isVisible: (record) => seesRecord(account, record),
      view: recordView,
      viewBytes: recordBytes
    })
  })

  app.get('/usage/records/:id', async (request) =>
    recordView(findRecord(sandbox.store, actorOf(request).account, paramOf(request, 'id'))))

  app.put('/usage/records/:id', async (request) => {
    const actor = actorOf(request)
    const record = findRecord(sandbox.store, actor.account, paramOf(request, 'id'))
    changeRecordStatus(sandbox, actor, record, request.body)
    return recordView(record)
  })

  app.post('/usage/records/:id/close', async (request) => {
    const actor = actorOf(request)
    const record = findRecord(sandbox.store, actor.account, paramOf(request, 'id'))
    closeRecord(sandbox, actor, record, request.body)
    return recordView(record)
  })

  app.post('/usage/records/close-records', async (request, reply) => {
    const results = closeRecords(sandbox, actorOf(request), request.body)
    reply.code(206)
    return results
  })
}
