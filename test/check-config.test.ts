import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { sha256Hex } from '../src/credentials/callers.ts'
import { makeFolder, startUpstream } from './helper.ts'
import { start } from './smoke/processes.ts'

const account = (role: string, accountId: string, secret: string): object =>
  ({ role, accountId, apiKey: `SU-400-500-600:CANARY-${secret}` })
const caller = (id: string, account: string): object =>
  ({ id, account, scopes: ['usage:read'], keys: [{ id: 'k', sha256: sha256Hex(id), expiresAt: null }] })

async function check (t: Test, env: Record<string, string>, ...args: string[]) {
  const path = join(makeFolder(t), 'callers.json')
  writeFileSync(path, JSON.stringify({
    accounts: {
      acme: account('provider', 'PA-400-500', 'good'), old: account('vendor', 'VA-100-200', 'old'),
      other: account('vendor', 'VA-100-201', 'other')
    },
    callers: [caller('a', 'acme'), caller('b', 'acme'), caller('c', 'old'), caller('d', 'other')]
  }))
  const whole = { CALLERS_FILE: path, ...env }
  const program = start(process.execPath, ['build/src/check-config.js', ...args], { env: whole })
  t.teardown(() => { program.kill() })
  const code = await program.exits()
  t.notMatch(program.output(), /CANARY|\bat .*\.js/)
  return { code, output: program.output() }
}

t.test('check-config reports valid settings, warnings, and every fault at once', async (t) => {
  const sound = 'The configuration has no fault. Callers: 4. Issuer of tokens: none.\n'
  t.same(await check(t, {}), { code: 0, output: sound })
  t.match(
    await check(t, { CORS_ORIGIN: 'https://CANARY.example' }),
    { code: 0, output: /\nWarning: CORS_ORIGIN is set/ }
  )
  t.match(
    await check(t, { PORT: 'x', HOST: '[::]' }),
    { code: 1, output: /has 2 faults:\n {2}- HOST: .*\n {2}- PORT: / }
  )
  t.match(await check(t, {}, '--conect'), { code: 1, output: /--conect/ })
})

t.test('with --connect each account is checked once, and the last line tells whether all work', async (t) => {
  const seen: string[] = []
  const { baseUrl } = await startUpstream(t, (request, response) => {
    const secret = /CANARY-(\w+)/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    seen.push(`${request.method} ${secret}`)
    const json = { 'content-type': 'application/json' }
    if (secret === 'good') response.writeHead(200, { ...json, 'content-range': 'items 0-0/265' }).end('[{"id":"UF-1"}]')
    else response.writeHead(secret === 'old' ? 401 : 403, json).end('{"error_code":"AUTH_001","errors":["no"]}')
  })
  t.same(await check(t, { CONNECT_BASE_URL: baseUrl }, '--connect'), {
    code: 1,
    output: [
      'The configuration has no fault. Callers: 4. Issuer of tokens: none.', `Connect at ${baseUrl}:`,
      '  acme (provider, PA-400-500): Connect takes the token, which sees 265 usage files',
      '  old (vendor, VA-100-200): Connect refuses the token (401)',
      '  other (vendor, VA-100-201): the token may not use the Usage API (403)', ''
    ].join('\n')
  })
  t.same(seen, ['GET good', 'GET old', 'GET other'])
  t.match(await check(t, { CONNECT_BASE_URL: 'http://127.0.0.1:1' }, '--connect'), {
    code: 1, output: /acme .*: the usage files cannot be listed: .*no connection/
  })
})
