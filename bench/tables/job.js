/**
 * What the jobs share: each takes its arguments, says how much memory it has before its work, and stays after its work
 * until it is stopped, so that the bench can read from /proc what the work has cost.
 */
export function begin () {
  console.log(`idle ${process.memoryUsage.rss()}`)
  return process.argv.slice(2).map(word => /^\d+$/.test(word) ? Number(word) : word)
}

export function end () {
  console.log('done')
  setInterval(() => {}, 60_000)
}
