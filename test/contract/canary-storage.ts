import type { RequestListener } from 'node:http'
import { SHEET, workbookOf as workbookOfParts } from '../tables/workbook-of.ts'
import { answer, HEADERS, MARKS, SAID } from './canary-marks.ts'

/** A marked workbook with a comment on a cell. Its parts are not packed, so that the mark would be seen. */
const COMMENTED = commentedWorkbook()

function commentedWorkbook (): Buffer {
  const cells = (row: number, ...texts: string[]): string => `<row r="${row}">${texts.map((text, at) =>
    `<c r="${'AB'[at]}${row}" t="inlineStr"><is><t>${text}</t></is></c>`).join('')}</row>`
  return workbookOfParts({
    sheet: SHEET(cells(1, 'record_id', 'record_note') + cells(2, 'r-1', MARKS.content)),
    parts: {
      'xl/worksheets/_rels/sheet1.xml.rels': '<Relationships><Relationship Id="c" Type="x/comments" ' +
        'Target="../comments1.xml"/></Relationships>',
      'xl/comments1.xml': '<comments><commentList><comment ref="A2"><text><t>USG_002: Duplicate</t></text></comment>' +
        '</commentList></comments>'
    },
    pack: part => ({ ...part, isStored: true })
  })
}

export const STORAGE: Readonly<Record<string, RequestListener>> = {
  works: (_request, response) => {
    answer(response, 200, COMMENTED, {
      ...HEADERS,
      'content-type': `application/x; sig=${MARKS.signature}`,
      'content-disposition': `attachment; filename="${MARKS.signature}"`
    })
  },
  refuses: (request, response) => {
    answer(response, 403, `<Error>Signature did not match: ${request.url ?? ''}</Error>`, {
      ...HEADERS,
      'content-type': 'application/xml'
    })
  },
  'sends elsewhere': (_request, response) => {
    answer(response, 307, '', HEADERS)
  },
  'answers a page': (_request, response) => {
    answer(response, 200, SAID, { 'content-type': 'text/html' })
  },
  'is cut': (_request, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write(MARKS.content, () => {
      response.destroy()
    })
  }
}
