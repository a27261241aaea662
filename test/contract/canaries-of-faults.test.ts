import { CONNECT } from './canary-connect.ts'
import { STORAGE } from './canary-storage.ts'
import { testConnect, testStorage } from './canary-tests.ts'

for (const name of Object.keys(CONNECT).filter(name => name !== 'works')) testConnect(name)
for (const name of Object.keys(STORAGE).filter(name => name !== 'works')) testStorage(name)
