import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

/** A Fastify plugin that registers one operation, or the operations of one folder. */
export type RoutePlugin = FastifyPluginAsyncTypebox
