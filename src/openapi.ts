/** `npm run openapi`: writes the document that the routes describe to `openapi/`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { buildApp } from './app.ts'
import { loadConfig } from './config.ts'

const config = loadConfig({ LOG_LEVEL: 'silent' }, path => readFileSync(path, 'utf8'), { entries: [] })
const app = await buildApp(config)
mkdirSync('openapi', { recursive: true })
for (const name of ['openapi.json', 'openapi.yaml']) {
  const { body } = await app.inject(`/${name}`)
  writeFileSync(`openapi/${name}`, body.endsWith('\n') ? body : `${body}\n`)
}
await app.close()
