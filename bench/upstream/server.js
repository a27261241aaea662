/**
 * A fake Connect, as fast as Node allows: reads are answered from ready bytes without an HTTP parser, the rest by
 * node:http. Uploads are swallowed and counted, closes answered after LATENCY_MS.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { detail, fileIdOf, listItem, recordNumberOf, recordsText } from './data.js'

const PREFIX = '/public/v1'
const LATENCY_MS = Number(process.env.LATENCY_MS ?? 0)
/** How many usage records there are; 0: as many as a list asks for. */
const RECORDS = Number(process.env.RECORDS ?? 0)
/** By default more than all sockets on the way hold: who does not read it holds it up. */
const WORKBOOK = process.env.WORKBOOK
  ? readFileSync(process.env.WORKBOOK)
  : Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), Buffer.alloc(32 * 1024 * 1024 - 4)])
const MAX_HEAD_BYTES = 64 * 1024

/** What arrived since the last look, for the bench to check. */
let ledger = newLedger()
let isDigesting = false
function newLedger () { return { uploads: [], closes: { calls: 0, rows: 0, numberSum: 0, billings: {} } } }

const answers = new Map()

/** The whole answer to a path, head included, from memory after the first time. */
function answerTo (url) {
  let bytes = answers.get(url)
  if (bytes === undefined) {
    const { path, query } = split(url)
    const limit = Number(query.get('limit') ?? 100)
    const range = `content-range: items 0-${limit - 1}/${limit}\r\n`
    if (path === '/usage/files') {
      bytes = ready(JSON.stringify(Array.from({ length: limit }, (_, n) => listItem(fileIdOf(n), n))), range)
    } else if (path === '/usage/records') {
      const from = Number(query.get('offset') ?? 0)
      const total = RECORDS || limit
      const count = Math.max(0, Math.min(limit, total - from))
      bytes = ready(recordsText(count, from), `content-range: items ${from}-${from + count - 1}/${total}\r\n`)
    } else if (path.endsWith('/download')) {
      bytes = Buffer.concat([
        Buffer.from(
          `HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: ${WORKBOOK.length}\r\n\r\n`
        ),
        WORKBOOK
      ])
    } else if (path.startsWith('/usage/files/')) {
      bytes = ready(JSON.stringify(detail(path.slice('/usage/files/'.length))))
    } else {
      bytes = Buffer.from('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n')
    }
    answers.set(url, bytes)
  }
  return bytes
}

function split (url) {
  const { pathname, searchParams, search } = new URL(url, 'http://connect')
  // RQL's own form of a parameter, too.
  const found = ['limit', 'offset'].flatMap(name => {
    const value = new RegExp(`${name}[(=](?:[^,&)]*,)?(\\d+)`).exec(search)?.[1]
    return value === undefined ? [] : [[name, value]]
  })
  return { path: pathname.replace(PREFIX, ''), query: new Map([...searchParams, ...found]) }
}

function ready (body, more = '') {
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${more}content-length: ${Buffer.byteLength(body)}\r\n\r\n` +
    `${body}`
  )
}

const http = createHttpServer({ requestTimeout: 0 }, (request, response) => {
  response.setHeader('content-type', 'application/json')
  const { method, url } = request
  const { path } = split(url)
  if (path === '/ledger') return takeLedger(url, response)
  if (method === 'GET') return response.end(answerTo(url).subarray(answerTo(url).indexOf('\r\n\r\n') + 4))
  if (path.endsWith('/upload')) return swallow(request, response)
  if (path === '/usage/records/close-records') return close(request, response, rows => rows, rows => rows, 206)
  if (path.endsWith('/close')) {
    const id = path.split('/').at(-2)
    return close(request, response, row => [{ id, ...row }], ([row]) => row, 200)
  }
  send(response, 404, {})
})
http.keepAliveTimeout = 60_000

/** Counts a body; while digesting, also knows what was in it. */
function swallow (request, response) {
  let bytes = 0
  request.on('data', chunk => { bytes += chunk.length })
  const content = isDigesting ? fileDigest(request) : Promise.resolve(null)
  request.on('error', () => {})
  request.on('end', async () => {
    ledger.uploads.push({ bytes, declared: request.headers['content-length'] ?? null, file: await content })
    send(response, 201, { ...detail(split(request.url).path.split('/').at(-2)), status: 'uploading' })
  })
}

/** Length and digest of a form's one file: between the first empty line and the last delimiter. */
async function fileDigest (request) {
  const chunks = []
  request.on('data', chunk => chunks.push(chunk))
  return await new Promise(resolve => request.on('end', () => {
    const body = Buffer.concat(chunks)
    const boundary = /boundary=(\S+)/.exec(request.headers['content-type'])?.[1]
    const head = body.indexOf('\r\n\r\n')
    const field = /name="(\w+)"/.exec(body.toString('latin1', 0, head))?.[1]
    const file = body.subarray(head + 4, body.lastIndexOf(`\r\n--${boundary}--`))
    resolve({ field, bytes: file.length, sha256: createHash('sha256').update(file).digest('hex') })
  }))
}

function close (request, response, toRows, toAnswer, status) {
  const chunks = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => {
    const rows = toRows(JSON.parse(Buffer.concat(chunks).toString()))
    const { closes } = ledger
    closes.calls += 1
    closes.rows += rows.length
    for (const row of rows) {
      closes.numberSum += recordNumberOf(row.id)
      closes.billings[row.external_billing_id] = (closes.billings[row.external_billing_id] ?? 0) + 1
    }
    setTimeout(() => send(response, status, toAnswer(rows.map(({ id }) => ({ id, status: 'closed' })))), LATENCY_MS)
  })
}

function takeLedger (url, response) {
  const seen = ledger
  ledger = newLedger()
  isDigesting = url.includes('digest')
  send(response, 200, seen)
}

function send (response, status, value) {
  const body = JSON.stringify(value)
  response.writeHead(status, { 'content-length': Buffer.byteLength(body) }).end(body)
}

/** Answers reads while they are all that comes; at the first other request the socket goes to node:http for good. */
const server = createServer({ noDelay: true }, socket => {
  let text = ''
  socket.on('error', () => {})
  const onData = chunk => {
    text += chunk.latin1Slice()
    for (;;) {
      if (text !== '' && (!text.startsWith('GET /') || text.startsWith(`GET ${PREFIX}/ledger`))) return handOver()
      const end = text.indexOf('\r\n\r\n')
      if (end === -1) {
        if (text.length > MAX_HEAD_BYTES) socket.destroy()
        return
      }
      const answer = answerTo(text.slice(4, text.indexOf(' ', 4)))
      const isLast = /\r\nconnection: close\r\n/i.test(text.slice(0, end + 2))
      text = text.slice(end + 4)
      if (isLast) return socket.end(answer)
      socket.write(answer)
    }
  }
  const handOver = () => {
    socket.off('data', onData)
    socket.pause()
    socket.unshift(Buffer.from(text, 'latin1'))
    http.emit('connection', socket)
    socket.resume()
  }
  socket.on('data', onData)
})
server.listen(0, '127.0.0.1', () => console.log(`listening at http://127.0.0.1:${server.address().port}`))
