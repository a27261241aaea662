import t from 'tap'
import { scrub } from '../src/secrets.ts'

const TOKEN = 'SU-100-200-300:canary-token'
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.canary-signature'
const GCS =
  'X-Goog-Algorithm=GOOG4&X-Goog-Credential=canary-a%40b&X-Goog-Date=2026&X-Goog-Expires=30&' +
  'X-Goog-SignedHeaders=host&X-Goog-Signature=canary-b'
const AWS = 'X-Amz-Algorithm=AWS4&X-Amz-Credential=canary-c%2Fs3&X-Amz-Security-Token=canary-d&X-Amz-Signature=canary-e'
const AZURE = 'sv=2024-11-04&se=2026-11-20&sr=b&sp=r&sig=canary-f%2B%3D'

t.test('every known form of a secret is removed, and the words around it stay', (t) => {
  const texts: Record<string, string> = {
    [`ApiKey ${TOKEN} was refused`]: 'ApiKey [redacted] was refused',
    [`apikey  ${TOKEN}, twice: ApiKey%20${TOKEN}`]: 'ApiKey [redacted], twice: ApiKey [redacted]',
    [`token ${TOKEN} is unknown`]: 'token [redacted] is unknown',
    'SU-100-200-300%3Acanary-token': '[redacted]',
    [`Authorization: Bearer ${JWT}.`]: 'Authorization: Bearer [redacted]',
    [`got ${JWT} from`]: 'got [redacted] from',
    'key ubff_canary-Key_1 expired': 'key [redacted] expired',
    [`see https://storage.googleapis.com/b/o.xlsx?${GCS} for it`]:
      'see https://storage.googleapis.com/b/o.xlsx?[redacted] for it',
    [`https://b.s3.amazonaws.com/k?${AWS}`]: 'https://b.s3.amazonaws.com/k?[redacted]',
    [`https://x.blob.core.windows.net/c/b?${AZURE}`]: 'https://x.blob.core.windows.net/c/b?[redacted]',
    'GET /c/b?sp=r&sig=canary-f%2B': 'GET /c/b?sp=r&sig=[redacted]',
    'Signature=canary-g&x=1': 'Signature=[redacted]&x=1',
    'connect rediss://user:canary-p@redis.example:6379/0 failed':
      'connect rediss://[redacted]@redis.example:6379/0 failed',
    [`see https://h.example/${'p'.repeat(600)}?${AWS}`]: `see https://h.example/${'p'.repeat(600)}?[redacted]`,
    [`got eyJ-${JWT}, eyJ and eyJhbGci`]: 'got [redacted], eyJ and eyJhbGci',
    'sig%3Dcanary-h': 'sig=[redacted]',
    'AWSAccessKeyId=canary-i&Expires=1': 'AWSAccessKeyId=[redacted]&Expires=1'
  }
  for (const [given, expected] of Object.entries(texts)) t.equal(scrub(given), expected)
  for (const query of [GCS, AWS, AZURE]) t.notMatch(scrub(`/path?${query}`), /canary/, 'a path alone')
  t.end()
})

t.test('dumped headers lose their values, and JSON stays JSON', (t) => {
  const headers = {
    'x-api-key': 'canary-1',
    Authorization: 'Basic canary-2',
    cookie: 'a=canary-3',
    'Idempotency-Key': 'canary-4',
    'set-cookie': ['s=canary-5'],
    accept: '*/*',
    apiKey: 'canary-6'
  }
  const once = JSON.stringify({
    headers,
    raw: ['X-API-Key', 'canary-7', 'Host', 'a'],
    message: `bad "ApiKey ${TOKEN}"`
  })
  for (const text of [once, JSON.stringify({ msg: once })]) {
    const clean = scrub(text)
    t.notMatch(clean, /canary/)
    t.match(clean, /accept.+\*\/\*/)
    t.ok(JSON.parse(clean))
  }
  t.end()
})

t.test('ordinary words stay', (t) => {
  for (const text of [
    '',
    'The signature of the file is wrong',
    'https://h.example/path',
    'UF-2026-11-0000-0001 SU-perior',
    'tokens: 5',
    'authorization failed'
  ]) { t.equal(scrub(text), text) }
  t.end()
})

t.test('a long text is searched in little time', (t) => {
  const parts = [
    'http://', 'https://', 'https://h?', 'https://h ? ', 'ApiKey ', '"cookie\\', 'eyJ', 'eyJ-', 'eyJ.', 'SU-1-', 'sig=',
    'X-Amz-', `://${'b'.repeat(500)}`, 'a+.-', '?', 'Bearer++'
  ]
  for (const part of parts) {
    const text = `eyJ ApiKey ${part.repeat(400_000 / part.length)}`
    const before = process.cpuUsage()
    scrub(text)
    const { user } = process.cpuUsage(before)
    t.ok(user < 60_000, `${part.slice(0, 20)}: ${user} µs`)
  }
  t.end()
})
