import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Test } from 'tap'
import { until } from '../helper.ts'
import { ZIP_START } from '../../src/media-types.ts'
import { begin, UPLOAD_FILE } from '../routes/uploads/streaming.ts'
import { formOf, KIB, MIB, workbookOf, XLSX } from '../uploads/forms.ts'
import { FILE_ID, startFixture, type OnUpload } from '../uploads/fixture.ts'
import { connectTo } from '../uploads/wire.ts'
import { SHORT_LIVED, watchLeftovers } from './leftovers.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

const READS: readonly OnUpload[] = [
  ({ socket }) => { socket.resetAndDestroy() },
  ({ json }) => json(503, ''),
  ({ json }) => json(200, '<html>', { 'content-type': 'text/html' }),
  ({ json }) => json(200, {}, { 'x-large': 'x'.repeat(40_000) }),
  ({ raw, socket }) => {
    raw('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{')
    socket.end()
  }
]
const UPLOADS: readonly OnUpload[] = [
  ({ json }) => json(404, {}),
  ({ socket }) => { socket.resetAndDestroy() },
  ({ json }) => json(201, { id: FILE_ID })
]

/**
 * Repeats a mixed set of faults (reads, uploads that end early, uploads and downloads that are left, downloads that
 * break off) and looks at what is left of them: nothing, and no more than so many bytes of memory.
 */
export async function testSlope (t: Test, repetitions: number, maxBytes: number): Promise<void> {
  const started = await startFixture(t, {
    env: { LOG_LEVEL: 'silent' },
    limits: { ...SHORT_LIVED, retryPauseMinMs: 1, retryPauseMaxMs: 2 }
  })
  // A client that the test would end at its end is kept until then, with all that it received.
  const fixture = { ...started, client: async () => await connectTo({ teardown: () => {} }, started.port) }
  const form = formOf({ file: workbookOf(600 * KIB) })
  fixture.file['usage_file_uri'] = `${fixture.upstream.origin}/store/file.xlsx`
  let round = 0
  let isReadBad = false
  fixture.onGet(async (exchange) => {
    if (exchange.path.startsWith('/store/')) {
      exchange.socket.write(`HTTP/1.1 200 OK\r\ncontent-type: ${XLSX}\r\ncontent-length: ${MIB}\r\n\r\n`)
      exchange.socket.write(Buffer.concat([ZIP_START, Buffer.alloc(100 * KIB)]))
      if (round % 2 === 0) setImmediate(() => { exchange.socket.resetAndDestroy() })
    } else if (isReadBad) {
      await READS[round % READS.length]?.(exchange)
    } else {
      exchange.json(200, fixture.file)
    }
  })
  fixture.onUpload(async exchange => await UPLOADS[round % UPLOADS.length]?.(exchange))

  const once = async (): Promise<void> => {
    round += 1
    isReadBad = true
    const reader = await fixture.client()
    await reader.sendHead({ method: 'GET', path: `/v1/usage-files/${FILE_ID}` })
    t.ok([502, 503].includes((await reader.answer()).status))
    reader.socket.destroy()
    isReadBad = false
    const refused = await begin(fixture, UPLOAD_FILE, form, 400 * KIB)
    t.ok([404, 502].includes((await refused.answer()).status))
    refused.socket.destroy()
    const leaver = await begin(fixture, UPLOAD_FILE, form, round % 3 === 0 ? 1000 : 300 * KIB)
    leaver.socket.resetAndDestroy()
    const download = await fixture.client()
    let hasBegun = false
    download.socket.once('data', () => { hasBegun = true })
    await download.sendHead({ method: 'GET', path: `/v1/usage-files/${FILE_ID}/files/uploaded` })
    await until(() => hasBegun || download.isClosed(), 'the download to begin')
    download.socket.destroy()
  }
  const settled = async (): Promise<number> => {
    await fixture.quiet()
    // What was seen is the test's own, and grows.
    ;(fixture.upstream.exchanges as unknown[]).length = 0
    gc()
    gc()
    // What is alive. The resident size says nothing here: caller and Connect are in the same process, with all their
    // bytes.
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  for (let i = 0; i < Math.max(20, repetitions / 3); i += 1) await once()
  await settled()
  const nothingLeft = await watchLeftovers(fixture)
  // What leaks grows every time.
  const growths: number[] = []
  do {
    const before = await settled()
    for (let i = 0; i < repetitions; i += 1) await once()
    growths.push(await settled() - before)
  } while ((growths.at(-1) ?? 0) >= maxBytes && growths.length < 3)
  await nothingLeft()
  t.comment(`${repetitions} repetitions: ${growths.map(bytes => `${(bytes / MIB).toFixed(1)} MiB`).join(', ')} more`)
  t.ok((growths.at(-1) ?? 0) < maxBytes)
}
