import { CALLER_EXAMPLE, CallerRef } from '../schemas/caller.ts'
import { problems } from '../schemas/problem.ts'
import { ok } from '../schemas/responses.ts'
import type { Config } from '../src/config.ts'
import { callerOf } from '../src/http/plugins/auth.ts'
import { ROWS_MAX } from '../src/tables/table.ts'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

export const getCaller: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  app.get(
    '/me',
    {
      config: { scope: null },
      schema: {
        operationId: 'getCaller',
        tags: ['Service'],
        summary: 'Get the caller',
        description:
          'Who sends the request: the account, what the caller may do, and the limits. Connect is not asked.',
        response: { 200: ok(CallerRef, 'The caller.', CALLER_EXAMPLE), ...problems() }
      }
    },
    async (request) => {
      const { id, account: { name, accountId, role }, scopes } = callerOf(request)
      return {
        id,
        account: { name, connectId: accountId, role },
        scopes: [...scopes],
        limits: {
          requestsPerMinute: config.rateLimitPerMinute, uploadMaxBytes: config.uploadMaxBytes, rowsMax: ROWS_MAX
        }
      }
    }
  )
}
