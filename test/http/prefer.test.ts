import t from 'tap'
import { waitSeconds } from '../../src/http/prefer.ts'

t.test('the first wait of a Prefer header, from 1 to 50 seconds', async (t) => {
  const cases: Readonly<Record<string, number | null>> = {
    'wait=1': 1,
    'wait=50': 50,
    'WAIT = 20': 20,
    'wait="20"': 20,
    'respond-async, wait=10': 10,
    'return=minimal; foo="a,b;wait=3"; bar, wait=5; x': 5,
    ',, wait=7 ,': 7,
    'foo="\\",wait=3", wait=4': 4,
    'wait=010': 10,
    'wait=5, wait=10': 5,
    'wait=0, wait=10': null,
    'wait=51': null,
    'wait=100': null,
    'wait=1000': null,
    'wait=-1': null,
    'wait=1.5': null,
    'wait=1e1': null,
    'wait=0x10': null,
    'wait=': null,
    'wait=""': null,
    wait: null,
    'wait 10': null,
    'waits=10': null,
    'foo; wait=10': null,
    '"wait=10"': null,
    'foo="wait=10': null,
    '': null,
    ',': null
  }
  for (const [header, seconds] of Object.entries(cases)) t.equal(waitSeconds(header), seconds, header)
  t.equal(waitSeconds(undefined), null)
  t.equal(waitSeconds(['wait=9', 'wait=8']), 9)
})

t.test('a hostile header is read in linear time', async (t) => {
  for (const part of [' ', ',', ';', 'a ', 'a;', 'a=";', '\t, ', '=', 'a = ', '; ', 'wait= ', '"', '\\']) {
    const start = performance.now()
    waitSeconds(part.repeat(15_000 / part.length))
    t.ok(performance.now() - start < 1_000, JSON.stringify(part))
  }
})
