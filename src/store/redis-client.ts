import { Redis } from 'ioredis'
import { SCRIPTS } from './redis-scripts.ts'

const CONNECT_MS = 300
/** A command that gets no answer in this time fails, in milliseconds. */
export const COMMAND_MS = 230
/** The connection is closed when Redis sends nothing for this time, in milliseconds: the network may be broken. */
const SILENCE_MS = 2_000

/** The scripts as commands of the client. The first argument is the key. */
export type Commands = Readonly<
  Record<keyof typeof SCRIPTS, (key: string, ...args: (string | number)[]) => Promise<unknown>>
>

/** Makes the client. Opens no connection. The URL is a secret and reaches no log. */
export function createRedisClient (url: string, commandMs: number): Redis {
  return new Redis(url, {
    lazyConnect: true,
    scripts: SCRIPTS,
    // Without a connection a command fails at once. No command is sent twice.
    enableOfflineQueue: false,
    // With this check the client would send INFO, and print a line of its own when Redis refuses that. A Redis that
    // loads its data refuses commands, and the store notes that.
    enableReadyCheck: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_MS,
    commandTimeout: commandMs,
    socketTimeout: SILENCE_MS,
    retryStrategy: attempt => Math.min(50 * attempt, 1_000),
    // After a failover the old primary takes no writes.
    reconnectOnError: error => error.message.startsWith('READONLY'),
    connectionName: 'connect-usage-bff'
  })
}

/** Gives the name of a key in Redis. In a Redis cluster, names with the same text in braces are on the same node. */
export function inRedis (name: keyof Commands, key: string): string {
  return `connect-usage-bff:{${key}}:${name === 'hitKey' ? 'hits' : 'once'}`
}
