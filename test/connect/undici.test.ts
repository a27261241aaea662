import * as entry from 'undici'
import t from 'tap'
import * as ours from '../../src/connect/http/undici.ts'

t.test('what is taken from inside undici is what its entry gives', async (t) => {
  for (const [name, value] of Object.entries(ours)) t.equal(value, entry[name as keyof typeof entry], name)
  t.same(Object.keys(ours).sort(), ['Agent', 'Client', 'Pool', 'buildConnector'])
})
