import type { LookupFunction } from 'node:net'
import t from 'tap'
import { DEFAULT_STORAGE_HOSTS } from '../../src/config.ts'
import { createUrlAllowlist } from '../../src/connect/client.ts'
import { guardLookup, isPrivateAddress } from '../../src/connect/http/url-allowlist.ts'

t.test('the lookup passes on public addresses and failures', (t) => {
  t.plan(4)
  const answer = (error: NodeJS.ErrnoException | null, address: string): LookupFunction =>
    (_host, _options, done) => done(error, address, 4)
  guardLookup(answer(null, '142.250.1.1'))('x', {}, (error, address, family) => {
    t.equal(error, null)
    t.same([address, family], ['142.250.1.1', 4])
  })
  const cause: NodeJS.ErrnoException = Object.assign(new Error('none'), { code: 'ENOTFOUND' })
  guardLookup(answer(cause, ''))('x', {}, (error) => t.equal(error, cause))
  guardLookup(answer(null, '192.168.0.1'))('x', {}, (error) => t.match(error, { code: 'ERR_STORAGE_ADDRESS_REFUSED' }))
})

t.test('public and private addresses are distinguished', (t) => {
  for (const address of [
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.255',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd12::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    '::7f00:1',
    '::ffff:0:127.0.0.1',
    '64:ff9b:1::1',
    '2001:0:1::1',
    '3fff::1',
    '4000::1',
    '5f00::1',
    'fec0::1',
    '100::1',
    '192.0.0.1',
    '240.0.0.1'
  ]) { t.ok(isPrivateAddress(address), address) }
  for (const address of ['8.8.8.8', '142.250.1.1', '172.32.0.1', '100.128.0.1', '2607:f8b0::1', '2603:1030::1', 'x']) {
    t.notOk(isPrivateAddress(address), address)
  }
  t.end()
})

t.test('the default hosts are those of Google Storage and Azure Blob', (t) => {
  const decide = createUrlAllowlist(DEFAULT_STORAGE_HOSTS)
  for (const link of [
    'https://storage.googleapis.com/b/o?x', 'https://bucket.storage.googleapis.com/o',
    'https://acct.blob.core.windows.net/c', 'https://storage.googleapis.com:443/b', 'https://STORAGE.googleapis.com/b'
  ]) t.match(decide(link), { isTrusted: false }, link)
  const rubbish = ['', '*', '*.', 'a b', 'http://', 'ftp://x', 'https://x/path', 'https://u:p@x', 'x/y', 'x:1', '.x']
  for (const entry of rubbish) {
    t.throws(() => createUrlAllowlist([entry]), TypeError)
  }
  t.match(createUrlAllowlist(['HTTP://127.0.0.1:4010'])('http://127.0.0.1:4010/a'), { isTrusted: true })
  t.match(createUrlAllowlist(['https://x.example:443'])('https://x.example/a'), { isTrusted: true })
  t.end()
})
