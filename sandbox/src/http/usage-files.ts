import type { FastifyInstance } from 'fastify'
import { categoryCollection } from '../collections/categories.ts'
import { fileCollection } from '../collections/usage-files.ts'
import type { Sandbox } from '../sandbox.ts'
import { findFile, seesFile } from '../state/access.ts'
import { createFile, updateFile } from '../state/files.ts'
import { categoryView } from '../views/category.ts'
import { createdFileView, detailedFileView, listedFileView, updatedFileView } from '../views/usage-file.ts'
import { sendPage } from './collection-route.ts'
import { actorOf, originOf, paramOf } from './request-context.ts'

export function addFileRoutes (app: FastifyInstance, sandbox: Sandbox): void {
  app.get('/usage/files', async (request, reply) => {
    const { account } = actorOf(request)
    return sendPage(request, reply, {
      collection: fileCollection,
      rows: () => sandbox.store.files.values(),
      isVisible: (file) => seesFile(account, file),
      view: listedFileView
    })
  })

  app.post('/usage/files', async (request, reply) => {
    const file = createFile(sandbox, actorOf(request), request.body)
    reply.code(201)
    return createdFileView(file)
  })

  app.get('/usage/files/:id', async (request) => {
    const { account } = actorOf(request)
    const file = findFile(sandbox.store, account, paramOf(request, 'id'))
    return detailedFileView(file, account, sandbox.links, originOf(request))
  })

  app.put('/usage/files/:id', async (request) => {
    const actor = actorOf(request)
    const file = findFile(sandbox.store, actor.account, paramOf(request, 'id'))
    updateFile(sandbox, actor, file, request.body)
    return updatedFileView(file)
  })

  app.get('/usage/files/:id/categories', async (request, reply) => {
    const file = findFile(sandbox.store, actorOf(request).account, paramOf(request, 'id'))
    return sendPage(request, reply, {
      collection: categoryCollection,
      rows: () => file.categories,
      isVisible: () => true,
      view: categoryView
    })
  })
}
