/** @fastify/http-proxy as its README starts it: it only pipes. No log, no credential, no mapping. */
import proxy from '@fastify/http-proxy'
import { fastify } from 'fastify'

const app = fastify()
await app.register(proxy, { upstream: process.env.UPSTREAM })
console.log(`listening at ${await app.listen({ host: '127.0.0.1', port: 0 })}`)
