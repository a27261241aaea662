import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { makeFolder, until, type Teardown } from '../helper.ts'

/** Why the tests against Redis were not run, or null when they can be. */
export const noRedis =
  spawnSync('redis-server', ['--version']).error === undefined
    ? null
    : 'not run: there is no redis-server on PATH (Debian: apt-get install redis-server)'

export interface RedisServer {
  url: string
  port: number
  child: () => ChildProcess
  /** Starts it again on the same port and data, with further options. */
  start: (...further: string[]) => Promise<void>
  kill: (signal: NodeJS.Signals) => Promise<void>
  flush: () => Promise<void>
}

/**
 * A Redis of the test's own, with its data in a folder that goes with it. Synced on every write: with Redis's default a
 * write that was confirmed while the disk was busy is not even handed to the system, and lost when the process is
 * killed. With `--sentinel` among the options it is a Sentinel, which keeps no data.
 */
export async function startRedis (t: Teardown, options: readonly string[] = []): Promise<RedisServer> {
  const dir = makeFolder(t)
  const port = await freePort()
  let child: ChildProcess
  const start = async (...further: string[]): Promise<void> => {
    // A Sentinel wants a file of settings that it may write to.
    const isSentinel = options.includes('--sentinel')
    if (isSentinel) writeFileSync(join(dir, 'sentinel.conf'), `port ${port}\n`)
    const settings = isSentinel
      ? [join(dir, 'sentinel.conf')]
      : [
          '--port', String(port), '--bind', '127.0.0.1', '--dir', dir,
          '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'
        ]
    child = spawn('redis-server', [...settings, ...options, ...further], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout?.on('data', (chunk: Buffer) => { output += chunk.toString() })
    await until(() => {
      if (child.exitCode !== null) throw new Error(`redis-server ended: ${output}`)
      return /Ready to accept connections|Sentinel ID is/.test(output)
    }, 'redis-server')
  }
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
  await start()
  t.teardown(async () => { await kill('SIGKILL') })
  const password = options[options.indexOf('--requirepass') + 1]
  const url = `redis://${options.includes('--requirepass') ? `:${password}@` : ''}127.0.0.1:${port}`
  return {
    url, port, start, kill,
    child: () => child,
    flush: async () => {
      const redis = new Redis(url)
      await redis.flushall()
      redis.disconnect()
    }
  }
}

async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
