/** One request to the service, measured. */
import assert from 'node:assert/strict'
import { createReadStream, createWriteStream, statSync } from 'node:fs'
import { request } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { keyOf } from '../contenders/service.js'
import { note, number } from './report.js'

/**
 * Sends one request to the service and measures the whole process until `take` has taken the answer.
 * @param {{ method: string, path: string, type?: string, file?: string, role?: 'vendor' | 'provider' }} what   file:
 * the path of a file whose bytes are the body, of this type
 */
export async function measure (service, { method, path, type, file, role = 'vendor' }, take) {
  const idle = await service.restingRss(1)
  service.forgetPeak()
  const cpuBefore = service.cpuSeconds()
  const startedAt = performance.now()
  const headers = {
    'x-api-key': keyOf(role), ...(file && { 'content-type': type, 'content-length': statSync(file).size })
  }
  const sending = request(service.origin + path, { method, headers })
  const answered = new Promise((resolve, reject) => sending.on('response', resolve).on('error', reject))
  if (file) createReadStream(file).pipe(sending)
  else sending.end()
  await take(await answered)
  const seconds = (performance.now() - startedAt) / 1000
  note(`${path}: ${number(seconds)} s`)
  return { startedAt, seconds, cpuSeconds: service.cpuSeconds() - cpuBefore, overIdle: service.peakRss() - idle }
}

/** The body of an answer as text. */
export const textOf = async response => (await response.setEncoding('utf8').toArray()).join('')

/** Writes the body of an answer to a file. */
export async function save (response, path) {
  assert.equal(response.statusCode, 200)
  await pipeline(response, createWriteStream(path))
}
