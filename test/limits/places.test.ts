import t from 'tap'
import { createPlaces, type Entry } from '../../src/limits/places.ts'

const leave = (entry: Entry): void => {
  if ('leave' in entry) entry.leave()
}

t.test('so many in all, so many of each, and a place is given back once', (t) => {
  const { enter } = createPlaces({ total: 3, each: 2 })
  const [first, second] = [enter('a'), enter('a')]
  t.same(enter('a'), { refused: 'own' })
  const third = enter('b')
  t.same(enter('b'), { refused: 'all' })
  t.same(enter('c'), { refused: 'all' })
  leave(first)
  leave(first)
  t.ok('leave' in enter('a'))
  t.same(enter('c'), { refused: 'all' }, 'leaving twice makes no second place')
  leave(second)
  leave(third)
  t.ok('leave' in enter('c'))
  t.end()
})
