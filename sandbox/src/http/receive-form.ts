import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { badRequest } from '../connect-error.ts'
import type { Sandbox } from '../sandbox.ts'
import type { StoredFile } from '../state/types.ts'
import { entryOf } from './request-context.ts'

type ReceivedFile = StoredFile & { kind: 'disk', field: string }

export interface Form { file: ReceivedFile, fields: Record<string, string> }

/**
 * Gives the stored file of the field `fileField`, and the text fields. Throws a 400 for a body that is no form or is
 * cut off, for too many parts or a too large file, and for a missing or empty file. No file stays on disk then.
 */
export async function receiveForm (sandbox: Sandbox, request: FastifyRequest, fileField: string): Promise<Form> {
  if (!request.isMultipart()) throw badRequest(`${fileField}: The submitted data was not a file.`)
  const files: ReceivedFile[] = []
  const cut = new AbortController()
  const aborted = whenAborted(request.raw, cut)
  try {
    const fields = await Promise.race([readParts(sandbox, request, files, cut.signal), aborted])
    await Promise.race([readToEnd(request.raw), aborted])
    const entry = entryOf(request)
    if (entry) {
      entry.form = { files: files.map(({ field, name, sha256, size }) => ({ field, name, sha256, size })), fields }
    }
    const file = files.find((one) => one.field === fileField)
    if (!file) throw badRequest(`${fileField}: No file was submitted.`)
    if (file.size === 0) throw badRequest(`${fileField}: The submitted file is empty.`)
    await discard(files.filter((one) => one !== file))
    return { file, fields }
  } catch (error) {
    await discard(files)
    // The parser no longer reads the body. The unread bytes would block every later request on the connection.
    request.raw.unpipe()
    request.raw.resume()
    throw error
  }
}

async function readParts (
  sandbox: Sandbox, request: FastifyRequest, files: ReceivedFile[], signal: AbortSignal
): Promise<Record<string, string>> {
  const fields: Record<string, string> = {}
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file') files.push(await storePart(sandbox, part, signal))
      else fields[part.fieldname] = String(part.value)
    }
  } catch (error) {
    throw badRequest(`Multipart form parse error: ${error instanceof Error ? error.message : 'unreadable'}`)
  }
  return fields
}

async function storePart (sandbox: Sandbox, part: MultipartFile, signal: AbortSignal): Promise<ReceivedFile> {
  const path = await sandbox.uploads.newPath()
  const hash = createHash('sha256')
  let size = 0
  const measure = new Transform({
    transform (chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      size += chunk.length
      done(null, chunk)
    }
  })
  try {
    await pipeline(part.file, measure, createWriteStream(path, { mode: 0o600 }), { signal })
    // The stream of a part that exceeds its size limit ends like that of a whole one; only `truncated` differs.
    if (part.file.truncated) throw new Error('file too large')
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
  return { kind: 'disk', path, name: part.filename, size, sha256: hash.digest('hex'), field: part.fieldname }
}

/** Rejects with a 400 when the connection ends before the whole body has arrived. Otherwise it does not settle. */
async function whenAborted (raw: IncomingMessage, cut: AbortController): Promise<never> {
  return await new Promise((_resolve, reject) => {
    const check = (): void => {
      if (raw.complete) return
      cut.abort()
      reject(badRequest('The request was cut off.'))
    }
    if (raw.destroyed) check()
    else raw.once('close', check)
  })
}

async function readToEnd (raw: IncomingMessage): Promise<void> {
  if (raw.complete && raw.readableEnded) return
  await new Promise<void>((resolve) => {
    raw.once('end', resolve)
    raw.resume()
  })
}

async function discard (files: readonly ReceivedFile[]): Promise<void> {
  for (const { path } of files) await rm(path, { force: true })
}
