/** Markdown, collected while it is printed. */
import { median, spread } from './rounds.js'

const lines = []

export function say (text = '') {
  lines.push(text)
  console.log(text)
}

/** On the terminal alone: progress. */
export function note (text) {
  process.stderr.write(`  ${text}\n`)
}

export function table (header, rows) {
  const widths = header.map((title, column) =>
    Math.max(title.length, 3, ...rows.map(row => String(row[column]).length))
  )
  const line = cells => `| ${cells.map((cell, column) => String(cell).padEnd(widths[column])).join(' | ')} |`
  say(line(header))
  say(line(widths.map(width => '-'.repeat(width))))
  for (const row of rows) say(line(row))
  say()
}

export const report = () => `${lines.join('\n').trimEnd()}\n`

/** Three digits are more than the machine gives. */
export function number (value) {
  if (!Number.isFinite(value)) return '–'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  if (Math.abs(value) >= 10) return value.toFixed(1)
  return value.toFixed(Math.abs(value) < 0.1 && value !== 0 ? 4 : 2)
}

/** `median (lowest–highest)` */
export function figure (samples, field) {
  if (samples.length === 0) return '–'
  const [low, high] = spread(samples, field)
  return samples.length === 1 ? number(low) : `${number(median(samples, field))} (${number(low)}–${number(high)})`
}
