/** How the peers that are Node servers of this folder are started, and how they begin. */
import { join } from 'node:path'
import { startProcess } from '../lib/process.js'

/**
 * @param {string} file of this folder
 * @param {string} upstream origin of the fake Connect
 * @param {{ name?: string, env?: Record<string, string> }} options
 */
export async function startPeer (file, upstream, { name = file, env = {} } = {}) {
  return await startProcess({
    name,
    command: process.execPath,
    args: [join(new URL('.', import.meta.url).pathname, file)],
    env: { NODE_ENV: 'production', UPSTREAM: upstream, ...env },
    listening: /listening at (http:\/\/127\.0\.0\.1:\d+)/
  })
}
