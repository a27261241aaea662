import type { FastifyInstance } from 'fastify'
import { chunkCollection } from '../collections/chunks.ts'
import { wrongState } from '../connect-error.ts'
import type { Sandbox } from '../sandbox.ts'
import { findChunk, seesChunk } from '../state/access.ts'
import { closeChunk, regenerateChunk, updateChunk } from '../state/chunks.ts'
import { chunkView } from '../views/chunk.ts'
import { chunkBytes } from '../workbook-bytes.ts'
import { sendPage } from './collection-route.ts'
import { actorOf, paramOf } from './request-context.ts'
import { sendWorkbook } from './workbook-reply.ts'

export function addChunkRoutes (app: FastifyInstance, sandbox: Sandbox): void {
  app.get('/usage/chunks', async (request, reply) => {
    const { account } = actorOf(request)
    return sendPage(request, reply, {
      collection: chunkCollection,
      rows: () => sandbox.store.chunks.values(),
      isVisible: (chunk) => seesChunk(account, chunk),
      view: chunkView
    })
  })

  app.get('/usage/chunks/:id', async (request) =>
    chunkView(findChunk(sandbox.store, actorOf(request).account, paramOf(request, 'id'))))

  app.put('/usage/chunks/:id', async (request) => {
    const actor = actorOf(request)
    const chunk = findChunk(sandbox.store, actor.account, paramOf(request, 'id'))
    updateChunk(sandbox, actor, chunk, request.body)
    return chunkView(chunk)
  })

  app.post('/usage/chunks/:id/close', async (request) => {
    const actor = actorOf(request)
    const chunk = findChunk(sandbox.store, actor.account, paramOf(request, 'id'))
    closeChunk(sandbox, actor, chunk, request.body)
    return chunkView(chunk)
  })

  app.post('/usage/chunks/:id/regenerate', async (request) => {
    const actor = actorOf(request)
    const chunk = findChunk(sandbox.store, actor.account, paramOf(request, 'id'))
    regenerateChunk(sandbox, actor, chunk)
    return chunkView(chunk)
  })

  app.get('/usage/chunks/:id/download', async (request, reply) => {
    const chunk = findChunk(sandbox.store, actorOf(request).account, paramOf(request, 'id'))
    if (chunk.status === 'draft' || chunk.status === 'failed') {
      throw wrongState(`Chunk in status ${chunk.status} has no file.`)
    }
    return await sendWorkbook(reply, `${chunk.id}.xlsx`, await chunkBytes(chunk))
  })
}
