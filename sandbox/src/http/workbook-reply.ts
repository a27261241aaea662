import type { FastifyReply } from 'fastify'

const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** The name is one of ours, so it needs no quoting rules. */
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
