import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'

export interface Shell {
  /**
   * Runs one line as if it had been typed. Gives what it prints, both streams together, and its exit code. When it
   * still runs after the deadline, it kills the shell and rejects.
   */
  run: (line: string, deadlineMs?: number) => Promise<{ output: string, code: number }>
  kill: () => void
}

/** Starts a bash that goes on from line to line, as a person's does: variables and the folder stay. */
export function openShell (env: Record<string, string>): Shell {
  const shell = spawn('bash', ['--norc', '--noprofile'], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true
  })
  shell.stdin.write('exec 2>&1\n')
  shell.stderr.resume()
  shell.stdin.on('error', () => {})
  shell.stdout.setEncoding('utf8')
  const kill = (): void => {
    try {
      process.kill(-shell.pid!, 'SIGKILL')
    } catch {
      // It has ended already.
    }
  }
  return {
    kill,
    run: async (line, deadlineMs = 60_000) => {
      const mark = `--- ${randomUUID()}`
      let text = ''
      return await new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          kill()
          reject(new Error(`${line}: still running after ${deadlineMs} ms; it printed:\n${text}`))
        }, deadlineMs)
        const onData = (chunk: string): void => {
          text += chunk
          const end = text.indexOf(mark)
          const code = /^ (\d+)\n/.exec(text.slice(end + mark.length))?.[1]
          if (end === -1 || code === undefined) return
          clearTimeout(timer)
          shell.stdout.off('data', onData)
          resolve({ output: text.slice(0, end), code: Number(code) })
        }
        shell.stdout.on('data', onData)
        shell.stdin.write(`${line}\nprintf '%s %s\\n' '${mark}' "$?"\n`)
      })
    }
  }
}
