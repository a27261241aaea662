import t from 'tap'
import { CONNECT } from './canary-connect.ts'
import { STORAGE } from './canary-storage.ts'
import { testConnect, testStorage } from './canary-tests.ts'

for (const name of Object.keys(CONNECT).filter(name => name !== 'works')) {
  t.test(`no operation tells a secret when Connect ${name}`, async (t) => { await testConnect(t, name) })
}

for (const name of Object.keys(STORAGE).filter(name => name !== 'works')) {
  t.test(`no download tells a secret when the storage ${name}`, async (t) => { await testStorage(t, name) })
}
