import { createRequire } from 'node:module'
import type * as Undici from 'undici'

const require = createRequire(import.meta.url)

/**
 * undici without what is not used here: the package's own entry loads fetch, caches, mocks and sockets of other kinds,
 * 111 modules where 24 do, and some 90 ms of CPU at each start. A test holds these to be the same classes as the entry's.
 */
export const Agent = require('undici/lib/dispatcher/agent') as typeof Undici.Agent
export const Client = require('undici/lib/dispatcher/client') as typeof Undici.Client
export const Pool = require('undici/lib/dispatcher/pool') as typeof Undici.Pool
export const buildConnector = require('undici/lib/core/connect') as typeof Undici.buildConnector
