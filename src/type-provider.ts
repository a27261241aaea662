import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

/** A route module: registers one operation, or a table of contents of them, and never escapes its scope. */
export type RoutePlugin = FastifyPluginAsyncTypebox
