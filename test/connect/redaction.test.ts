import { inspect } from 'node:util'
import t from 'tap'
import { redactCode, redactText, redactTexts } from '../../src/connect/redact.ts'
import { CREDENTIAL, context, failure, startClient, startUpstream } from './upstream.ts'

const SECRETS = /canary-secret|SU-111-222-333|canary-sig|canary-page/

t.test('texts lose credentials, signed queries, HTML pages and length', (t) => {
  t.equal(redactText('plain words'), 'plain words')
  t.equal(redactText(`bad token ${CREDENTIAL} here`), 'bad token ApiKey [redacted] here')
  t.equal(redactText('token SU-111-222-333:canary-secret is unknown'), 'token [redacted] is unknown')
  t.equal(redactText('see https://h.example/p?sig=canary-sig, sorry'), 'see https://h.example/p?[redacted] sorry')
  t.equal(redactText('Signature=canary-sig&x'), 'Signature=[redacted]&x')
  t.equal(redactText('a\r\nb\u0000c\u001b[31m'), 'a b c [31m')
  t.equal(redactText('<html>canary-page</html>'), null)
  t.equal(redactText('<!DOCTYPE html>'), null)
  for (const tag of ['<script>x</script>', 'see <img src=x onerror=y>', '<svg/onload=x>']) {
    t.equal(redactText(tag), null, tag)
  }
  t.equal(redactText('1 < 2'), '1 < 2')
  t.equal(redactText('x'.repeat(500), 300)?.length, 300)
  t.equal(redactText(5), null)
  t.equal(redactText('x'.repeat(500))?.length, 200)
  t.equal(redactText(`${'x'.repeat(190)} ${CREDENTIAL}`)?.includes('canary'), false, 'the cut comes after')
  const password = 'canary'.repeat(10)
  for (const shrinking of ['\n'.repeat(3_960), `https://a.example/?${'q'.repeat(3_940)} `]) {
    const cut = redactText(`${shrinking} https://me:${password}@b.example/`)
    t.equal(cut?.includes('canary'), false, 'half a secret is not shown where the text before it becomes short')
  }
  t.same(redactTexts(['a', 1, null, '', 'b']), ['a', 'b'])
  t.same(redactTexts('a'), ['a'])
  t.same(redactTexts(undefined), [])
  const byField = { name: ['Is required.', 'Is short.'], period: { from: 'Is no date.' }, page: '<html>canary</html>' }
  t.same(redactTexts(byField), ['name: Is required.', 'name: Is short.', 'period.from: Is no date.'])
  t.same(redactTexts([{ detail: `you sent ${CREDENTIAL}` }]), ['detail: you sent ApiKey [redacted]'])
  t.same(redactTexts({ a: { b: { c: { d: { e: 'too deep' } } } } }), [])
  t.equal(redactTexts(Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`f${n}`, ['x', 'y']]))).length, 20)
  t.equal(redactTexts(Array.from({ length: 50 }, () => 'x')).length, 20)
  t.equal(redactCode('USG_011'), 'USG_011')
  for (const code of [null, 5, 'a b', '<b>', 'x'.repeat(60), CREDENTIAL]) t.equal(redactCode(code), null)
  t.end()
})

t.test('no error holds a secret, however Connect fails', async (t) => {
  const echo = `you sent ${CREDENTIAL} and https://s.example/f?sig=canary-sig`
  const answers: readonly string[] = [
    JSON.stringify({ error_code: CREDENTIAL, errors: [echo, '<html>canary-page</html>'], params: { echo } }),
    JSON.stringify({ error_code: 'VAL_001', errors: echo }),
    '<html>canary-page</html>',
    echo
  ]
  const upstream = await startUpstream(t, ({ index, json, raw, socket }) => {
    switch (index % 7) {
      case 0: return json(400, answers[0])
      case 1: return json(401, answers[1])
      case 2: return json(500, answers[2], { 'content-type': 'text/html' })
      case 3: return json(200, answers[3])
      case 4: return raw(`${echo}\r\n\r\n`)
      case 5: return json(302, '', { location: 'https://s.example/f?sig=canary-sig' })
      default: return socket.resetAndDestroy()
    }
  })
  const storageHosts = [upstream.origin]
  const client = startClient(t, upstream.baseUrl, { storageHosts, limits: { maxRetries: 0 } })
  const closed = startClient(t, 'http://127.0.0.1:1', { limits: { maxRetries: 0 } })
  const link = `${upstream.origin}/f?sig=canary-sig`
  for (let i = 0; i < 7; i += 1) {
    const errors = await Promise.all([
      failure(client.usageFiles.get('UF-1', context())),
      failure(client.usageFiles.list({ filter: { external_id: 'x' } }, context())),
      failure(client.usageRecords.close('UR-1', { external_billing_id: 'B' }, context())),
      failure(client.usageChunks.download('UFC-1', context())),
      failure(client.storage.fetch(link, context())),
      failure(client.storage.fetch('https://evil.example/?sig=canary-sig', context())),
      failure(closed.usageFiles.get('UF-1', context())),
      failure(closed.usageFiles.submit('../canary-secret', context()))
    ])
    for (const error of errors) {
      t.notMatch(inspect(error, { depth: 10, showHidden: true, getters: true }), SECRETS)
      t.notMatch(JSON.stringify(error), SECRETS)
      t.equal(error.cause, undefined)
    }
  }
})
