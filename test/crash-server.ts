/**
 * Starts the service, which kills itself at the crash point that the environment names. This file is not in `crash/`,
 * because the bundled service looks for package.json two folders above.
 */
import './crash/crash-point.ts'
import '../src/server.ts'
