import { NDJSON } from './fixture.ts'

export const BATCH = { method: 'POST', path: '/usage/records/close-records' }
export const bothNdjson = { 'content-type': NDJSON, accept: NDJSON }
