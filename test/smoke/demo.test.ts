import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import t from 'tap'
import { freePorts, start } from './processes.ts'

/** A folder with the programs of the demo, bundled as `npm run sandbox` does it. */
const home = mkdtempSync(join(tmpdir(), 'connect-usage-bff-demo-'))
t.teardown(() => { rmSync(home, { recursive: true, force: true }) })
copyFileSync('package.json', join(home, 'package.json'))
symlinkSync(resolve('node_modules'), join(home, 'node_modules'))
for (const [program, place] of [['src/demo.js', 'dist/src'], ['sandbox/src/main.js', 'sandbox/dist']] as const) {
  mkdirSync(join(home, place), { recursive: true })
  copyFileSync(join('build', program), join(home, place, basename(program)))
}

t.test('npm run sandbox gives tokens, allows pages of this machine, and logs a line for each request', async t => {
  const [port, sandboxPort] = await freePorts(2) as [number, number]
  const demo = start(process.execPath, ['dist/src/demo.js'], {
    cwd: home,
    env: { PORT: String(port), SANDBOX_PORT: String(sandboxPort), SANDBOX_SEED: 'small' }
  })
  t.teardown(() => { demo.kill() })
  await demo.prints(/Stop with Ctrl-C/, 60_000)
  const [vendor = '', provider = ''] = [...demo.output().matchAll(/Bearer (\S+)/g)].map(found => found[1])
  const url = `http://127.0.0.1:${port}/v1/usage-files?limit=1`
  for (const token of [vendor, provider]) {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}`, origin: 'http://localhost:5173' } })
    t.equal(answer.status, 200)
    t.equal(answer.headers.get('access-control-allow-origin'), 'http://localhost:5173')
  }
  const foreign = await fetch(url, { headers: { origin: 'http://localhost.example:5173' } })
  t.equal(foreign.headers.get('access-control-allow-origin'), null)
  await demo.prints(/GET \/v1\/usage-files 200\n[^]*GET \/v1\/usage-files 401 UNAUTHENTICATED/, 10_000)
})
