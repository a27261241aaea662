const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'

/** The number in STYLES of the cell style with a red border. */
export const RED_BORDER = 1

const LINE = '<color rgb="FFFF0000"/>'
const SIDES = ['left', 'right', 'top', 'bottom'].map(side => `<${side} style="medium">${LINE}</${side}>`).join('')

export const STYLES = `<styleSheet xmlns="${MAIN}">` +
  '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>' +
  '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>' +
  '</fills><borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>' +
  `<border>${SIDES}<diagonal/></border></borders>` +
  '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
  '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>' +
  '<xf numFmtId="0" fontId="0" fillId="0" borderId="1" xfId="0" applyBorder="1"/></cellXfs></styleSheet>'

/** `row` counts from 1, and `column` from 0. `reference` names the cell, such as `B12`. `text` is escaped for XML. */
export interface CellComment { row: number, column: number, reference: string, text: string }

export function * commentsXml (comments: readonly CellComment[]): Generator<Buffer, void, void> {
  yield Buffer.from(`<comments xmlns="${MAIN}"><authors><author>connect-usage-bff</author></authors><commentList>`)
  for (const { reference, text } of comments) {
    yield Buffer.from(
      `<comment ref="${reference}" authorId="0"><text><t xml:space="preserve">${text}</t></text></comment>`
    )
  }
  yield Buffer.from('</commentList></comments>')
}

/** Gives the boxes that show the comments, in VML (XML for drawings). Without them Excel shows no comments. */
export function * boxesXml (comments: readonly CellComment[]): Generator<Buffer, void, void> {
  yield Buffer.from(
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" ' +
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shapetype id="comment" coordsize="21600,21600" o:spt="202" ' +
    'path="m,l,21600r21600,l21600,xe"/>'
  )
  for (const [at, { row, column }] of comments.entries()) {
    yield Buffer.from(
      `<v:shape id="comment${at + 1}" type="#comment" style="position:absolute;visibility:hidden" ` +
      'fillcolor="#ffffe1">' +
      '<x:ClientData ObjectType="Note"><x:SizeWithCells/>' +
      `<x:Anchor>${column + 1},15,${row},2,${column + 4},15,${row + 4},4</x:Anchor>` +
      `<x:Row>${row - 1}</x:Row><x:Column>${column}</x:Column></x:ClientData></v:shape>`
    )
  }
  yield Buffer.from('</xml>')
}
