/** The media types of tables and lists, beside JSON, and how the bytes of a workbook begin. */

export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
/** The first four bytes of every XLSX workbook, which is a zip file. */
export const ZIP_START = Buffer.from('PK\x03\x04', 'latin1')
/** The media type of NDJSON: one JSON value on each line. */
export const NDJSON = 'application/x-ndjson'
/** The media type of comma-separated values (RFC 4180). */
export const CSV = 'text/csv'
