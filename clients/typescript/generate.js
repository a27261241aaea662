/**
 * `npm run types -w clients/typescript`: writes `src/document.ts`, the types of the OpenAPI document. `npm run openapi`
 * does it, too. The examples of the document are left out: they would be half of the file.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import openapiTS, { astToString } from 'openapi-typescript'

const DOCUMENT = new URL('../../openapi/openapi.json', import.meta.url)
const TYPES = new URL('src/document.ts', import.meta.url)

const text = readFileSync(DOCUMENT, 'utf8')
const document = JSON.parse(text, (key, value) => key === 'example' || key === 'examples' ? undefined : value)
const head = `/**
 * Made from openapi/openapi.json by \`npm run openapi\`. Do not edit.
 * SHA-256 of the document: ${createHash('sha256').update(text).digest('hex')}
 */
`
writeFileSync(TYPES, head + astToString(await openapiTS(document)))
