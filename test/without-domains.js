import asyncHooks from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'

/**
 * `npm test` loads this file before each group of tests. tap follows every promise and socket by an async hook, to name
 * the test that an uncaught error comes from. That costs a sixth of the CPU of all tests. Without the hook an uncaught
 * error ends the process of its group, which fails.
 */
asyncHooks.createHook = () => ({ enable () {}, disable () {} })
syncBuiltinESMExports()
