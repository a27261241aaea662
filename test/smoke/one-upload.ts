/**
 * `node build/test/smoke/one-upload.js`: starts the built service with its sandbox Connect on the Node.js that runs
 * this file, uploads one workbook, waits until its usage file is ready, and stops the service. Needs
 * `npm run -s build`, the bundle of src/demo.ts and the build of the sandbox. Exits 1 when a step fails.
 */
import { openAsBlob } from 'node:fs'
import { DEMO_KEYS } from '../../src/credentials/callers.ts'
import { freePorts, start } from './processes.ts'

const DRAFT = {
  name: 'One upload',
  productId: 'PRD-276-377-545',
  contractId: 'CRD-10000-20000-30000',
  period: { from: '2026-10-01', to: '2026-10-31' }
}

const [port, sandboxPort] = await freePorts(2) as [number, number]
const service = start(process.execPath, ['dist/src/demo.js'], {
  env: { PORT: String(port), SANDBOX_PORT: String(sandboxPort), SANDBOX_PROCESSING_MS: '100' }
})
try {
  await service.prints(/Stop with Ctrl-C/)
  const { id } = await call('POST', '/usage-files', JSON.stringify(DRAFT))
  const form = new FormData()
  form.set('file', await openAsBlob('sandbox/samples/usage.xlsx'), 'usage.xlsx')
  await call('POST', `/usage-files/${id}/upload`, form)
  const end = Date.now() + 20_000
  while ((await call('GET', `/usage-files/${id}`)).status !== 'ready') {
    if (Date.now() > end) throw new Error('the usage file is not ready after 20 s')
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  service.child.kill('SIGINT')
  const code = await service.exits()
  if (code !== 0) throw new Error(`the service stopped with ${code}; it printed:\n${service.output()}`)
  console.log(`${process.version}: started, uploaded a workbook, stopped`)
} finally {
  service.kill()
}

async function call (
  method: string, path: string, body?: string | FormData
): Promise<{ id: string, status: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1${path}`, {
    method,
    headers: {
      'x-api-key': DEMO_KEYS.vendor,
      ...(typeof body === 'string' && { 'content-type': 'application/json' })
    },
    ...(body !== undefined && { body })
  })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return await answer.json() as { id: string, status: string }
}
