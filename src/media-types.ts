/** Media types of bodies and answers, beside JSON. */

/** An XLSX workbook. */
export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
/** One JSON value on each line. */
export const NDJSON = 'application/x-ndjson'
/** Comma-separated values (RFC 4180). */
export const CSV = 'text/csv'
