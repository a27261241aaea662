import multipart from '@fastify/multipart'
import type { FastifyInstance } from 'fastify'

/** The sizes are in bytes. The size of a whole form is limited by multipart-offsets.ts. */
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

/**
 * Makes the routes of `app` take bodies of `types`, and multipart forms, which the routes read themselves. A part with
 * a name in `fields` is a field even if it has a file name, as `curl -F report=@report.json` sends it.
 */
export async function takeFiles (
  app: FastifyInstance, types: readonly string[], fields: readonly string[] = []
): Promise<void> {
  app.removeAllContentTypeParsers()
  const options = {
    limits: PARSER_LIMITS,
    throwFileSizeLimit: false,
    isPartAFile: (name: string | undefined, type: string | undefined, fileName: string | undefined) =>
      !fields.includes(name ?? '') && (type === 'application/octet-stream' || fileName !== undefined)
  }
  await app.register(multipart, options)
  // The type of multipart forms is left out, because the package that is registered above has added a parser for it.
  app.addContentTypeParser(types.filter(type => type !== FORM), (_request, _payload, done) => { done(null) })
}
