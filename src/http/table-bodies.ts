import multipart from '@fastify/multipart'
import type { FastifyInstance } from 'fastify'

/** Limits of the form parser. No form of this API reaches them. The offset tracker limits the size of the form. */
const PARSER_LIMITS = {
  fieldNameSize: 100,
  fieldSize: 8_000,
  fields: 10,
  files: 1,
  parts: 12,
  headerPairs: 20,
  fileSize: Infinity
}

const FORM = 'multipart/form-data'

/** For routes that read their bodies themselves: forms with a file, and bodies of these media types. */
export async function takeFiles (app: FastifyInstance, types: readonly string[]): Promise<void> {
  app.removeAllContentTypeParsers()
  await app.register(multipart, { limits: PARSER_LIMITS, throwFileSizeLimit: false })
  // The package above has added the parser of forms.
  app.addContentTypeParser(types.filter(type => type !== FORM), (_request, _payload, done) => { done(null) })
}
