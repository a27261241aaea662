import type { FastifyReply } from 'fastify'

const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** Sends a workbook as a download. The name comes from the sandbox, so it needs no escaping in the header. */
export async function sendWorkbook (reply: FastifyReply, name: string, bytes: Uint8Array): Promise<FastifyReply> {
  return await reply
    .type(xlsx)
    .header('content-disposition', `attachment; filename="${name}"`)
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}

export function workbookHeaders (reply: FastifyReply, name: string, size: number): FastifyReply {
  return reply
    .type(xlsx)
    .header('content-disposition', `attachment; filename="${name}"`)
    .header('content-length', size)
}
