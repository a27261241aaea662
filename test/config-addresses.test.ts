import t from 'tap'
import { CANARY, faultsOf, load } from './config-fixture.ts'

t.test('an address has one host, as a name or an IP address', async (t) => {
  for (const name of ['CONNECT_BASE_URL', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'PUBLIC_URL']) {
    for (const bad of ['https://a,https://b', 'https://a,b', 'https://a;b/', 'https://(a)']) {
      t.match(faultsOf(() => load({ [name]: bad })), [new RegExp(`^${name}: must be an http`)], bad)
    }
    for (const good of ['https://a_b.c-d:8443', 'https://[::1]:8443', 'https://10.0.0.1']) {
      t.ok(load({ [name]: good }), good)
    }
  }
})

t.test('the address to listen on is a name or an IP address', async (t) => {
  for (const good of ['0.0.0.0', '::', '::1', 'localhost', 'fe80::1%eth0', 'bff-a.example.com']) {
    t.equal(load({ HOST: good }).host, good)
  }
  for (const bad of ['[::]', '[::1]:3000', 'http://localhost', 'a b', '127.0.0.1:3000', '-a']) {
    t.match(faultsOf(() => load({ HOST: bad })), [/^HOST: must be .* without brackets$/], bad)
  }
})

t.test('an impossible store URL is a fault of the settings, not an error of a library', async (t) => {
  for (const bad of [
    'data', 'file:', 'file:/', 'file://host/data', 'file:///a%2Fb', 'redis://', 'redis:///0', 'redis://host/abc',
    'redis://host/-1', 'redis://host/1/2', 'redis://%zz:p@host', `redis://:${CANARY}%@host`, 'redis://host:99999',
    // The client of Redis would read a query in the URL as settings of its own.
    'redis://host?db=1', 'redis://host/1?family=6', `redis://host?password=${CANARY}`, 'redis://host/?',
    'redis://host#1', 'redis://a,redis://b', 'redis://a,b',
    // White space at the end, as the content of a secret file has it. A folder with a blank at the end of its name
    // would be a new, empty store.
    'file:./data ', 'file:/var/lib/store\n', 'redis://host\n', 'redis://host/1 '
  ]) {
    const faults = faultsOf(() => load({ STORE_URL: bad }))
    t.match(faults, [/^STORE_URL: must be file: and a folder/], bad)
    t.notMatch(faults.join(), CANARY)
  }
  for (const good of [
    'file:./data', 'file:/var/lib/store', 'file:///var/lib/store', 'redis://host', 'rediss://u:p%40@host:6380/3'
  ]) t.equal(load({ STORE_URL: good }).storeUrl, good)
})

t.test('an address has no blank, because a blank at its end would become a part of each path', async (t) => {
  for (const name of ['CONNECT_BASE_URL', 'PUBLIC_URL', 'OTEL_EXPORTER_OTLP_ENDPOINT']) {
    const addresses = ['https://host/v1 ', ' https://host', 'https://host\n', 'https://ho st', 'https://host/\r\nX: y']
    for (const bad of addresses) {
      t.match(faultsOf(() => load({ [name]: bad })), [new RegExp(`^${name}: must be .* or blanks$`)], `${name} ${bad}`)
    }
  }
})

t.test('Connect over plain http is allowed on this machine only, unless the operator allows it', async (t) => {
  for (const good of [
    'http://127.0.0.1:4010/public/v1', 'http://localhost:4010', 'http://[::1]:1', 'http://127.9.9.9'
  ]) {
    t.same(load({ CONNECT_BASE_URL: good }).warnings, [], good)
  }
  for (const url of [
    'http://connect.example/public/v1', 'http://10.0.0.1', 'http://localhost.example', 'HTTP://sandbox:4010'
  ]) {
    t.match(
      faultsOf(() => load({ CONNECT_BASE_URL: url })),
      [/^CONNECT_BASE_URL: is plain http.*CONNECT_ALLOW_HTTP=true$/]
    )
    const { connectBaseUrl, warnings } = load({ CONNECT_BASE_URL: url, CONNECT_ALLOW_HTTP: 'true' })
    t.equal(connectBaseUrl, url)
    t.match(warnings, [/^CONNECT_BASE_URL: is plain http/])
  }
  t.match(load({ STORAGE_HOSTS: 'a.example,http://b.example' }).warnings, [/^STORAGE_HOSTS: has a plain http origin/])
  t.same(load({ STORAGE_HOSTS: 'a.example,https://b.example,http://127.0.0.1:4010' }).warnings, [])
  t.match(faultsOf(() => load({ STORAGE_HOSTS: 'http://' })), [/^STORAGE_HOSTS: must be/])
  t.match(faultsOf(() => load({ CONNECT_ALLOW_HTTP: 'yes' })), [/^CONNECT_ALLOW_HTTP: must be true or false$/])
})
