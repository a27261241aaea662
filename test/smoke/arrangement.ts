import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { SCOPES_BY_ROLE, sha256Hex, type Role } from '../../src/credentials/callers.ts'
import { freePorts, start, type Started } from './processes.ts'

interface Compose {
  'x-bff': { environment: Record<string, string> }
  services: { valkey: { command: string }, sandbox: { environment: Record<string, string> } }
}

/** The requests that one caller may send in a minute, over both replicas together. */
export const CALLS_PER_MINUTE = 3000

export interface Replica {
  origin: string
  /** The process that runs now. */
  current: () => Started
  /** Starts a new process for the replica, after the last one has ended. */
  startAgain: () => Promise<void>
}

export interface Arrangement {
  /** The address of the load balancer. */
  origin: string
  replicas: readonly [Replica, Replica]
  /** The address of the sandbox, without a path. */
  sandbox: string
  redis: Started
  /** Gives the access log of the load balancer: an object for each request. */
  accessLog: () => Record<string, unknown>[]
  keys: Readonly<Record<Role, string>>
  stop: () => Promise<void>
}

/**
 * Starts the services of `deploy/compose.yaml` as processes of this machine: two replicas on one Redis behind nginx,
 * and the sandbox. The commands are those of the file, with other folders and ports. The replicas get the settings that
 * the file names, with values for the checks; an unknown name makes it throw. Needs `redis-server` and `nginx`.
 * `folder` must be for this arrangement alone.
 */
export async function startArrangement (folder: string): Promise<Arrangement> {
  const compose = parse(readFileSync('deploy/compose.yaml', 'utf8'), { merge: true }) as Compose
  const [balancerPort, portA, portB, redisPort, sandboxPort] = (await freePorts(5)) as [
    number,
    number,
    number,
    number,
    number
  ]
  const sandboxOrigin = `http://127.0.0.1:${sandboxPort}`
  const keys = { vendor: randomUUID(), provider: randomUUID() }
  const callersFile = join(folder, 'callers.json')
  writeFileSync(callersFile, JSON.stringify(callersOf(keys)))

  const started: Started[] = []
  const run = (...args: Parameters<typeof start>): Started => {
    const process = start(...args)
    started.push(process)
    return process
  }
  const stop = async (): Promise<void> => {
    for (const process of started.reverse()) {
      process.child.kill('SIGTERM')
      if (process.child.exitCode === null && process.child.signalCode === null) await process.exits().catch(() => {})
    }
  }
  try {
    const sandbox = run(process.execPath, ['sandbox/dist/main.js'], {
      env: {
        ...compose.services.sandbox.environment,
        SANDBOX_HOST: '127.0.0.1',
        SANDBOX_PORT: String(sandboxPort),
        SANDBOX_CONTROL: '1',
        SANDBOX_PROCESSING_MS: '100'
      }
    })
    mkdirSync(join(folder, 'redis'))
    const redis = run('redis-server', [
      ...compose.services.valkey.command.split(' ').slice(1),
      '--port',
      String(redisPort),
      '--bind',
      '127.0.0.1',
      '--dir',
      join(folder, 'redis')
    ])
    await Promise.all([sandbox.prints(/public\/v1/), redis.prints(/Ready to accept connections/)])

    const places: Record<string, string> = {
      CALLERS_FILE: callersFile,
      STORE_URL: `redis://127.0.0.1:${redisPort}`,
      CONNECT_BASE_URL: `${sandboxOrigin}/public/v1`,
      CONNECT_ALLOW_HTTP: '',
      STORAGE_HOSTS: sandboxOrigin,
      PUBLIC_URL: `http://127.0.0.1:${balancerPort}`,
      CORS_ORIGINS: '',
      TRUST_PROXY: '127.0.0.1/32',
      RATE_LIMIT_PER_MINUTE: String(CALLS_PER_MINUTE),
      METRICS_TOKEN: '',
      OTEL_EXPORTER_OTLP_ENDPOINT: ''
    }
    const environment = Object.fromEntries(Object.keys(compose['x-bff'].environment).map((name) => {
      const value = places[name]
      if (value === undefined) {
        throw new Error(`deploy/compose.yaml sets ${name}, and this arrangement does not know its place`)
      }
      return [name, value]
    }))
    const replicaOn = async (port: number): Promise<Replica> => {
      const launch = async (): Promise<Started> => {
        const server = run(process.execPath, ['dist/src/server.js'], {
          env: { ...environment, HOST: '127.0.0.1', PORT: String(port) }
        })
        await server.prints(/listening at/)
        return server
      }
      let server = await launch()
      return {
        origin: `http://127.0.0.1:${port}`,
        current: () => server,
        startAgain: async () => {
          server = await launch()
        }
      }
    }
    const replicas = await Promise.all([replicaOn(portA), replicaOn(portB)])
    const accessLog = join(folder, 'access.log')
    await startBalancer(run, folder, accessLog, {
      LISTEN: `127.0.0.1:${balancerPort}`,
      BFF_A: `127.0.0.1:${portA}`,
      BFF_B: `127.0.0.1:${portB}`
    })
    return {
      origin: `http://127.0.0.1:${balancerPort}`,
      replicas,
      sandbox: sandboxOrigin,
      redis,
      keys,
      stop,
      accessLog: () =>
        readFileSync(accessLog, 'utf8')
          .trim()
          .split('\n')
          .filter(line => line !== '')
          .map(line => JSON.parse(line) as Record<string, unknown>)
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function callersOf (keys: Readonly<Record<Role, string>>): object {
  const caller = (role: Role): object => ({
    id: `${role}-portal`,
    account: role,
    scopes: SCOPES_BY_ROLE[role],
    keys: [{ id: 'k', sha256: sha256Hex(keys[role]), expiresAt: null }]
  })
  return {
    accounts: {
      vendor: { role: 'vendor', accountId: 'VA-100-200', apiKey: 'ApiKey SU-100-200-300:vendor' },
      provider: { role: 'provider', accountId: 'PA-400-500', apiKey: 'ApiKey SU-400-500-600:provider' }
    },
    callers: [caller('vendor'), caller('provider')]
  }
}

/**
 * Starts nginx with `deploy/nginx.conf.template`, filled in as nginx's image does it, inside a minimal main
 * configuration. Waits until nginx answers, and throws after 10 s.
 */
async function startBalancer (
  run: typeof start,
  folder: string,
  accessLog: string,
  values: Record<string, string>
): Promise<void> {
  let site = readFileSync('deploy/nginx.conf.template', 'utf8').replace(
    'access_log /dev/stdout',
    `access_log ${accessLog}`
  )
  for (const [name, value] of Object.entries(values)) site = site.replaceAll(`\${${name}}`, value)
  closeSync(openSync(accessLog, 'a'))
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map(name => `${name}_temp_path ${join(folder, `nginx-${name}`)};`)
    .join(' ')
  const config = join(folder, 'nginx.conf')
  // Started by root, nginx would run as another user, who cannot write to a folder of root's.
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  writeFileSync(
    config,
    `${user} worker_processes 1; pid ${join(folder, 'nginx.pid')}; events { worker_connections 1024; } http { ` +
    `${temp}\n${site}\n}`
  )
  const nginx = run('nginx', ['-p', resolve(folder), '-c', config, '-e', 'stderr', '-g', 'daemon off;'])
  const origin = `http://${values['LISTEN'] ?? ''}`
  for (const end = Date.now() + 10_000; ;) {
    const answer = await fetch(`${origin}/health/live`).catch(() => null)
    if (answer?.ok === true) return
    if (Date.now() > end) throw new Error(`nginx does not answer; it printed:\n${nginx.output()}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
