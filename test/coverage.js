import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * `COVERAGE=1 npm test` loads this file first into the process of each group and into its threads. At the end of each
 * process and thread it writes which parts of the compiled code ran. NODE_V8_COVERAGE also counts how often each part
 * runs, and is slower: V8 keeps all its counters. Here V8 removes a counter as soon as its part has run once.
 */
const folder = process.env['COVERAGE_FOLDER'] ?? ''
const ours = pathToFileURL('build').href
const theirs = /^\/(?:groups|packages|test|sandbox\/test)\//

const session = new Session()
session.connect()
session.post('Profiler.enable')
session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true })

process.on('exit', () => {
  session.post('Profiler.takePreciseCoverage', (error, { result } = { result: [] }) => {
    if (error !== null) throw new Error(`no coverage: ${error.message}`)
    const isMeasured = ({ url }) => url.startsWith(`${ours}/`) && !theirs.test(url.slice(ours.length))
    writeFileSync(join(folder, `${randomUUID()}.json`), JSON.stringify({ result: result.filter(isMeasured) }))
  })
})
