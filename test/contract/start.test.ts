import { readFileSync } from 'node:fs'
import t from 'tap'

t.test('the image starts the service as npm start does', async (t) => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { start: string } }
  const command = /^CMD (\[.*\])$/m.exec(readFileSync('Dockerfile', 'utf8'))?.[1] ?? '[]'
  t.same(JSON.parse(command), scripts.start.split(' '))
})
