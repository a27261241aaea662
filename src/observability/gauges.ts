import { versions } from 'node:process'
import prometheus from 'prom-client'

/** Gives, by the name of a pool, its open sockets, the calls that run, and the calls that wait for a place. */
export type ReadPools = () => Readonly<Record<string, { connected: number, running: number, pending: number }>>

/** Adds the metric that tells which version of the service runs, so that a graph can show an upgrade. */
export function addBuildInfo (registry: prometheus.Registry, version: string): void {
  new prometheus.Gauge({
    name: 'usage_bff_build_info',
    help: 'Always 1; the version of the service and of Node.js are labels',
    labelNames: ['version', 'node'],
    registers: [registry]
  }).set({ version, node: versions.node }, 1)
}

export function addPoolGauge (registry: prometheus.Registry, read: ReadPools): void {
  // eslint-disable-next-line no-new -- the registry keeps it
  new prometheus.Gauge({
    name: 'usage_bff_connect_pool',
    help: 'Sockets of each pool to Connect, and the calls that hold or wait for a place in it',
    labelNames: ['pool', 'state'],
    registers: [registry],
    collect () {
      for (const [pool, { connected, running, pending }] of Object.entries(read())) {
        this.set({ pool, state: 'connected' }, connected)
        this.set({ pool, state: 'running' }, running)
        this.set({ pool, state: 'pending' }, pending)
      }
    }
  })
}
