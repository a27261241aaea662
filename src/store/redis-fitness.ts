const MIN_VERSION = [6, 2] as const

/** Null when this Redis can be used. */
export function whyUnfit (version: string, cluster: string | undefined): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isOld = major < MIN_VERSION[0] || (major === MIN_VERSION[0] && minor < MIN_VERSION[1])
  if (isOld) return `Redis ${version} is older than ${MIN_VERSION.join('.')}`
  return cluster === '1' ? 'Redis is in cluster mode, where one node has a part of the keys; use one without' : null
}

/** An error that Redis itself names: it is full, not the primary, or does not allow it. */
export function isAnswer (error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError'
}
