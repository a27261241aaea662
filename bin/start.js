// `npm start`: starts the service that `npm run build` has made, or says in one line that there is none.
import { existsSync } from 'node:fs'

const program = new URL('../dist/src/server.js', import.meta.url)
if (existsSync(program)) {
  await import(program.href)
} else {
  console.error('The service is not built. Run npm run build, then npm start.')
  process.exitCode = 1
}
