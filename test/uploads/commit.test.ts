import { setImmediate as turn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { Commit, type CommitParts } from '../../src/uploads/commit.ts'

const LAST = Buffer.from('last')
const pass = async (): Promise<void> => {}

async function * pieces (...texts: string[]): AsyncGenerator<Buffer, void, void> {
  for (const text of texts) yield Buffer.from(text)
}

function partsOf (before: AsyncIterable<Buffer>, length: number): CommitParts {
  return { before, last: () => LAST, length }
}

/** What a reader of the stream gets, and what it ends with. */
async function readAll (commit: Commit): Promise<{ text: string, error: unknown }> {
  let text = ''
  try {
    for await (const chunk of commit.stream) text += chunk.toString()
  } catch (error) {
    return { text, error }
  }
  return { text, error: null }
}

t.test('the last bytes leave after all other bytes and after the hook', async (t) => {
  let allow: () => void = () => {}
  const commit = new Commit(partsOf(pieces('ab', 'cd'), 8), async () => {
    await new Promise<void>(resolve => { allow = resolve })
  })
  t.equal((await commit.stream.next()).value?.toString(), 'ab')
  t.equal((await commit.stream.next()).value?.toString(), 'cd')
  let isThere = false
  const last = commit.stream.next().then(({ value }) => {
    isThere = true
    return value
  })
  for (let i = 0; i < 20; i += 1) await turn()
  t.same([isThere, commit.isReached], [false, false], 'the hook has not resolved')
  allow()
  t.equal((await last)?.toString(), 'last')
  t.equal(commit.isReached, true)
  t.same(await commit.stream.next(), { done: true, value: undefined })
  t.equal(commit.failure, null)
})

async function neverCommits (t: Test, commit: Commit, expected: RegExp): Promise<void> {
  const { text, error } = await readAll(commit)
  t.notMatch(text, /last/)
  t.match(String(error), expected)
  t.equal(commit.failure, error)
  t.equal(commit.isReached, false)
}

t.test('a fault before the end of the body keeps the last bytes back', async (t) => {
  const fails = async function * (): AsyncGenerator<Buffer, void, void> {
    yield Buffer.from('abcd')
    throw new Error('cut off')
  }
  let asked = 0
  const hook = async (): Promise<void> => { asked += 1 }
  await neverCommits(t, new Commit(partsOf(fails(), 8), hook), /cut off/)
  t.equal(asked, 0, 'the hook is not called')
})

t.test('a hook that throws keeps the last bytes back', async (t) => {
  await neverCommits(
    t,
    new Commit(partsOf(pieces('abcd'), 8), async () => { throw new Error('the key is taken') }),
    /the key is taken/
  )
})

t.test('a body of another length than announced keeps the last bytes back', async (t) => {
  for (const before of [pieces('abc'), pieces('abcde'), pieces('abcd', 'efgh'), pieces()]) {
    await neverCommits(t, new Commit(partsOf(before, 8), pass), /length/)
  }
  const nothingLast = { before: pieces('abcd'), last: () => Buffer.alloc(0), length: 4 }
  await neverCommits(t, new Commit(nothingLast, pass), /length/)
})

t.test('an error of the reader is not a failure of the body', async (t) => {
  const commit = new Commit(partsOf(pieces('ab', 'cd'), 8), pass)
  await commit.stream.next()
  await t.rejects(commit.stream.throw(new Error('Connect is gone')), { message: 'Connect is gone' })
  t.equal(commit.failure, null)
  t.equal(commit.isReached, false)
})
