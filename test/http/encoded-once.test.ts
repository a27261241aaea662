import { fastify } from 'fastify'
import t from 'tap'
import { encodedOnce } from '../../src/http/plugins/encoded-once.ts'

const TEXTS: Readonly<Record<string, string>> = {
  short: 'né ✓',
  ascii: 'a'.repeat(200_000),
  wide: 'Zürich ✓ 𝒳 '.repeat(20_000),
  huge: 'é'.repeat(2_000_000),
  half: `${'x'.repeat(20_000)}\ud800`
}

t.test('a long answer is encoded once and keeps its bytes, also when many are sent at once', async (t) => {
  const app = fastify()
  await app.register(encodedOnce)
  const kinds: string[] = []
  app.addHook('onSend', (request, _reply, payload, done) => {
    kinds.push(`${request.method} ${typeof payload}`)
    done(null, payload)
  })
  app.route({
    method: ['GET', 'POST'],
    url: '/:name',
    handler: async (request, reply) =>
      await reply.type('text/plain; charset=utf-8').send(TEXTS[(request.params as { name: string }).name])
  })
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(async () => { await app.close() })

  await Promise.all(Array.from({ length: 8 }, () => Object.entries(TEXTS)).flat().map(async ([name, text]) => {
    const response = await fetch(`${origin}/${name}`)
    const bytes = Buffer.from(await response.arrayBuffer())
    t.equal(response.headers.get('content-length'), String(Buffer.byteLength(text)), name)
    t.ok(bytes.equals(Buffer.from(text)), name)
  }))
  t.equal(kinds.filter(kind => kind === 'GET object').length, 4 * 8, 'all but the short one')

  const head = await fetch(`${origin}/wide`, { method: 'HEAD' })
  t.equal(head.headers.get('content-length'), String(Buffer.byteLength(TEXTS['wide'] ?? '')))
  kinds.length = 0
  const posted = await fetch(`${origin}/wide`, { method: 'POST' })
  t.equal(await posted.text(), TEXTS['wide'])
  t.same(kinds, ['POST string'], 'answers to writes are texts for those who keep them')
})
