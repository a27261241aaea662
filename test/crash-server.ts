/**
 * The service with the crash point that the environment names. Not in `crash/`, because the bundled service looks for
 * package.json two folders above.
 */
import './crash/crash-point.ts'
import '../src/server.ts'
