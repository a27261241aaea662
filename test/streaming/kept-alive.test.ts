import t from 'tap'
import { keptAlive } from '../../src/streaming/kept-alive.ts'

/** Yields 'a', and 'b' when it is released; tells when it has ended. */
function slowPieces () {
  let hasEnded = false
  let release: (error?: Error) => void = () => {}
  const released = new Promise<void>((resolve, reject) => {
    release = (error) => { if (error === undefined) resolve(); else reject(error) }
  })
  const pieces = (async function * (): AsyncGenerator<string, void, void> {
    try {
      yield 'a'
      await released
      yield 'b'
    } finally {
      hasEnded = true
    }
  })()
  return { pieces, release: (error?: Error) => { release(error) }, ended: () => hasEnded }
}

t.test('spaces stand where pieces take long, and no piece is lost', async (t) => {
  const { pieces, release, ended } = slowPieces()
  let text = ''
  for await (const piece of keptAlive(pieces, 5)) {
    text += piece
    if (text === 'a   ') release()
  }
  t.match(text, /^a {3,}b$/)
  t.equal(ended(), true)
})

t.test('an error comes after the spaces', async (t) => {
  const { pieces, release } = slowPieces()
  let text = ''
  await t.rejects(async () => {
    for await (const piece of keptAlive(pieces, 5)) {
      text += piece
      if (text === 'a ') release(new Error('no list'))
    }
  }, { message: 'no list' })
  t.equal(text.trimEnd(), 'a')
})

t.test('the pieces end with a reader that leaves at a space', async (t) => {
  const { pieces, release, ended } = slowPieces()
  const read = keptAlive(pieces, 5)
  t.equal((await read.next()).value, 'a')
  t.equal((await read.next()).value, ' ')
  const left = read.return()
  release(new Error('nobody awaits this error'))
  await left
  t.equal(ended(), true)
})
