import t from 'tap'
import { namedIn } from '../connect/upstream.ts'
import { FILE_ID, startFixture } from '../uploads/fixture.ts'
import { CHUNK_ID, head, LIMITS } from './downloads-fixture.ts'

t.test('each download checks that it is a workbook, whatever its type says', async (t) => {
  const fixture = await startFixture(t, { limits: LIMITS })
  const link = `${fixture.upstream.origin}/store/file.xlsx`
  const links = { usage_file_uri: link, processed_file_uri: link, reconciliation_file_uri: link, template_link: link }
  const isFile = /^\/store\/|\/chunks\/[^/]+\/download|\/(?:uploaded|processed)file$/
  fixture.onGet(({ path, json, socket }) => {
    if (!isFile.test(path)) return json(200, { ...fixture.file, ...links, ...namedIn(path) })
    socket.write(`${head({ 'content-type': 'application/octet-stream', 'content-length': '19' })}<html>canary</html>`)
  })
  const client = await fixture.client()
  for (const path of [
    ...['uploaded', 'processed', 'reconciliation'].map(kind => `/v1/usage-files/${FILE_ID}/files/${kind}`),
    `/v1/usage-chunks/${CHUNK_ID}/file`,
    ...['uploaded', 'processed'].map(kind => `/v1/reconciliations/RCF-2026-11-9900-0003/files/${kind}`),
    '/v1/products/PRD-276-377-545/usage-template'
  ]) {
    await client.sendHead({ method: 'GET', path })
    const answer = await client.answer()
    t.match(answer, { status: 502, json: { code: 'UPSTREAM_INVALID' } }, path)
    t.notMatch(answer.text, /canary/, path)
  }
  t.equal(fixture.upstream.exchanges.filter(({ path }) => isFile.test(path)).length, 7, 'each workbook was asked for')
  t.match(
    fixture.logs.find(({ msg, operation }) => msg === 'request' && operation === 'downloadUsageChunk'), { status: 502 }
  )
})
