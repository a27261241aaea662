import { once } from 'node:events'
import { createConnection, type LookupFunction } from 'node:net'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { DEFAULT_STORAGE_HOSTS } from '../../src/config.ts'
import { guardLookup } from '../../src/connect/http/url-allowlist.ts'
import { context, failure, startClient, startUpstream } from './upstream.ts'

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const QUERY = 'sp=r&se=2026&sig=canary%2Bsecret%3D'

t.test('a signed link is followed without headers of this service', async (t) => {
  const upstream = await startUpstream(t, ({ json }) =>
    json(200, 'PK\x03\x04', { 'content-type': 'application/octet-stream' }))
  const client = startClient(t, 'http://127.0.0.1:1', { storageHosts: [upstream.origin] })
  const ctx = context({ traceparent: () => TRACEPARENT })
  const { stream, contentLength } = await client.storage.fetch(`${upstream.origin}/c/UF-1.xlsx?${QUERY}`, ctx)
  t.equal((await buffer(stream)).toString(), 'PK\x03\x04')
  t.equal(contentLength, 4)
  const [sent] = upstream.exchanges
  t.equal(sent?.path, `/c/UF-1.xlsx?${QUERY}`, 'the signature as it was')
  t.notMatch(sent?.head, /authorization|apikey|canary-secret|x-request-id|traceparent|cookie/i)
  t.match(ctx.seen, [{ operation: 'storage.fetch', status: 200, failure: null }])
  t.match(client.stats().storage, { running: 0, pending: 0 })
})

t.test('a link to another host is not followed', async (t) => {
  const canary = await startUpstream(t, ({ json }) => json(200, 'PK'))
  const port = new URL(canary.origin).port
  const storageHosts = [...DEFAULT_STORAGE_HOSTS, '127.0.0.1', 'localhost']
  const client = startClient(t, 'http://127.0.0.1:1', { storageHosts })
  const links: Readonly<Record<string, string>> = {
    'not a link': 'not-a-url',
    '': 'not-a-url',
    'https://': 'not-a-url',
    [`${canary.origin}/?${QUERY}`]: 'scheme',
    [`http://storage.googleapis.com:${port}/x`]: 'scheme',
    'http://storage.googleapis.com/x': 'scheme',
    'file:///etc/passwd?canary': 'scheme',
    'data:text/plain,canary': 'scheme',
    'ftp://storage.googleapis.com/x': 'scheme',
    [`https://127.0.0.1:${port}/?${QUERY}`]: 'host',
    'https://storage.googleapis.com:8443/x': 'host',
    [`https://storage.googleapis.com@127.0.0.1:${port}/?${QUERY}`]: 'credentials',
    'https://u:canary@storage.googleapis.com/x': 'credentials',
    'https://storage.googleapis.com.evil.example/x': 'host',
    'https://evil.example/storage.googleapis.com': 'host',
    'https://evilstorage.googleapis.com/x': 'host',
    'https://blob.core.windows.net/x': 'host',
    'https://xblob.core.windows.net/x': 'host',
    'https://storage.googleapis.com./x': 'host',
    'https://a.blob.core.windows.net./x': 'host',
    'http://169.254.169.254/latest/meta-data/': 'scheme',
    'gopher://storage.googleapis.com/x': 'scheme',
    'javascript:alert(1)': 'scheme',
    '//storage.googleapis.com/x': 'not-a-url',
    'https://storage.googleapis.com:0/x': 'host',
    'https://storage.googleapis.com:80/x': 'host',
    'https://evil.example\\@storage.googleapis.com/x': 'host',
    'https://evil.example#@storage.googleapis.com/x': 'host',
    'https://evil.example?@storage.googleapis.com/x': 'host',
    'https://storage.googleapis.com%2eevil.example/x': 'host',
    'https://storage.googleapis.com%00.evil.example/x': 'not-a-url',
    'https://[::1]/x': 'host',
    'https://[::ffff:169.254.169.254]/x': 'host',
    'https://[fe80::1%25eth0]/x': 'not-a-url',
    'https://169.254.169.254/latest': 'host',
    'https://127.0.0.1/x': 'address',
    'https://0x7f.1/x': 'address',
    'https://2130706433/x': 'address',
    'https://0177.0.0.1/x': 'address',
    'https://127.1/x': 'address',
    'https://①②⑦.0.0.1/x': 'address',
    'https://127.0.0.1./x': 'address'
  }
  for (const [link, reason] of Object.entries(links)) {
    const ctx = context()
    const error = await failure(client.storage.fetch(link, ctx))
    t.match(error, { name: 'StorageRefusedError', kind: 'storage-refused', reason, sent: 'no' }, `reason ${reason}`)
    t.notMatch(`${error.stack} ${JSON.stringify(error)}`, /canary|sig=/)
    t.equal(ctx.seen.length, 0)
  }
  t.equal(canary.connections(), 0, 'the canary is silent')
})

t.test('a redirect is never followed', async (t) => {
  const canary = await startUpstream(t, ({ json }) => json(200, 'PK'))
  for (const status of [301, 302, 303, 307, 308]) {
    const upstream = await startUpstream(t, ({ json }) => json(status, '', { location: `${canary.origin}/?${QUERY}` }))
    const client = startClient(t, 'http://127.0.0.1:1', { storageHosts: [upstream.origin, canary.origin] })
    const error = await failure(client.storage.fetch(`${upstream.origin}/x?${QUERY}`, context()))
    t.match(error, { kind: 'bad-payload', reason: 'redirect', status, path: upstream.origin })
    t.notMatch(`${error.stack} ${JSON.stringify(error)}`, /canary/)
  }
  t.equal(canary.connections(), 0)
})

t.test('a name that resolves to a private address is refused at connect time', async (t) => {
  for (const addresses of [['127.0.0.1'], ['10.1.2.3'], ['8.8.8.8', '169.254.169.254'], ['::1'], ['::ffff:7f00:1']]) {
    const storageLookup: LookupFunction = (_host, options, done) => {
      const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
      const [first] = all
      if (options.all === true) done(null, all)
      else done(null, first?.address ?? '', first?.family)
    }
    const client = startClient(t, 'http://127.0.0.1:1', { storageHosts: ['files.example'], storageLookup })
    const ctx = context()
    const error = await failure(client.storage.fetch(`https://files.example/x?${QUERY}`, ctx))
    t.match(error, { kind: 'storage-refused', reason: 'address', sent: 'no', path: 'https://files.example' })
    t.notMatch(`${error.stack} ${JSON.stringify(error)}`, /canary/)
    t.equal(ctx.seen.length, 1, 'it is not tried again')
  }
  const listed = startClient(t, 'http://127.0.0.1:1', { storageHosts: ['localhost'] })
  t.match(await failure(listed.storage.fetch('https://localhost/x', context())), { reason: 'address' })
})

t.test('the socket connects to the address that was checked', async (t) => {
  const canary = await startUpstream(t, ({ json }) => json(200, 'PK'))
  // 2000::/16 was never given to anybody: public by its range, and nowhere to be reached.
  const answers = ['2000::1', '127.0.0.1']
  const asked: string[] = []
  const rebinding: LookupFunction = (host, options, done) => {
    asked.push(host)
    const address = answers[Math.min(asked.length, answers.length) - 1] ?? ''
    const family = address.includes(':') ? 6 : 4
    if (options.all === true) done(null, [{ address, family }])
    else done(null, address, family)
  }
  const attempts: string[] = []
  const connect = async (): Promise<string> => await new Promise((resolve) => {
    const socket = createConnection({
      host: 'files.example',
      port: Number(new URL(canary.origin).port),
      lookup: guardLookup(rebinding)
    })
    const end = (outcome: string): void => {
      socket.destroy()
      resolve(outcome)
    }
    socket.on('connectionAttempt', (ip: string) => { attempts.push(ip) })
    socket.setTimeout(200, () => { end('no connection') })
    socket.once('connect', () => { end('connected') })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      end(error.code === 'ERR_STORAGE_ADDRESS_REFUSED' ? 'refused' : 'no connection')
    })
  })
  t.same([await connect(), await connect(), await connect()], ['no connection', 'refused', 'refused'])
  t.same(asked.length, 3, 'a connection asks once: there is no second answer to be taken in by')
  t.ok(attempts.every(ip => ip === '2000::1'), 'and goes nowhere but to its answer')
  t.equal(canary.connections(), 0)

  asked.length = 0
  const client = startClient(t, 'http://127.0.0.1:1', {
    storageHosts: ['files.example'],
    storageLookup: rebinding,
    limits: { connectMs: 200 }
  })
  const ctx = context()
  t.match(await failure(client.storage.fetch(`https://files.example/x?${QUERY}`, ctx)), { sent: 'no' })
  t.match(await failure(client.storage.fetch(`https://files.example/x?${QUERY}`, ctx)), {
    kind: 'storage-refused',
    reason: 'address'
  })
  t.equal(ctx.seen.length, asked.length, 'each attempt of the client asks once as well')
})

t.test('an expired link is an error of the storage, without the text of its page', async (t) => {
  const page = '<?xml version="1.0"?><Error><Code>AuthenticationFailed</Code><M>canary</M></Error>'
  const upstream = await startUpstream(t, ({ json }) => json(403, page, { 'content-type': 'application/xml' }))
  const client = startClient(t, 'http://127.0.0.1:1', { storageHosts: [upstream.origin] })
  const error = await failure(client.storage.fetch(`${upstream.origin}/x?${QUERY}`, context()))
  t.match(error, { kind: 'response', status: 403, errorCode: null, errors: [] })
  t.notMatch(`${error.stack} ${JSON.stringify(error)}`, /canary/)
})

t.test('a file that is cut by the storage ends with an error', async (t) => {
  const upstream = await startUpstream(t, ({ raw, socket }) => {
    raw('HTTP/1.1 200 X\r\nContent-Length: 10\r\n\r\nPK\x03\x04')
    setImmediate(() => socket.end())
  })
  const client = startClient(t, 'http://127.0.0.1:1', { storageHosts: [upstream.origin] })
  const { stream } = await client.storage.fetch(`${upstream.origin}/x`, context())
  t.match(await failure(buffer(stream)), { kind: 'reset', operation: 'storage.fetch' })
  if (!stream.closed) await once(stream, 'close')
})
