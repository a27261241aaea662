import { readFileSync } from 'node:fs'
import t from 'tap'

t.test('the image starts the service as npm start does', async (t) => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { start: string } }
  const commands = readFileSync('Dockerfile', 'utf8').match(/(?<=^CMD )\[.*\]$/gm) ?? []
  t.same(
    JSON.parse(commands.at(-1) ?? '[]'),
    scripts.start.split(' '),
    'the last stage is the one that is built by default'
  )
})
