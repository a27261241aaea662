import t from 'tap'
import { preferredType } from '../../src/http/accept.ts'
import { CSV, NDJSON } from '../../src/media-types.ts'

const JSON_TYPE = 'application/json'
const wantsNdjson = (accept: string | undefined): boolean =>
  preferredType(accept, JSON_TYPE, [NDJSON]) === NDJSON

t.test('NDJSON is the answer when Accept names it and does not prefer JSON', async (t) => {
  for (const accept of [
    NDJSON,
    'Application/X-NDJSON',
    `${NDJSON};q=0.001`,
    `${NDJSON}; q=1.000`,
    `${NDJSON}, application/json`,
    `application/json, ${NDJSON}`,
    `${NDJSON}, */*`,
    `application/json;q=0.5, ${NDJSON};q=0.8`,
    `${NDJSON};q=0.5, application/json;q=0, */*`,
    `${NDJSON};charset=utf-8`
  ]) { t.equal(wantsNdjson(accept), true, accept) }
  for (const accept of [
    undefined,
    '',
    '*/*',
    'application/*',
    'application/json',
    `${NDJSON};q=0`,
    `${NDJSON};q=0.000`,
    `${NDJSON} ; Q = 0.0`,
    `${NDJSON};charset=utf-8;q=0`,
    `${NDJSON};q=0.5, application/json`,
    `${NDJSON};q=0.5, application/*;q=0.6`,
    `${NDJSON};q=0.5, */*`,
    `${NDJSON};q=often`,
    `${NDJSON};q=`,
    `${NDJSON}2`,
    'application/x-ndjson2, text/html'
  ]) { t.equal(wantsNdjson(accept), false, accept ?? 'no Accept') }
})

t.test('the other types are weighed against each other', async (t) => {
  const choose = (accept: string): string => preferredType(accept, JSON_TYPE, [CSV, NDJSON])
  t.equal(choose('text/csv'), CSV)
  t.equal(choose(`${CSV};q=0.5, ${NDJSON}`), NDJSON)
  t.equal(choose(`${CSV};q=0.5, ${NDJSON};q=0.4, ${JSON_TYPE};q=0.4`), CSV)
  t.equal(choose(`${CSV}, ${NDJSON}`), CSV, 'the first of ours')
  t.equal(choose('text/*'), JSON_TYPE, 'a range names nothing')
  t.equal(choose('text/html, */*;q=0.8'), JSON_TYPE, 'a browser')
})
