import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { asVendor, startApp, startBoth } from '../../helper.ts'
import { asVendor as vendorOf } from '../../../sandbox/test/helper.ts'
import { workbookOf } from '../../uploads/forms.ts'
import { pending } from '../../../sandbox/test/stories.ts'

const ID = 'UF-2026-11-0000-0001'

function workbook (size: number): FormData {
  const form = new FormData()
  form.set('file', new Blob([new Uint8Array(workbookOf(size))]), 'usage.xlsx')
  return form
}

t.test('an upload to a file whose status forbids it is refused, small or large', async (t) => {
  const { origin, sandbox } = await startBoth(t)
  const id = await pending(vendorOf(sandbox))
  for (const size of [14_000, 1_500_000]) {
    for (let i = 0; i < 10; i++) {
      const answer = await fetch(`${origin}/v1/usage-files/${id}/upload`, {
        method: 'POST',
        headers: asVendor,
        body: workbook(size)
      })
      t.match(
        await answer.json(),
        { status: 409, code: 'ACTION_NOT_ALLOWED', currentStatus: 'pending' },
        `${size} bytes`
      )
    }
  }
})

t.test('a lost answer is explained by a status that forbade the upload before and after', async (t) => {
  for (const [status, expected] of [
    ['pending', { status: 409, code: 'ACTION_NOT_ALLOWED', currentStatus: 'pending', actions: [] }],
    ['draft', { status: 504, code: 'OUTCOME_UNKNOWN' }]
  ] as const) {
    let uploads = 0
    const upstream = createServer((request, response) => {
      if (request.method === 'GET') {
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ id: ID, status }))
        return
      }
      uploads += 1
      request.resume().once('end', () => {
        request.socket.resetAndDestroy()
      })
    })
    await new Promise<void>(resolve => {
      upstream.listen(0, '127.0.0.1', resolve)
    })
    t.teardown(() => upstream.close())
    const { origin } = await startApp(t, {
      env: { CONNECT_BASE_URL: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/public/v1` }
    })
    const answer = await fetch(`${origin}/v1/usage-files/${ID}/upload`, {
      method: 'POST',
      headers: asVendor,
      body: workbook(1000)
    })
    t.match(await answer.json(), expected, status)
    t.equal(uploads, 1, 'sent once')
  }
})
