import fc from 'fast-check'
import type { Test } from 'tap'
import { PROVIDER_KEY, VENDOR_KEY } from '../helper.ts'
import type { Exchange } from '../connect/upstream.ts'
import { field, formOf, workbookOf, XLSX } from '../uploads/forms.ts'
import { isWhole, startFixture, UPLOAD, type Fixture } from '../uploads/fixture.ts'
import { connectTo, type WireAnswer, type WireClient } from '../uploads/wire.ts'
import { mutated, mutations, type Mutation } from './mutations.ts'
import { referenceForm } from './reference-form.ts'

const BOUNDARY = 'b0undary'
const FILE = { path: UPLOAD, key: VENDOR_KEY, field: 'usage_file', note: null }
/** The form with a field of its own before the file. */
const RECONCILIATION = {
  path: '/v1/reconciliations',
  key: PROVIDER_KEY,
  field: 'recon_file',
  note: 'October, corrected'
}

/** What a form is made of, so that it is often nearly right. */
const WORDS = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  '-',
  '--',
  '\r\n\r\n',
  '"',
  ';',
  '\\',
  ' ',
  '\t',
  '\xff',
  `--${BOUNDARY}`,
  `\r\n--${BOUNDARY}`,
  `\r\n--${BOUNDARY}\r\n`,
  `\r\n--${BOUNDARY}--`,
  `\r\n--${BOUNDARY}--\r\n`,
  `\r\n--${BOUNDARY} \t\r\n`,
  `\n--${BOUNDARY}--\n`,
  `\r\n--${BOUNDARY}-`,
  `\r\n--${BOUNDARY}X`,
  `\r\n--${BOUNDARY}\n`,
  'Content-Disposition: form-data; name="file"; filename="x.xlsx"\r\n\r\n',
  `\r\n--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="2.xlsx"\r\n\r\nPK\x03\x04`,
  `\r\n--${BOUNDARY}\r\nContent-Disposition: form-data; name="note"\r\n\r\nlate`,
  'Content-Transfer-Encoding: base64\r\n',
  'Content-Transfer-Encoding: quoted-printable\r\n',
  'Content-Type: application/octet-stream\r\n',
  "; filename*=UTF-8''x",
  '; name="note"',
  'name=',
  'filename='
]

type Framing = 'length' | 'chunked' | 'cut' | 'longer' | 'chunked and cut'
const FRAMINGS: readonly { weight: number; arbitrary: fc.Arbitrary<Framing> }[] = [
  { weight: 6, arbitrary: fc.constant('length') },
  { weight: 4, arbitrary: fc.constant('chunked') },
  { weight: 1, arbitrary: fc.constant('cut') },
  { weight: 1, arbitrary: fc.constant('longer') },
  { weight: 1, arbitrary: fc.constant('chunked and cut') }
]

interface Case {
  isNoted: boolean
  size: number
  epilogue: string
  changes: Mutation[]
  framing: Framing
  cut: number
  split: { seed: number; parts: number }
}

const cases: fc.Arbitrary<Case> = fc.record({
  isNoted: fc.boolean(),
  // Small ones are checked whole; larger ones are on their way to Connect while they arrive.
  size: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 30, max: 3000 }) },
    { weight: 2, arbitrary: fc.integer({ min: 263_000, max: 330_000 }) }
  ),
  epilogue: fc.constantFrom('', '\r\n', '\r\n\r\n', ' after'),
  changes: mutations(WORDS),
  framing: fc.oneof(...FRAMINGS),
  cut: fc.integer({ min: 1, max: 400 }),
  split: fc.record({ seed: fc.nat(), parts: fc.constantFrom(1, 3, 20, 80) })
})

export interface Figures {
  cases: number
  uploaded: number
  refused: number
  closed: number
  byStatus: Record<string, number>
}

const CASES_A_STAGE = 500
const DEADLINE_MS = 8_000

/**
 * Sends forms in which bytes were changed, in random slices over a socket. Each must be refused, with nothing complete
 * at Connect, or arrive as the one file that the reference reads in it.
 */
export async function fuzzUploads (t: Test, seed: number, count: number): Promise<Figures> {
  const figures: Figures = { cases: 0, uploaded: 0, refused: 0, closed: 0, byStatus: {} }
  for (let done = 0; done < count; done += CASES_A_STAGE) {
    await t.test(`cases from ${done}, seed ${seed + done}`, { timeout: 600_000 }, async (t) => {
      const fixture = await startFixture(t, { env: { UPLOAD_IDLE_TIMEOUT_MS: '60000' } })
      await fc.assert(
        fc.asyncProperty(cases, async one => {
          await check(fixture, one, figures)
        }),
        { seed: seed + done, numRuns: Math.min(CASES_A_STAGE, count - done) }
      )
      await fixture.quiet()
    })
  }
  t.comment(`uploads: seed ${seed}, ${JSON.stringify(figures)}`)
  return figures
}

async function check (fixture: Fixture, one: Case, figures: Figures): Promise<void> {
  const target = one.isNoted ? RECONCILIATION : FILE
  const before = target.note === null ? [] : [field('note', target.note)]
  const body = mutated(formOf({ file: workbookOf(one.size), before, epilogue: one.epilogue }), one.changes)
  const seen = fixture.upstream.exchanges.length
  const release: (() => unknown)[] = []
  const client = await connectTo({ teardown: (work) => release.push(work) }, fixture.port)
  try {
    const answer = await inTime(send(client, target, body, one))
    const posts = fixture.upstream.exchanges.slice(seen).filter(({ method }) => method === 'POST')
    const whole: Exchange[] = []
    for (const post of posts) if (await inTime(isWhole(post))) whole.push(post)

    figures.cases += 1
    figures.byStatus[answer?.status ?? 'none'] = (figures.byStatus[answer?.status ?? 'none'] ?? 0) + 1
    if (answer !== null && answer.status < 300) {
      figures.uploaded += 1
      await expectFaithful(whole, target, arrived(body, one))
    } else {
      if (answer === null) figures.closed += 1
      else figures.refused += 1
      if (answer !== null && (answer.status < 400 || answer.status >= 500)) {
        throw new Error(`answered ${answer.status} ${answer.text}`)
      }
      if (answer !== null && answer.headers['content-type']?.startsWith('application/problem+json') !== true) {
        throw new Error(`no problem: ${answer.text}`)
      }
      if (whole.length > 0) throw new Error(`Connect got a complete body, and the caller ${answer?.text ?? 'nothing'}`)
      if (one.changes.length === 0 && isSound(one)) {
        throw new Error(`a sound form was refused: ${answer?.text ?? 'closed'}`)
      }
    }
    if (answer !== null && answer.headers['connection'] !== 'close' && isSound(one)) await expectNextAnswer(client)
  } finally {
    for (const work of release) work()
  }
}

function isSound ({ framing }: Case): boolean {
  return framing === 'length' || framing === 'chunked'
}

/** What of the body came through, by the framing; null when that says itself that it is not whole. */
function arrived (body: Buffer, { framing, cut }: Case): Buffer | null {
  switch (framing) {
    case 'length': case 'chunked': return body
    case 'longer': return body.subarray(0, Math.max(0, body.length - cut))
    case 'cut': case 'chunked and cut': return null
  }
}

async function send (
  client: WireClient,
  { path, key }: { path: string; key: string },
  body: Buffer,
  { framing, cut, split }: Case
): Promise<WireAnswer | null> {
  const isChunked = framing.startsWith('chunked')
  const length =
    framing === 'longer' ? Math.max(0, body.length - cut) : framing === 'cut' ? body.length + cut : body.length
  const slices = { seed: split.seed, maxBytes: 2 * Math.ceil(body.length / split.parts) + 1 }
  await client.sendHead({
    path,
    key,
    headers: {
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      ...(isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(length) })
    }
  })
  if (isChunked) await client.sendChunked(body, slices, framing === 'chunked')
  else await client.sendBody(body, slices)
  if (framing.endsWith('cut')) client.socket.end()
  return await client.answer().catch(() => null)
}

/** Exactly one complete body, well-formed, with the caller's file and field in it. */
async function expectFaithful (
  whole: readonly Exchange[],
  target: typeof FILE | typeof RECONCILIATION,
  body: Buffer | null
): Promise<void> {
  const [post] = whole
  if (post === undefined || whole.length > 1) throw new Error(`Connect got ${whole.length} complete bodies`)
  const asked = body === null ? null : referenceForm(body, BOUNDARY)
  if (asked === null || asked.name !== 'file') throw new Error('what was no form was sent on')
  const boundary = /boundary=(\S+)$/.exec(post.headers['content-type'] ?? '')?.[1] ?? ''
  const sent = await post.body()
  const got = referenceForm(sent, boundary)
  if (got === null || got.name !== target.field || !got.file.equals(asked.file)) {
    throw new Error(`Connect got another file: ${sent.toString('latin1', 0, 300)}`)
  }
  if (
    got.fields.length !== asked.fields.length ||
    got.fields.some(([, value], at) => value !== asked.fields[at]?.[1])
  ) {
    throw new Error(`Connect got other fields: ${JSON.stringify(got.fields)}`)
  }
  if (!sent.includes(`Content-Type: ${XLSX}`)) throw new Error('the type of the file is missing')
}

/** A body that was not read to its end would be taken for the next request. */
async function expectNextAnswer (client: WireClient): Promise<void> {
  await client.sendHead({ method: 'GET', path: '/health/live', key: null })
  const { status } = await inTime(client.answer())
  if (status !== 200) throw new Error(`the next request on the connection was answered ${status}`)
}

async function inTime<T> (work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error('it hangs'))
    }, DEADLINE_MS)
  })
  return await Promise.race([work, late]).finally(() => { clearTimeout(timer) })
}
