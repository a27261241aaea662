import { Redis } from 'ioredis'
import { SCRIPTS } from './redis-scripts.ts'

const CONNECT_MS = 300
/** How many milliseconds a command waits for its answer before it fails. */
export const COMMAND_MS = 230
/** After this time in ms, in which a command waits and Redis sends nothing, the client closes the connection. */
const SILENCE_MS = 2_000

/** The scripts as commands of the client. The first argument is the key's name in Redis (`inRedis`). */
export type Commands = Readonly<
  Record<keyof typeof SCRIPTS, (key: string, ...args: (string | number)[]) => Promise<unknown>>
>

/** Makes the client for the Redis at a URL, without a connection. The URL is a secret and reaches no log. */
export function createRedisClient (url: string, commandMs: number): Redis {
  return new Redis(url, {
    lazyConnect: true,
    scripts: SCRIPTS,
    // Without a connection a command fails at once. After a new connection no earlier command is sent again.
    enableOfflineQueue: false,
    // The ready check is off: it would send INFO, and print a line of its own when Redis refuses INFO.
    enableReadyCheck: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_MS,
    commandTimeout: commandMs,
    socketTimeout: SILENCE_MS,
    retryStrategy: attempt => Math.min(50 * attempt, 1_000),
    // Connects anew when a Redis that is a replica refuses a write. After a failover the old primary is a replica.
    reconnectOnError: error => error.message.startsWith('READONLY'),
    connectionName: 'connect-usage-bff'
  })
}

/** Gives the key's name in Redis. In a cluster, names with the same text in braces are on the same node. */
export function inRedis (name: keyof Commands, key: string): string {
  return `connect-usage-bff:{${key}}:${name === 'hitKey' ? 'hits' : 'once'}`
}
