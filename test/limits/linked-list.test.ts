import fc from 'fast-check'
import t from 'tap'
import { LinkedList, type Place } from '../../src/limits/linked-list.ts'

t.test('adding and removing keeps the order of the other items', async (t) => {
  const steps = fc.array(fc.oneof(fc.record({ add: fc.nat() }), fc.record({ remove: fc.nat() })), { maxLength: 60 })
  fc.assert(fc.property(steps, fc.nat(), (list, wanted) => {
    const ours = new LinkedList<number>()
    const places: Place<number>[] = []
    let expected: Place<number>[] = []
    for (const step of list) {
      if ('add' in step) {
        const place = ours.add(step.add)
        places.push(place)
        expected.push(place)
      } else if (places.length > 0) {
        // Also one that has gone already.
        const place = places[step.remove % places.length] as Place<number>
        ours.delete(place)
        expected = expected.filter(one => one !== place)
      }
      const items = expected.map(({ item }) => item)
      const isLarger = (item: number): boolean => item > wanted
      if (JSON.stringify(ours.toArray()) !== JSON.stringify(items)) return false
      if (ours.size !== items.length || ours.find(isLarger) !== items.find(isLarger)) return false
    }
    return true
  }))
  t.pass('as an array of the same')
})
