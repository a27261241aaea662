import { createRequire } from 'node:module'
import type * as Undici from 'undici'

const require = createRequire(import.meta.url)

/**
 * undici without what is not used here: the package's own entry loads fetch, caches, mocks and sockets of other kinds,
 * three quarters of it and a tenth of the start. A test holds these to be the same classes as the entry's.
 */
export const Agent = require('undici/lib/dispatcher/agent') as typeof Undici.Agent
export const Client = require('undici/lib/dispatcher/client') as typeof Undici.Client
export const Pool = require('undici/lib/dispatcher/pool') as typeof Undici.Pool
export const buildConnector = require('undici/lib/core/connect') as typeof Undici.buildConnector
