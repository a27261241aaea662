/** What was promised, and what came out. */
import { number, say, table } from './report.js'

const targets = []

/** A value that must not be above its limit. A peer that is not installed gives NaN: then nothing can be said. */
export function target (name, value, limit, unit = '×') {
  targets.push({ name, value, limit, unit })
}

export function reportTargets () {
  if (targets.length === 0) return
  say('## Targets')
  say()
  table(
    ['target', 'limit', 'measured', ''],
    targets.map(({ name, value, limit, unit }) => [
      name,
      `${limit} ${unit}`,
      `${number(value)} ${unit}`,
      !Number.isFinite(value)
        ? 'not measured'
        : value <= limit
          ? 'met'
          : `**missed** by ${number((value / limit - 1) * 100)} %`
    ])
  )
}
