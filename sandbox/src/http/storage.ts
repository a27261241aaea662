import { createReadStream } from 'node:fs'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Sandbox } from '../sandbox.ts'
import type { StoredFile, UsageFile } from '../state/types.ts'
import {
  processedBytes,
  providerBytes,
  reconciliationResult,
  reconciliationUpload,
  templateBytes,
  uploadedBytes
} from '../workbook-bytes.ts'
import { queryOf } from './collection-route.ts'
import { paramOf } from './request-context.ts'
import { sendWorkbook, workbookHeaders } from './workbook-reply.ts'

type SendBlob = (file: UsageFile, name: string, reply: FastifyReply) => Promise<FastifyReply>

/**
 * The storage, to which signed links lead, accepts no token. Its refusals are XML: 400 for a request with a token, 403
 * for a wrong or expired signature, 404 for an absent file.
 */
export function addStorageRoutes (app: FastifyInstance, sandbox: Sandbox): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers.authorization !== undefined) {
      return await refuse(reply, 400, 'InvalidAuthenticationInfo', 'Authorization is not accepted with a signed link.')
    }
    const path = (request.raw.url ?? '').split('?')[0] ?? ''
    const refusal = sandbox.links.refuse(path, new URLSearchParams(queryOf(request)))
    if (refusal !== null) return await refuse(reply, 403, 'AuthenticationFailed', refusal)
  })

  app.get('/storage/usage/:product/template/:blob', async (request, reply) => {
    const product = sandbox.store.products.get(paramOf(request, 'product'))
    if (!product) return await missing(reply)
    return await sendWorkbook(reply, `TEMPLATE-${product.id}.xlsx`, await templateBytes(product))
  })

  const addBlob = (folder: string, suffix: string, send: SendBlob): void => {
    app.get(`/storage/usage/:product/:file/${folder}/:blob`, async (request, reply) => {
      const file = sandbox.store.files.get(paramOf(request, 'file'))
      return file ? await send(file, `${file.id}${suffix}.xlsx`, reply) : await missing(reply)
    })
  }

  addBlob('uploaded', '', async (file, name, reply) => {
    if (!file.upload) return await missing(reply)
    return await sendStored(reply, name, file.upload, async () => await uploadedBytes(file))
  })
  addBlob('processed', '-PROCESSED', async (file, name, reply) => {
    if (!file.processed) return await missing(reply)
    // An upload of which no record could be read is given back as it was sent.
    if (file.records.length === 0 && file.upload) {
      return await sendStored(reply, name, file.upload, async () => await uploadedBytes(file))
    }
    return await sendWorkbook(reply, name, await processedBytes(sandbox, file))
  })
  addBlob('processed-provider', '-PROCESSED', async (file, name, reply) => {
    if (!file.processed) return await missing(reply)
    return await sendWorkbook(reply, name, await providerBytes(file, file.processed))
  })
  addBlob('reconciliation', '-RECONCILIATION', async (file, name, reply) => {
    const { reconciliation } = file
    if (!reconciliation) return await missing(reply)
    if (reconciliation.status === 'processed') {
      return await sendWorkbook(reply, name, await reconciliationResult(reconciliation))
    }
    return await sendStored(reply, name, reconciliation.upload, async () => await reconciliationUpload(reconciliation))
  })
}

async function sendStored (
  reply: FastifyReply,
  name: string,
  stored: StoredFile,
  make: () => Promise<Uint8Array>
): Promise<FastifyReply> {
  if (stored.kind === 'seeded') return await sendWorkbook(reply, name, await make())
  return await workbookHeaders(reply, name, stored.size).send(createReadStream(stored.path))
}

async function missing (reply: FastifyReply): Promise<FastifyReply> {
  return await refuse(reply, 404, 'BlobNotFound', 'The specified blob does not exist.')
}

async function refuse (reply: FastifyReply, status: number, code: string, message: string): Promise<FastifyReply> {
  const xml = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`
  return await reply.code(status).type('application/xml').send(xml)
}
