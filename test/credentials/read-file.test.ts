import { execFileSync } from 'node:child_process'
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config.ts'
import { readConfigFile } from '../../src/credentials/read-file.ts'

t.test('a file of the configuration is a plain file; a pipe or a device does not hang the start', async (t) => {
  const folder = t.testdir({ plain: 'text', large: '' })
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  truncateSync(join(folder, 'large'), 64 * 1024 * 1024 + 1)
  t.equal(readConfigFile(join(folder, 'plain')), 'text')
  for (const [path, code, reason] of [
    [pipe, 'EINVAL', /a pipe or a device/], ['/dev/zero', 'EINVAL', /a pipe or a device/],
    [folder, 'EISDIR', /a folder/], [join(folder, 'large'), 'EFBIG', /larger than 64 MiB/],
    [join(folder, 'none'), 'ENOENT', /no such file/]
  ] as const) {
    t.throws(() => readConfigFile(path), { code }, path)
    t.throws(() => loadConfig({ CALLERS_FILE: path }, readConfigFile), { message: reason }, path)
  }
  const callers = join(folder, 'callers.json')
  writeFileSync(callers, JSON.stringify({
    accounts: { acme: { role: 'provider', accountId: 'PA-400-500', apiKeyFile: pipe } }, callers: []
  }))
  t.throws(() => loadConfig({ CALLERS_FILE: callers }, readConfigFile), { message: /apiKeyFile.*a pipe or a device/s })
})
