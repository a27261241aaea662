import t from 'tap'
import { createdAt, readEvents, updatedAt } from '../../src/usage/mapping/events.ts'

t.test('events become a list, oldest first', async (t) => {
  const events = readEvents({
    events: {
      closed: { at: '2021-01-03T00:00:00+00:00' },
      accepted: { at: '2021-01-02T03:00:00+03:00', by: null },
      created: { at: '2021-01-01T00:00:00.500000+00:00', by: { id: 'UR-552-340-461', name: 'Dana' } },
      uploaded: { at: '2021-01-01T00:00:00Z', by: { id: 'somebody' } },
      last_reported: { by: { name: 'x' } },
      submitted: null
    }
  })
  t.same(events.map(event => event.type), ['uploaded', 'created', 'accepted', 'closed', 'lastReported'])
  t.same(events[1], { type: 'created', at: '2021-01-01T00:00:00.500000Z', by: { id: 'UR-552-340-461', name: 'Dana' } })
  t.same(events[0]?.by, { id: 'somebody', name: null })
  t.equal(events[2]?.by, null, 'a rule acted')
  t.equal(createdAt(events), '2021-01-01T00:00:00.500000Z')
  t.equal(updatedAt(events), '2021-01-03T00:00:00Z')
})

t.test('missing events become an empty list', async (t) => {
  for (const odd of [undefined, null, [], 'x', {}]) t.same(readEvents({ events: odd }), [])
  t.equal(createdAt([]), null)
  t.equal(updatedAt([]), null)
})
