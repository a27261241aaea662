import { asProvider, asVendor, until } from '../../../helper.ts'
import { XLSX } from '../samples.ts'
import type { ServiceCaller } from './caller.ts'

/**
 * Calls the operations of the chunks of an accepted file and of their reconciliation, and closes the records of the
 * file.
 */
export async function driveChunks ({ call }: ServiceCaller, billed: string): Promise<void> {
  let chunkIds: string[] = []
  await until(async () => {
    const chunks = (await call(asProvider, `GET /usage-chunks?fileId=${billed}&status=ready`, 200)).json['items'] as {
      id: string
    }[]
    chunkIds = chunks.map(chunk => chunk.id)
    return chunkIds.length >= 2
  }, 'chunks')
  const [chunkId = '', otherChunk = ''] = chunkIds
  await call(asProvider, `GET /usage-chunks/${chunkId}`, 200)
  await call(asProvider, `PATCH /usage-chunks/${chunkId}`, 200, { externalId: 'BATCH-1' })
  const chunkFile = (await call(asProvider, `GET /usage-chunks/${chunkId}/file`, 200)).bytes
  const form = new FormData()
  form.set('note', 'By the workbook.')
  form.set('file', new Blob([new Uint8Array(chunkFile)], { type: XLSX }), 'chunk.xlsx')
  const reconciliation = String((await call(asProvider, 'POST /reconciliations', 201, form)).json['id'])
  await until(
    async () => (await call(asProvider, `GET /reconciliations/${reconciliation}`, 200)).json['status'] === 'processed',
    'the reconciliation'
  )
  await call(asProvider, `GET /reconciliations/${reconciliation}/files/uploaded`, 200)
  await call(asProvider, `GET /reconciliations/${reconciliation}/files/processed`, 200)
  await call(asProvider, `POST /usage-chunks/${chunkId}/close`, 200, {
    externalBillingId: 'INV-8',
    externalBillingNote: 'n'
  })
  await call(asProvider, `POST /usage-chunks/${chunkId}/regenerate`, 409)
  await call(asProvider, `POST /usage-chunks/${otherChunk}/regenerate`, 202)
  await call(asProvider, `POST /usage-files/${billed}/records/close`, 200, { externalBillingId: 'INV-9' })
  await call(asVendor, `GET /usage-chunks/${chunkId}`, 200)
  for (const line of [
    'GET /usage-chunks/UFC-2026-01-0000-0000-001',
    'GET /reconciliations/RCF-2026-01-0000-0000-001'
  ]) {
    await call(asProvider, line, 404)
  }
}
