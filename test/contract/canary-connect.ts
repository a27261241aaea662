import type { ServerResponse } from 'node:http'
import { answer, BILLING, HEADERS, LINK, MARKS, PARAMETERS, SAID } from './canary-marks.ts'

const OBJECT = {
  id: PARAMETERS['fileId'],
  name: 'October',
  status: 'accepted',
  schema: 'cr',
  // Of an item: the one of the example of rows.
  mpn: 'VM-SMALL',
  note: null,
  events: { created: { at: '2026-11-01T00:00:00Z' } },
  records: { valid: 1 },
  stats: {},
  usage_file_uri: LINK,
  processed_file_uri: LINK,
  reconciliation_file_uri: LINK,
  template_link: LINK,
  debug: SAID,
  usagefile: { id: PARAMETERS['fileId'] },
  item: { id: 'PRD-1-1', name: 'i' },
  action: 'approve',
  rule: null,
  external_billing_id: BILLING.id,
  external_billing_note: BILLING.note
}

/** The object that a path names by the last id in it; else the file. */
const objectAt = (path: string): object => ({
  ...OBJECT,
  id: Object.values(PARAMETERS).findLast(id => path.includes(id)) ?? OBJECT.id
})

const NEW_FILE = 'UF-2026-11-7777-7777'

/** What was changed, by path: an object that denies a change would be told as an unknown outcome. */
const changed = new Map<string, object>()

const LISTS =
  /\/(?:files|records|chunks|reconciliations|aggregates|categories|rules|products|items|assets|listings)$/
const isList = (method: string, path: string): boolean => method === 'GET' && LISTS.test(path)
const isWorkbook = (path: string): boolean => /\/(?:download|uploadedfile|processedfile)$/.test(path)

/** The status that an action on a file or a chunk leads to, by the last part of its path. */
function statusAfter (path: string): { status?: string } {
  const action = /\/(close|reject|delete)\/?$/.exec(path)?.[1]
  if (action === undefined) return {}
  return { status: { close: 'closed', reject: 'rejected' }[action] ?? 'deleted' }
}

/** What Connect answers, by name; `works` is the only one that does. */
export const CONNECT: Readonly<
  Record<string, (response: ServerResponse, method: string, path: string, asked: object) => void>
> = {
  works: (response, method, path, asked) => {
    if (method === 'PUT') changed.set(path, asked)
    // A file that is new: another one is no answer to a create.
    if (method === 'POST' && path.endsWith('/usage/files')) {
      changed.set(`${path}/${NEW_FILE}`, { ...asked, id: NEW_FILE })
    }
    if (isWorkbook(path)) {
      answer(response, 200, `PK\x03\x04${MARKS.content}`, {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="${MARKS.signature}"`
      })
    } else if (path.endsWith('/close-records')) {
      answer(
        response,
        200,
        JSON.stringify([{ id: PARAMETERS['recordId'], status: 'closed', external_billing_id: BILLING.id }])
      )
    } else if (isList(method, path)) {
      const rows = path.endsWith('/usage/records')
        ? [{ ...OBJECT, id: PARAMETERS['recordId'], status: 'approved', ...asked }]
        : [{ ...OBJECT, item: undefined, ...(path.endsWith('/listings') && { status: 'listed' }), ...asked }]
      answer(response, 200, JSON.stringify(rows), { ...HEADERS, 'content-range': 'items 0-0/1' })
    } else if (path.includes('/usage/records/')) {
      answer(
        response,
        200,
        JSON.stringify({ ...OBJECT, id: PARAMETERS['recordId'], status: 'closed', ...asked }),
        HEADERS
      )
    } else {
      answer(
        response,
        200,
        JSON.stringify({
          ...objectAt(path),
          ...changed.get(path),
          ...asked,
          ...(path.endsWith('/usage/files') && { id: NEW_FILE }),
          ...(path.endsWith('/usage/reconciliations') && { id: PARAMETERS['reconciliationId'] }),
          ...statusAfter(path)
        }),
        HEADERS
      )
    }
  },
  refuses: response => {
    answer(
      response,
      400,
      JSON.stringify({ error_code: 'VAL_001', errors: [SAID, { SAID }], params: { SAID } }),
      HEADERS
    )
  },
  'refuses with a code of its own': response => {
    answer(response, 422, JSON.stringify({ error_code: SAID, errors: SAID }), HEADERS)
  },
  forbids: response => {
    answer(response, 403, JSON.stringify({ detail: SAID, errors: [LINK] }))
  },
  'knows nothing': response => {
    answer(response, 404, JSON.stringify({ errors: [SAID] }))
  },
  'refuses the credential': response => {
    answer(response, 401, JSON.stringify({ errors: [SAID] }), HEADERS)
  },
  throttles: (response, _method, path) => {
    // A bulk close would wait and try again for minutes, and a time to wait would keep the next operation from being
    // asked.
    if (path.endsWith('/close-records')) answer(response, 403, JSON.stringify({ errors: [SAID] }))
    else {
      answer(
        response,
        429,
        JSON.stringify({ errors: [SAID] }),
        path.includes('/usage/records') ? { 'retry-after': '0' } : {}
      )
    }
  },
  'fails with a page': response => {
    answer(response, 500, `<html><body>${SAID}</body></html>`, { 'content-type': 'text/html' })
  },
  'fails with a page that says it is good': response => {
    answer(response, 200, `<html><body>${SAID}</body></html>`, { 'content-type': `text/html; x="${SAID}"` })
  },
  'is cut in its JSON': response => {
    answer(response, 200, `{"usage_file_uri":"${LINK}","x":"${SAID}`)
  },
  'answers another shape': (response, method, path) => {
    answer(response, 200, JSON.stringify(isList(method, path) ? { SAID } : [SAID]))
  },
  'sends elsewhere': response => {
    answer(response, 302, SAID, HEADERS)
  },
  'links to a strange place': (response, method, path) => {
    const strange = LINK.replace(/127\.0\.0\.1:\d+/, 'evil.example')
    const body = JSON.stringify({
      ...objectAt(path),
      usage_file_uri: strange,
      processed_file_uri: `ftp://u:${MARKS.token}@h/?sig=${MARKS.signature}`,
      reconciliation_file_uri: SAID,
      template_link: strange
    })
    answer(response, 200, isList(method, path) ? `[${body}]` : body)
  },
  'speaks no HTTP': response => {
    response.socket?.end(`${SAID}\r\n\r\n`)
  },
  'is gone': response => {
    response.socket?.destroy()
  }
}
