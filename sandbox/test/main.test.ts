import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { vendorToken } from '../src/options.ts'
import type { Teardown } from './helper.ts'

const main = fileURLToPath(new URL('../src/main.js', import.meta.url))

function start (t: Teardown, env: Record<string, string>): { child: ReturnType<typeof spawn>, output: () => string } {
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, SANDBOX_PORT: '0', SANDBOX_SEED: 'small', ...env }
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => { output += chunk.toString() })
  t.teardown(() => { child.kill('SIGKILL') })
  return { child, output: () => output }
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`it prints its base URL, serves, and ends cleanly on ${signal}`, async (t) => {
    const { child, output } = start(t, {})
    const deadline = Date.now() + 20_000
    while (!/http\S+\/public\/v1\n/.test(output()) && Date.now() < deadline) {
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    const base = /http\S+/.exec(output())?.[0] ?? ''
    const response = await fetch(`${base}/usage/files`, { headers: { authorization: vendorToken } })
    t.equal(response.status, 200)
    t.equal((await fetch(base.replace('/public/v1', '/__control/ledger'))).status, 404)
    child.kill(signal)
    const [code] = await once(child, 'exit') as [number | null]
    t.equal(code, 0)
  })
}

t.test('a bad environment ends with every fault', async (t) => {
  const { child, output } = start(t, {
    SANDBOX_SEED: 'tiny', SANDBOX_PROCESSING_MS: 'soon', SANDBOX_BASE_DATE: '2026-11-01T00:00'
  })
  const [code] = await once(child, 'close') as [number | null]
  t.equal(code, 1)
  t.match(output(), [
    'SANDBOX_SEED must be one of full, small',
    'SANDBOX_PROCESSING_MS is not a number',
    'SANDBOX_BASE_DATE is not a date, or a time with its zone'
  ].join('\n'))
})
