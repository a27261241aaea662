/**
 * Removes from `node_modules` all packages that the bundle holds already. Run in a folder of production packages:
 *   node deploy/keep-packages.js            keeps what the bundle leaves outside, but OpenTelemetry
 *   node deploy/keep-packages.js traces     keeps OpenTelemetry, too
 * The option `--external:<name>` of the script `bundle` in package.json names what stays outside.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const root = process.cwd()
const withTraces = process.argv[2] === 'traces'
const read = folder => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

const { dependencies, optionalDependencies, scripts } = read(root)
const outside = [...scripts.bundle.matchAll(/--external:(\S+)/g)].map(([, name]) => name)
const isOutside = name => outside.some(one => one.endsWith('/*') ? name.startsWith(one.slice(0, -1)) : name === one)
const wanted = Object.keys({ ...dependencies, ...optionalDependencies })
  .filter(name => isOutside(name) && (withTraces || !name.startsWith('@opentelemetry/')))

const kept = new Set()
for (const name of wanted) keep(root, name)
for (const folder of packagesIn(join(root, 'node_modules'))) removeUnlessKept(folder)
for (const name of readdirSync(join(root, 'node_modules'))) {
  const folder = join(root, 'node_modules', name)
  const isEmptyScope = name.startsWith('@') && readdirSync(folder).length === 0
  // The commands of packages, and npm's list of what it has installed.
  if (name === '.bin' || name === '.package-lock.json' || isEmptyScope) rmSync(folder, { recursive: true })
}
console.log(`kept: ${[...kept].map(folder => relative(join(root, 'node_modules'), folder)).sort().join(', ')}`)

/** Keeps a package that the package in `from` needs, with all packages that it needs itself. */
function keep (from, name) {
  const folder = find(from, name)
  // An optional package of another platform is not installed.
  if (folder === null || kept.has(folder)) return
  kept.add(folder)
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = read(folder)
  for (const one of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) keep(folder, one)
}

/** Looks for a package as Node.js does. Not above the root. */
function find (from, name) {
  const folder = join(from, 'node_modules', name)
  if (existsSync(join(folder, 'package.json'))) return folder
  return from === root ? null : find(dirname(from), name)
}

function packagesIn (folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((name) => {
    if (name.startsWith('.')) return []
    const path = join(folder, name)
    return name.startsWith('@') ? readdirSync(path).map(one => join(path, one)) : path
  })
}

/** A kept package may be inside one that goes, because npm nests packages of other versions. */
function removeUnlessKept (folder) {
  for (const inner of packagesIn(join(folder, 'node_modules'))) removeUnlessKept(inner)
  const holdsKept = [...kept].some(one => one === folder || one.startsWith(join(folder, '/')))
  if (!holdsKept) rmSync(folder, { recursive: true })
}
