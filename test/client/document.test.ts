import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import t from 'tap'

t.test('the types of the client are those of the document', async (t) => {
  const types = readFileSync('clients/typescript/src/document.ts', 'utf8')
  const [, made] = /SHA-256 of the document: (\w+)/.exec(types) ?? []
  t.equal(made, createHash('sha256').update(readFileSync('openapi/openapi.json')).digest('hex'), 'run npm run openapi')
})
