/**
 * undici without what is not used here: the package's own entry loads fetch, caches, mocks and sockets of other kinds,
 * 111 modules where 24 do, and some 90 ms of CPU at each start. A test holds these to be the same classes as the
 * entry's.
 */
export { default as Agent } from 'undici/lib/dispatcher/agent.js'
export { default as Client } from 'undici/lib/dispatcher/client.js'
export { default as Pool } from 'undici/lib/dispatcher/pool.js'
export { default as buildConnector } from 'undici/lib/core/connect.js'
