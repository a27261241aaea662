import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ConnectError } from '../connect-error.ts'
import type { Sandbox } from '../sandbox.ts'
import { findFile } from '../state/access.ts'
import { acceptFile, approveAll, rejectFile, reprocessFile, submitFile } from '../state/decision.ts'
import { deleteFile } from '../state/files.ts'
import { closeFile } from '../state/records.ts'
import type { Actor, UsageFile } from '../state/types.ts'
import { detailedFileView } from '../views/usage-file.ts'
import { actorOf, originOf, paramOf } from './request-context.ts'

type Action = (actor: Actor, file: UsageFile, body: unknown) => void

export function addFileActionRoutes (app: FastifyInstance, sandbox: Sandbox): void {
  const created = sandbox.options.legacy200 ? 200 : 201

  const addAction = (method: 'POST' | 'PUT', name: string, status: number, action: Action): void => {
    app.route({
      method,
      url: `/usage/files/:id/${name}`,
      handler: async (request: FastifyRequest, reply) => {
        const actor = actorOf(request)
        const file = findFile(sandbox.store, actor.account, paramOf(request, 'id'))
        action(actor, file, request.body)
        reply.code(status)
        return detailedFileView(file, actor.account, sandbox.links, originOf(request))
      }
    })
  }

  addAction('POST', 'submit', created, (actor, file, body) => {
    // Connect answered a `null` body in this way: cloudblue/connect-python-sdk pull request 105.
    if (body === null) throw new ConnectError(500, null, "'NoneType' object is not iterable")
    submitFile(sandbox, actor, file)
  })
  addAction('POST', 'accept', created, (actor, file, body) => acceptFile(sandbox, actor, file, body))
  addAction('POST', 'reject', created, (actor, file, body) => rejectFile(sandbox, actor, file, body))
  addAction('POST', 'close', 200, (actor, file) => closeFile(sandbox, actor, file))
  addAction('POST', 'delete', 200, (actor, file) => deleteFile(sandbox, actor, file))
  addAction('POST', 'reprocess', 200, (actor, file) => reprocessFile(sandbox, actor, file))
  addAction('PUT', 'approve-all', 200, (actor, file) => approveAll(sandbox, actor, file))
}
