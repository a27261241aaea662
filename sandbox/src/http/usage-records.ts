import type { FastifyInstance } from 'fastify'
import { recordCollection } from '../collections/usage-records.ts'
import type { Sandbox } from '../sandbox.ts'
import { findRecord, seesRecord } from '../state/access.ts'
import { changeRecordStatus, closeRecord, closeRecords } from '../state/records.ts'
import type { UsageRecord } from '../state/types.ts'
import type { View } from '../views/common.ts'
import { recordBytes, recordView } from '../views/usage-record.ts'
import { sendPage } from './collection-route.ts'
import { actorOf, paramOf } from './request-context.ts'

export function addRecordRoutes (app: FastifyInstance, sandbox: Sandbox): void {
  const isExact = sandbox.options.exactNumbers
  const view = (record: UsageRecord): View => recordView(record, isExact)

  app.get('/usage/records', async (request, reply) => {
    const { account } = actorOf(request)
    return sendPage(request, reply, {
      collection: recordCollection(sandbox.store),
      rows: () => sandbox.store.records.values(),
      isVisible: (record) => seesRecord(account, record),
      view,
      viewBytes: (record) => recordBytes(record, isExact)
    })
  })

  app.get('/usage/records/:id', async (request) =>
    view(findRecord(sandbox.store, actorOf(request).account, paramOf(request, 'id'))))

  app.put('/usage/records/:id', async (request) => {
    const actor = actorOf(request)
    const record = findRecord(sandbox.store, actor.account, paramOf(request, 'id'))
    changeRecordStatus(sandbox, actor, record, request.body)
    return view(record)
  })

  app.post('/usage/records/:id/close', async (request) => {
    const actor = actorOf(request)
    const record = findRecord(sandbox.store, actor.account, paramOf(request, 'id'))
    closeRecord(sandbox, actor, record, request.body)
    return view(record)
  })

  app.post('/usage/records/close-records', async (request, reply) => {
    const results = closeRecords(sandbox, actorOf(request), request.body)
    reply.code(206)
    return results
  })
}
