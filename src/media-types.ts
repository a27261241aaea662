/** Media types of bodies and answers, beside JSON. */

/** An XLSX workbook. */
export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
/** The first bytes of every XLSX workbook: it is a zip that begins with a local file header. */
export const ZIP_START = Buffer.from('PK\x03\x04', 'latin1')
/** One JSON value on each line. */
export const NDJSON = 'application/x-ndjson'
/** Comma-separated values (RFC 4180). */
export const CSV = 'text/csv'
