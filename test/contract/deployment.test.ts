import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { makeFolder } from '../helper.ts'

interface Service { image: string, build?: { args: Record<string, string> }, networks: string[], ports?: string[] }
interface Compose { services: Record<string, Service>, networks: Record<string, { internal?: boolean } | null> }

const compose = parse(readFileSync('deploy/compose.yaml', 'utf8'), { merge: true }) as Compose
const dockerfile = readFileSync('Dockerfile', 'utf8')

t.test('only the replicas reach the store', async (t) => {
  const { valkey, ...others } = compose.services
  t.same(valkey?.networks, ['store'])
  t.equal(valkey?.ports, undefined)
  t.equal(compose.networks['store']?.internal, true)
  const beside = Object.keys(others).filter(name => others[name]?.networks.includes('store'))
  t.same(beside, ['bff-a', 'bff-b'])
  t.same(others['load-balancer']?.networks, ['callers'])
})

t.test('every base image can be pinned by its digest', async (t) => {
  const stages = [...dockerfile.matchAll(/^FROM (\S+?)(?: AS (\S+))?$/gm)]
  const names = stages.map(([, , name]) => name)
  for (const [, image = ''] of stages) {
    const [, argument = ''] = /^\$\{(\w+)\}$/.exec(image) ?? []
    if (names.includes(image)) continue
    t.match(dockerfile, new RegExp(`^ARG ${argument}=\\S+:\\S+$`, 'm'), image)
    t.match(compose.services['bff-a']?.build?.args[argument], new RegExp(`^\\$\\{${argument}:-\\S+\\}$`))
  }
  for (const name of ['valkey', 'load-balancer']) {
    t.match(compose.services[name]?.image, /^\$\{[A-Z]+_IMAGE:-\S+:\S+\}$/, name)
  }
})

/** Runs the program of the image on a folder with these packages; gives what is left. */
function keepPackages (t: Test, packages: Record<string, object>, ...args: string[]): (path: string) => boolean {
  const folder = makeFolder(t)
  copyFileSync('package.json', join(folder, 'package.json'))
  for (const [path, content] of Object.entries(packages)) {
    mkdirSync(join(folder, 'node_modules', path), { recursive: true })
    writeFileSync(join(folder, 'node_modules', path, 'package.json'), JSON.stringify(content))
  }
  execFileSync(process.execPath, [resolve('deploy/keep-packages.js'), ...args], { cwd: folder, stdio: 'pipe' })
  return path => existsSync(join(folder, 'node_modules', path))
}

t.test('the licence is the one that the packages name, and it is whole', async (t) => {
  for (const name of ['package.json', 'sandbox/package.json']) {
    t.equal((JSON.parse(readFileSync(name, 'utf8')) as { license: string }).license, 'Apache-2.0', name)
  }
  const licence = readFileSync('LICENSE', 'utf8')
  t.match(licence, /^\s*Apache License\n\s*Version 2\.0, January 2004\n/)
  t.match(licence, 'END OF TERMS AND CONDITIONS')
})

t.test('the last stage is made of the bundle, the packages that are kept, and the licence', async (t) => {
  t.match(dockerfile, /^RUN node deploy\/keep-packages\.js \$KEEP$/m)
  const [, last = ''] = dockerfile.split('RUN_IMAGE}')
  t.same([...last.matchAll(/^COPY (.*)$/gm)].map(([, what]) => what), [
    '--from=packages /app/node_modules ./node_modules', '--from=build /app/dist ./dist', 'package.json LICENSE ./'
  ])
})

t.test('the image holds what the bundle leaves outside, with what that needs, and nothing else', async (t) => {
  const packages = {
    lmdb: {
      dependencies: { msgpackr: '1' },
      optionalDependencies: { '@lmdb/lmdb-linux-x64': '1', '@lmdb/lmdb-win32-x64': '1' }
    },
    '@lmdb/lmdb-linux-x64': {}, msgpackr: {}, yaml: {}, fastify: { dependencies: { pino: '1' } }, pino: {},
    '@fastify/swagger-ui': { dependencies: { 'fastify-plugin': '5' } }, 'fastify-plugin': {},
    '@fastify/swagger-ui/node_modules/fastify-plugin': {}, '@fastify/cors': {}, 'fastify/node_modules/yaml': {},
    '@opentelemetry/api': {}, '@opentelemetry/sdk-trace': { peerDependencies: { '@opentelemetry/core': '1' } },
    '@opentelemetry/core': {}
  }
  const traces = ['@opentelemetry/api', '@opentelemetry/sdk-trace', '@opentelemetry/core']
  const outside = [
    'lmdb', '@lmdb/lmdb-linux-x64', 'msgpackr', 'yaml', '@fastify/swagger-ui',
    '@fastify/swagger-ui/node_modules/fastify-plugin'
  ]
  const withoutTraces = keepPackages(t, packages)
  t.same(Object.keys(packages).filter(withoutTraces).sort(), [...outside].sort())
  t.notOk(withoutTraces('@opentelemetry'))
  t.same(Object.keys(packages).filter(keepPackages(t, packages, 'traces')).sort(), [...outside, ...traces].sort())
})
