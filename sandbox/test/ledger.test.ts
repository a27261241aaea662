import t from 'tap'
import { Ledger, maskHeaders } from '../src/ledger.ts'

const request = { at: '2026-11-20T00:00:00+00:00', method: 'POST', path: '/x', query: '', headers: {} }

t.test('the texts of old entries are dropped before memory is full', async (t) => {
  const ledger = new Ledger(1000)
  const text = JSON.stringify('x'.repeat(3 * 1024 * 1024))
  for (let n = 0; n < 50; n += 1) ledger.keepBody(ledger.open(request), text)
  const bodies = ledger.entries.map((entry) => entry.body)
  t.equal(bodies.length, 50)
  t.equal(bodies[0], null)
  t.type(bodies.at(-1), 'string')
})

t.test('the texts of entries that are gone do not count', async (t) => {
  const ledger = new Ledger(10)
  const text = JSON.stringify('x'.repeat(3 * 1024 * 1024))
  for (let n = 0; n < 100; n += 1) ledger.keepBody(ledger.open(request), text)
  t.ok(ledger.entries.length >= 10)
  for (const { body } of ledger.entries) t.type(body, 'string')
})

t.test('long answers are not kept, and unreadable ones stay text', async (t) => {
  const ledger = new Ledger(10)
  const entry = ledger.open(request)
  ledger.keepResponse(entry, 'x'.repeat(65 * 1024))
  t.equal(ledger.entries[0]?.response, null)
  ledger.keepResponse(entry, '<html>')
  t.equal(ledger.entries[0]?.response, '<html>')
})

t.test('secret headers are masked', async (t) => {
  t.same(maskHeaders({ authorization: 'ApiKey SU-100-200-300:secret', cookie: 'secret', 'content-type': 'a/b' }), {
    authorization: 'ApiKey SU-100-200-300:***',
    'content-type': 'a/b'
  })
  t.same(maskHeaders({ authorization: 'Basic secret' }), { authorization: '***' })
})
