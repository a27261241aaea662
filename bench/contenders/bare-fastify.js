/** The least that Fastify can be. */
import { fastify } from 'fastify'

const app = fastify()
app.get('/', async () => ({ ok: true }))
console.log(`listening at ${await app.listen({ host: '127.0.0.1', port: 0 })}`)
