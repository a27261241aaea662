export const DEEP = `${'['.repeat(8000)}${']'.repeat(8000)}`

export const bad = (reason: string, extra: Record<string, unknown> = {}): Record<string, unknown> => ({
  name: 'ConnectBadPayloadError', kind: 'bad-payload', reason, sent: 'yes', ...extra
})
