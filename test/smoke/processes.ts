import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'

export interface Started {
  child: ChildProcess
  /** Everything printed so far, both streams together. */
  output: () => string
  /** Resolves once the output matches; rejects with the output when the process ends or the time is up. */
  prints: (pattern: RegExp, deadlineMs?: number) => Promise<RegExpExecArray>
  /** Resolves to the exit code, or to null when a signal ended the process; kills it and rejects after the deadline. */
  exits: (deadlineMs?: number) => Promise<number | null>
  /** Kills the process and all its children at once (SIGKILL). */
  kill: () => void
}

/**
 * Starts a command as a user's shell would, in a process group of its own, so that nothing of it stays behind. Beside
 * `env` the process gets only PATH and HOME: the settings of a test runner must not reach it.
 */
export function start (
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {}
): Started {
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...options.env }
  const child = spawn(command, [...args], {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true
  })
  let text = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      for (const listener of listeners) listener()
    })
  }
  const closed = once(child, 'close') as Promise<[number | null]>
  closed.catch(() => {})

  const kill = (): void => {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It has ended already.
    }
  }
  const within = async <T>(work: Promise<T>, deadlineMs: number, what: string): Promise<T> => {
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`${command} ${args.join(' ')}: no ${what} within ${deadlineMs} ms; it printed:\n${text}`))
      }, deadlineMs)
    })
    return await Promise.race([work, limit]).finally(() => {
      clearTimeout(timer)
    })
  }
  return {
    child,
    output: () => text,
    prints: async (pattern, deadlineMs = 60_000) => {
      let stop = (): void => {}
      const seen = new Promise<RegExpExecArray>((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(text)
          if (found !== null) resolve(found)
        }
        stop = () => {
          listeners.delete(look)
        }
        listeners.add(look)
        look()
        void closed.then(() => {
          reject(new Error(`${command} ended; it printed:\n${text}`))
        })
      })
      return await within(seen, deadlineMs, String(pattern)).finally(stop)
    },
    exits: async (deadlineMs = 20_000) => {
      try {
        const [code] = await within(closed, deadlineMs, 'exit')
        return code
      } catch (error) {
        kill()
        throw error
      }
    },
    kill
  }
}

/** Gives `count` different ports at which nobody listens. Another process may take one before it is used. */
export async function freePorts (count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  await Promise.all(servers.map(async (server) => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }))
  const ports = servers.map(server => (server.address() as { port: number }).port)
  await Promise.all(servers.map(async (server) => {
    server.close()
    await once(server, 'close')
  }))
  return ports
}
