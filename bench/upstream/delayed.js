/** Passes calls on to a fake Connect after a time, and keeps a list of them. */
import { Agent, createServer, request } from 'node:http'
import { once } from 'node:events'

/**
 * @param {string} origin of the fake Connect
 * @param {number} latencyMs each call is passed on after so many milliseconds
 * @param {Record<string, string>} credentials what replaces `Authorization`, by the part that is looked for in it
 */
export async function startDelayed (origin, latencyMs, credentials = {}) {
  const agent = new Agent({ keepAlive: true })
  /** What came, in order: the method and the path without the prefix and the query. */
  const calls = []
  const server = createServer((incoming, answer) => {
    const { method, url, headers } = incoming
    calls.push(`${method} ${url.replace('/public/v1', '').replace(/\?.*/, '')}`)
    const [, credential] = Object.entries(credentials).find(([part]) => headers.authorization?.includes(part)) ?? []
    const sent = { ...headers, ...(credential && { authorization: credential }) }
    setTimeout(() => {
      const outgoing = request(origin + url, { method, headers: sent, agent }, response => {
        answer.writeHead(response.statusCode, response.headers)
        response.pipe(answer)
      })
      outgoing.on('error', error => answer.destroy(error))
      incoming.pipe(outgoing)
    }, latencyMs)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    calls,
    stop () {
      agent.destroy()
      server.closeAllConnections()
      server.close()
    }
  }
}
