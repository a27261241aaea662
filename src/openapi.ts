/** `npm run openapi`: writes the OpenAPI document of the service to `openapi/`, as JSON and as YAML. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApp } from './app.ts'
import { loadConfig } from './config.ts'
import { readConfigFile } from './credentials/read-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'connect-usage-bff-openapi-'))
const config = loadConfig({ LOG_LEVEL: 'silent', STORE_URL: `file:${folder}` }, readConfigFile, {
  entries: []
})
const app = await buildApp(config)
mkdirSync('openapi', { recursive: true })
for (const name of ['openapi.json', 'openapi.yaml']) {
  const { body } = await app.inject(`/${name}`)
  writeFileSync(`openapi/${name}`, body.endsWith('\n') ? body : `${body}\n`)
}
await app.close()
rmSync(folder, { recursive: true, force: true })
