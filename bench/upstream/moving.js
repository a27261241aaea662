/**
 * A fake Connect with usage files whose status changes, in the bench's own process: the moments of changes, calls and
 * answers are then on one clock.
 */
import { createServer } from 'node:http'
import { once } from 'node:events'
import { detail, listItem } from './data.js'

const PREFIX = '/public/v1/usage/files'

/** Starts it with these files, all `processing`. */
export async function startMoving (ids) {
  const statuses = new Map(ids.map(id => [id, 'processing']))
  const heads = new Map(ids.map((id, n) => [id, { row: listItem(id, n), detail: detail(id) }]))
  const seen = { lists: [], details: 0 }
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url, 'http://connect')
    const id = pathname.slice(PREFIX.length + 1)
    response.setHeader('content-type', 'application/json')
    if (id !== '') {
      seen.details += 1
      response.end(JSON.stringify({ ...heads.get(id).detail, id, status: statuses.get(id) }))
      return
    }
    seen.lists.push(performance.now())
    const query = decodeURIComponent(search)
    const named = /in\(id,\(([^)]*)\)\)|eq\(id,"([^"]*)"\)/.exec(query)
    const wanted = named === null ? null : (named[1] ?? named[2]).replaceAll('"', '').split(',')
    const shown = wanted ?? ids.filter(one => statuses.get(one) === 'processing')
    const [offset, limit] = ['offset', 'limit'].map(name => Number(new RegExp(`${name}=(\\d+)`).exec(query)?.[1] ?? 0))
    const page = shown.slice(offset, offset + limit)
    response.setHeader('content-range', `items ${offset}-${Math.max(offset, offset + page.length - 1)}/${shown.length}`)
    response.end(JSON.stringify(page.map(one => ({ ...heads.get(one).row, id: one, status: statuses.get(one) }))))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    seen,
    statusOf: id => statuses.get(id),
    set: (id, status) => { statuses.set(id, status) },
    stop: () => {
      server.close()
      server.closeAllConnections()
    }
  }
}
