/**
 * `npm run check:deployment`: starts the services of `deploy/compose.yaml` as processes, and checks what two replicas
 * on one Redis behind nginx promise together. What Connect got is read in the sandbox's ledger, not only in the
 * answers. Needs `redis-server` and `nginx`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startArrangement } from './arrangement.ts'
import { closesFileThroughBalancer, hidesMetrics, servesFromBoth, showsOutcomesLive } from './deployment/balancer.ts'
import { createDeployment, type Deployment } from './deployment/calls.ts'
import { countsOverBothReplicas, survivesFrozenRedis } from './deployment/redis.ts'
import {
  answersAfterKilledReplica, closesOnceForFiftyCalls, replacesReplica, sendsDeleteOnce, servesWithOneReplica
} from './deployment/replicas.ts'

/** The checks by their names, in the order in which they run: some of them begin with what the one before has left. */
const STEPS: Readonly<Record<string, (deployment: Deployment) => Promise<void>>> = {
  'a file goes from draft to closed through the load balancer': closesFileThroughBalancer,
  'both replicas serve, and the document\'s server is the load balancer': servesFromBoth,
  'metrics are not for the callers': hidesMetrics,
  '50 closes at once with one key over both replicas are one POST, and all later ones a replay':
    closesOnceForFiftyCalls,
  'a replica killed in the middle of a close: the other answers the same key, and there is one POST':
    answersAfterKilledReplica,
  'with one replica dead every read and every close is answered by the other': servesWithOneReplica,
  'a DELETE whose replica dies is sent once, and the load balancer answers with a problem': sendsDeleteOnce,
  'a replica is replaced under load without a failed request': replacesReplica,
  'Redis frozen: reads go on, money waits for nobody, and all is well again by itself': survivesFrozenRedis,
  'outcomes of a bulk close are seen live through the load balancer': showsOutcomesLive,
  'a caller\'s limit counts over both replicas': countsOverBothReplicas
}

const folder = mkdtempSync(join(tmpdir(), 'connect-usage-bff-deployment-'))
const arrangement = await startArrangement(folder)
const deployment = createDeployment(arrangement)
let failed = 0
try {
  for (const [name, step] of Object.entries(STEPS)) {
    const startedAt = performance.now()
    try {
      await step(deployment)
      console.log(`ok: ${name} (${Math.round(performance.now() - startedAt)} ms)`)
    } catch (error) {
      failed += 1
      console.error(`NOT OK: ${name}\n${error instanceof Error ? error.stack ?? error.message : String(error)}`)
    }
  }
} finally {
  await arrangement.stop()
  rmSync(folder, { recursive: true, force: true })
}
console.log(`${Object.keys(STEPS).length - failed} of ${Object.keys(STEPS).length} hold`)
process.exitCode = failed === 0 ? 0 : 1
