import { readFile } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { matchesTag, weakTag } from '../http/etag.ts'

export interface ConsoleOptions {
  /** The folder with the files that `npm run bundle:console` writes. */
  folder: URL
}

/** The page may only load files from this origin, and only call this origin. No inline script or style works. */
const PAGE_POLICY = [
  "default-src 'none'",
  "base-uri 'none'",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "img-src 'self'",
  "require-trusted-types-for 'script'",
  "script-src 'self'",
  "style-src 'self'"
].join('; ')

/** All addresses of the console load the same page: they differ only after the `#`. */
const FILES: Readonly<Record<string, { name: string, type: string }>> = {
  '/console': { name: 'index.html', type: 'text/html; charset=utf-8' },
  '/console/console.css': { name: 'console.css', type: 'text/css; charset=utf-8' },
  '/console/console.js': { name: 'console.js', type: 'text/javascript; charset=utf-8' },
  '/console/icon.svg': { name: 'icon.svg', type: 'image/svg+xml' }
}

/** Serves the console. Each file is read at its first request, and then stays in memory. */
export const serveConsole = fp(async (app, { folder }: ConsoleOptions) => {
  for (const [path, { name, type }] of Object.entries(FILES)) serveFile(app, path, new URL(name, folder), type)
  app.get('/console/', { schema: { hide: true } }, async (_request, reply) => reply.redirect('/console'))
}, { name: 'console' })

/** Serves one file. Browsers may cache the file, and ask at each visit whether it has changed. */
function serveFile (app: FastifyInstance, path: string, file: URL, type: string): void {
  let kept: { text: string, tag: string } | undefined
  app.get(path, { schema: { hide: true } }, async (request, reply) => {
    if (kept === undefined) {
      const text = await readFile(file, 'utf8')
      kept = { text, tag: weakTag(text) }
    }
    reply.headers({ 'cache-control': 'no-cache', 'content-security-policy': PAGE_POLICY, etag: kept.tag })
    if (matchesTag(request.headers['if-none-match'], kept.tag)) return await reply.code(304).send()
    return await reply.type(type).send(kept.text)
  })
}
