import { Readable } from 'node:stream'
import t from 'tap'
import type { UsageFile as ConnectFile } from '../../src/connect/types.ts'
import { openWorkbook } from '../../src/usage/workbook.ts'
import { response, timeout } from './failures.ts'

const download = { stream: Readable.from(['PK']), contentType: 'text/plain', contentLength: 2 }
const file: ConnectFile = {
  usage_file_uri: 'https://s/u',
  processed_file_uri: 'https://s/p',
  reconciliation_file_uri: 'https://s/r'
}
const storage = (status: number) => response(status, 'no', 'storage.fetch')

async function open (ends: (Error | null)[], read: ConnectFile | Error = file) {
  let reads = 0
  const links: string[] = []
  const outcome = await openWorkbook('processed', async () => {
    reads++
    if (read instanceof Error) throw read
    return read
  }, async (link) => {
    links.push(link)
    const end = ends.shift()
    if (end instanceof Error) throw end
    return download
  }).catch((error: unknown) => error)
  return { outcome, reads, links }
}

t.test('the link of a file is read and followed', async (t) => {
  t.same(await open([null]), { outcome: download, reads: 1, links: ['https://s/p'] })
  t.equal(
    await openWorkbook(
      'uploaded',
      async () => file,
      async link => (link === 'https://s/u' ? download : (t.fail(link) as never))
    ),
    download
  )
  t.equal(
    await openWorkbook(
      'reconciliation',
      async () => file,
      async link => (link === 'https://s/r' ? download : (t.fail(link) as never))
    ),
    download
  )
})

t.test('without a link there is no workbook', async (t) => {
  const { outcome, links } = await open([], { usage_file_uri: 'https://s/u', processed_file_uri: '' })
  t.match(outcome, { code: 'NOT_FOUND', message: 'The usage file has no processed workbook yet.' })
  t.same(links, [])
})

t.test('an expired link is read once more', async (t) => {
  t.match(await open([storage(403), null]), { outcome: download, reads: 2 })
  t.match(await open([storage(403), storage(403)]), { outcome: { code: 'UPSTREAM_FAILED' }, reads: 2 })
})

t.test('an error of the storage is not reported as an error of the caller', async (t) => {
  t.match((await open([storage(404)])).outcome, { code: 'NOT_FOUND' })
  t.match((await open([storage(400)])).outcome, { code: 'UPSTREAM_FAILED' })
  const failure = storage(500)
  t.equal((await open([failure])).outcome, failure)
  const forbidden = response(403)
  t.match(await open([], forbidden), { outcome: forbidden, reads: 1 }, 'Connect\'s own refusal is')
  const late = timeout()
  t.equal((await open([late])).outcome, late)
})
