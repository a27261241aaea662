import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** True: the document shows that the operation takes `Prefer: wait`. */
    takesWait?: true
  }
}

export interface PreferWaitOptions {
  document: { header: { properties: object }, applied: object }
}

interface Answer { headers?: object }

export const preferWait = fp(async (app, { document }: PreferWaitOptions) => {
  app.addHook('onRoute', (route) => {
    if (route.config?.takesWait !== true) return
    const others = route.config.documentedHeaders as { properties?: object } | undefined
    const properties = { ...others?.properties, ...document.header.properties }
    route.config = { ...route.config, documentedHeaders: { ...document.header, properties } }
    const response = route.schema?.response as Record<string, Answer>
    for (const [status, answer] of Object.entries(response)) {
      if (!status.startsWith('2')) continue
      response[status] = { ...answer, headers: { ...answer.headers, ...document.applied } }
    }
  })
}, { name: 'prefer-wait', dependencies: ['idempotency'] })
