/**
 * The one measurement helper: starts a process under test and reads from /proc what it has used. Linux only.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const TICKS_PER_SECOND = 100
const MIB_PER_KIB = 1 / 1024

/** A folder of this run for logs, configurations and bodies; removed with everything that was started. */
export const home = mkdtempSync(join(tmpdir(), 'bench-'))

const running = new Set()

/**
 * Starts a command and waits until it listens. Its output goes into a file, as under an init system, so that reading
 * it costs nobody anything while the clock runs. The environment is given whole.
 * @param {{ name: string, command: string, args: string[], cwd?: string, env?: Record<string, string>, listening:
 * RegExp, origin?: string, withinMs?: number }} what   `listening`
 * is met by the output once it listens; its first group is the origin, unless `origin` says it. `withinMs`: default
 * 20,000.
 */
export async function startProcess ({ name, command, args, cwd, env, listening, origin, withinMs = 20_000 }) {
  const log = join(home, `${name.replace(/\W+/g, '-')}-${running.size}-${Date.now()}.log`)
  const fd = openSync(log, 'a')
  const startedAt = performance.now()
  const child = spawn(command, args, {
    cwd,
    env: { PATH: process.env.PATH, HOME: home, TMPDIR: home, ...env },
    stdio: ['ignore', fd, fd]
  })
  closeSync(fd)
  let failure = null
  child.on('error', error => { failure = error })
  const started = new Started(child, log)
  running.add(started)
  for (;;) {
    const found = listening.exec(readFileSync(log, 'utf8'))
    if (found !== null) {
      started.origin = origin ?? found[1]
      started.startMs = performance.now() - startedAt
      return started
    }
    if (failure !== null || child.exitCode !== null) {
      throw failure ?? new Error(`${name} ended with ${child.exitCode}:\n${readFileSync(log, 'utf8')}`)
    }
    if (performance.now() - startedAt > withinMs) {
      throw new Error(`${name} does not listen:\n${readFileSync(log, 'utf8')}`)
    }
    await sleep(2)
  }
}

class Started {
  /** `http://127.0.0.1:port` */
  origin = ''
  /** From spawn to listening. */
  startMs = 0
  #child
  #log

  constructor (child, log) {
    this.#child = child
    this.#log = log
  }

  get pid () { return this.#child.pid }

  /** User and system time so far, of the process and its children (nginx has a worker), in seconds. */
  cpuSeconds () {
    return this.#pids().reduce((sum, pid) => {
      // The second field is the name, in parentheses, and may hold anything.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
      return sum + (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
    }, 0)
  }

  /** Resident size now, MiB. */
  rss () { return this.#sum('VmRSS') }

  /** Highest resident size since `forgetPeak`, MiB. */
  peakRss () { return this.#sum('VmHWM') }

  forgetPeak () {
    for (const pid of this.#pids()) writeFileSync(`/proc/${pid}/clear_refs`, '5')
  }

  /** The lowest of some seconds of rest: garbage and freed pages go in their own time. */
  async restingRss (seconds = 2) {
    let lowest = this.rss()
    for (let i = 0; i < seconds * 10; i += 1) {
      await sleep(100)
      lowest = Math.min(lowest, this.rss())
    }
    return lowest
  }

  /** What it wrote is of no use any more. */
  dropLog () { truncateSync(this.#log) }

  readLog () { return readFileSync(this.#log, 'utf8') }

  async stop () {
    running.delete(this)
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await Promise.race([ended, sleep(5_000).then(() => this.#child.kill('SIGKILL'))])
    await ended
  }

  killNow () { this.#child.kill('SIGKILL') }

  #pids () {
    const tasks = `/proc/${this.pid}/task`
    const children = readdirSync(tasks).flatMap(task =>
      readFileSync(`${tasks}/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
    )
    return [this.pid, ...children]
  }

  #sum (field) {
    return this.#pids().reduce((sum, pid) => {
      const kib = new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
      return sum + Number(kib) * MIB_PER_KIB
    }, 0)
  }
}

/** Ends what was started, or these, last first. */
export async function stopAll (these = [...running]) {
  for (const started of [...these].reverse()) await started.stop()
}

process.on('exit', () => {
  for (const started of running) started.killNow()
  rmSync(home, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))
