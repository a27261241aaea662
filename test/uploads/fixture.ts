import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Limits } from '../../src/connect/client.ts'
import { startApp, until, type AppOptions, type StartedApp, type Teardown } from '../helper.ts'
import { startClient, startUpstream, type Exchange, type Upstream } from '../connect/upstream.ts'
import { connectTo, type WireClient } from './wire.ts'

export const FILE_ID = 'UF-2026-11-0000-0001'
export const UPLOAD = `/v1/usage-files/${FILE_ID}/upload`
export const RECONCILIATION = `/v1/usage-files/${FILE_ID}/reconciliation`

export type OnUpload = (exchange: Exchange) => unknown

export interface Fixture extends StartedApp {
  upstream: Upstream
  /** The posts of a body, in order. */
  uploads: () => Exchange[]
  /** What the next posts meet; whole bodies are taken and answered unless told otherwise. */
  onUpload: (script: OnUpload) => void
  /** Runs before a read of the file is answered. */
  onRead: (work: () => unknown) => void
  /** What the next reads meet; they are shown the file unless told otherwise. */
  onGet: (script: OnUpload) => void
  /** What a read of the file shows, snake_case as Connect has it. */
  file: Record<string, unknown>
  client: () => Promise<WireClient>
  /** Names in the folder where spooled uploads would lie. */
  spooled: () => string[]
  /** Waits until no call is running, no socket is open upstream or downstream, and nothing is spooled. */
  quiet: () => Promise<void>
}

export const taken: OnUpload = async (exchange) => {
  await exchange.body()
  const isNew = exchange.path.endsWith('/usage/reconciliations')
  exchange.json(201, { id: isNew ? 'RCF-2026-11-4410-7719-001' : FILE_ID, status: 'uploading' })
}

/**
 * The whole app between raw sockets: every byte on both sides is seen. With `limits` in the place of the client's own.
 */
export async function startFixture (
  t: Teardown,
  { limits, ...options }: AppOptions & { limits?: Partial<Limits> } = {}
): Promise<Fixture> {
  const file: Record<string, unknown> = {
    id: FILE_ID,
    name: 'Fixture',
    status: 'draft',
    events: { created: { at: '2026-11-01T00:00:00Z', by: null } },
    records: {},
    stats: {}
  }
  let script = taken
  let beforeRead: () => unknown = () => {}
  let read: OnUpload = async exchange => {
    await beforeRead()
    exchange.json(200, file)
  }
  // What is taken shows in the file.
  const noting = (exchange: Exchange): Exchange => ({
    ...exchange,
    json: (status, value, extra) => {
      if (status < 300) file['events'] = { ...(file['events'] as object), uploaded: { at: new Date().toISOString() } }
      exchange.json(status, value, extra)
    }
  })
  const upstream = await startUpstream(t, async exchange =>
    exchange.method === 'GET' ? await read(exchange) : await script(noting(exchange))
  )
  const env: Record<string, string> = {
    CONNECT_BASE_URL: upstream.baseUrl,
    STORAGE_HOSTS: upstream.origin,
    ...options.env
  }
  const folder = mkdtempSync(join(tmpdir(), 'bff-spool-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true })
  })
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
  const connect =
    limits === undefined
      ? {}
      : {
          connect: startClient(t, env['CONNECT_BASE_URL'] ?? '', {
            storageHosts: [env['STORAGE_HOSTS'] ?? ''],
            timeoutMs: Number(env['CONNECT_TIMEOUT_MS'] ?? 10_000),
            limits
          })
        }
  const started = await startApp(t, { ...connect, ...options, env })
  if (before === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = before

  const uploads = (): Exchange[] => upstream.exchanges.filter(({ method }) => method === 'POST')
  const spooled = (): string[] => readdirSync(folder)
  const open = async (): Promise<number> =>
    await new Promise((resolve, reject) => {
      started.app.server.getConnections((error, count) => {
        if (error === null) resolve(count)
        else reject(error)
      })
    })
  return {
    ...started,
    upstream,
    uploads,
    onUpload: next => {
      script = next
    },
    onRead: work => {
      beforeRead = work
    },
    onGet: next => {
      read = next
    },
    file,
    client: async () => await connectTo(t, started.port),
    spooled,
    quiet: async () => {
      const busy = async (): Promise<string> => {
        const stats = started.app.connect.stats()
        const running = Object.values(stats).reduce(
          (sum, pool) => sum + pool.running + pool.pending,
          stats.upload.connected
        )
        const callers = await open()
        return running + callers + spooled().length === 0 ? '' : JSON.stringify({ stats, callers, spooled: spooled() })
      }
      await until(async () => (await busy()) === '', 'quiet', 8_000).catch(async () => {
        throw new Error(`not quiet: ${await busy()}`)
      })
    }
  }
}

/** Whether a post came to Connect whole. */
export async function isWhole (exchange: Exchange): Promise<boolean> {
  return await exchange.body().then(() => true, () => false)
}
