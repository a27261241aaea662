import t from 'tap'
import { parseForm, sha256, workbookOf, XLSX } from './forms.ts'
import { startFixture, UPLOAD } from './fixture.ts'
import { sizes } from './well-formed-fixture.ts'

t.test('a raw workbook reaches Connect, with or without a length', async (t) => {
  const fixture = await startFixture(t)
  const client = await fixture.client()
  for (const size of sizes) {
    for (const contentType of [XLSX, 'application/octet-stream']) {
      for (const isChunked of [false, true]) {
        const file = workbookOf(size)
        await client.sendHead({
          path: UPLOAD,
          headers: {
            'content-type': contentType,
            ...(isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(size) })
          }
        })
        if (isChunked) await client.sendChunked(file, { seed: size, maxBytes: 90_000 })
        else await client.sendBody(file, { seed: size, maxBytes: 90_000 })
        t.match(await client.answer(), { status: 202 }, `${size} ${contentType} ${isChunked}`)
        const sent = fixture.uploads().at(-1)
        const body = await sent?.body() ?? Buffer.alloc(0)
        t.equal(sha256(parseForm(body, sent?.headers['content-type'] ?? '').file), sha256(file))
        t.equal(sent?.headers['content-length'], String(body.length))
      }
    }
  }
  await client.closed()
  await fixture.quiet()
})
