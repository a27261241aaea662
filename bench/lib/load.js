/**
 * Callers of JSON endpoints, in the bench's own process: keep-alive sockets that write ready bytes and count what
 * comes back. No HTTP parser, so that the callers take little of the machine from who is measured.
 */
import { connect } from 'node:net'

/**
 * Sends a fixed number of requests, so that all the work begins and ends inside the measurement.
 * @param {Started} server
 * @param {{ path: string, headers: object, connections: number, amount: number, bytes: number, status?: number,
 * headersOf?: (n: number) => object }} what   bytes: of one answer's body; an answer of another status or length is a
 * fault, unless it is a 503 and `mayRefuse`
 */
export async function load (
  server,
  { path, headers, connections, amount, bytes, status = 200, headersOf = () => ({}), mayRefuse = false }
) {
  const { port } = new URL(server.origin)
  let left = amount
  const takeOne = () => left-- > 0
  const latencies = []
  const callers = Array.from(
    { length: connections },
    (_, n) => new Caller(port, path, { ...headers, ...headersOf(n) }, { status, bytes, mayRefuse }, latencies)
  )
  await Promise.all(callers.map(caller => caller.open()))
  const cpuBefore = server.cpuSeconds()
  const startedAt = performance.now()
  await Promise.all(callers.map(caller => caller.work(takeOne)))
  const seconds = (performance.now() - startedAt) / 1000
  const cpu = server.cpuSeconds() - cpuBefore
  for (const caller of callers) caller.close()
  server.dropLog()
  latencies.sort((a, b) => a - b)
  const quantile = part => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))]
  const refused = callers.reduce((sum, caller) => sum + caller.refused, 0)
  return {
    refusedShare: refused / amount,
    cpuMicros: (cpu / amount) * 1e6,
    perSecond: amount / seconds,
    p50: quantile(0.5),
    p99: quantile(0.99)
  }
}

class Caller {
  refused = 0
  #socket
  #request
  #port
  #path
  #expected
  #latencies
  #head = ''
  #left = -1
  #sentAt = 0

  constructor (port, path, headers, expected, latencies) {
    this.#port = port
    this.#path = path
    this.#expected = expected
    this.#latencies = latencies
    const lines = Object.entries({ host: `127.0.0.1:${port}`, accept: 'application/json', ...headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`
    )
    this.#request = Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  }

  async open () {
    this.#socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true })
    await new Promise((resolve, reject) => this.#socket.once('connect', resolve).once('error', reject))
  }

  work (takeOne) {
    return new Promise((resolve, reject) => {
      const next = () => {
        if (!takeOne()) return resolve()
        this.#sentAt = performance.now()
        this.#socket.write(this.#request)
      }
      this.#socket.on('error', reject)
      this.#socket.on('close', () => reject(new Error(`${this.#path}: the connection was closed`)))
      this.#socket.on('data', chunk => {
        try {
          if (this.#take(chunk)) next()
        } catch (error) {
          reject(error)
        }
      })
      next()
    })
  }

  close () { this.#socket.removeAllListeners('close').destroy() }

  /** True once the answer is complete. */
  #take (chunk) {
    if (this.#left === -1) {
      this.#head += chunk.latin1Slice()
      const end = this.#head.indexOf('\r\n\r\n')
      if (end === -1) return false
      const { status, bytes, mayRefuse } = this.#expected
      // A 304 has no body, and no length either.
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(this.#head)?.[1] ?? 0)
      if (mayRefuse && this.#head.startsWith('HTTP/1.1 503')) this.refused += 1
      else if (!this.#head.startsWith(`HTTP/1.1 ${status} `) || length !== bytes) {
        throw new Error(`${this.#path}: not the answer it was before:\n${this.#head.slice(0, 500)}`)
      }
      this.#left = length - (this.#head.length - end - 4)
    } else {
      this.#left -= chunk.length
    }
    if (this.#left > 0) return false
    this.#head = ''
    this.#left = -1
    this.#latencies.push(performance.now() - this.#sentAt)
    return true
  }
}

/** The shortest warm-up, in seconds of CPU. After less, V8 still compiles, and a service of many parts seems slow. */
const WARM_UP_SECONDS = 4

/**
 * Warms a server up and says how many requests make a round. Both are measured in what the server itself has used:
 * on a busy machine the clock runs while nobody works.
 * @param {number} seconds of CPU a round should cost the server, or of time where it mostly waits
 */
export async function amountFor (server, what, seconds) {
  let amount = what.connections * 4
  let used = 0
  for (;;) {
    const { cpuMicros, perSecond } = await load(server, { ...what, amount })
    used += Math.max(cpuMicros * amount / 1e6, amount / perSecond / 4)
    const fitting = Math.max(
      what.connections * 4,
      Math.round(Math.min((seconds * 1e6) / cpuMicros, perSecond * seconds * 2))
    )
    if (used >= Math.max(seconds * 4, WARM_UP_SECONDS)) return fitting
    amount = Math.min(fitting, amount * 4)
  }
}
