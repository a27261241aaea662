import t from 'tap'
import { fuzzUploads } from './broken-uploads.ts'
import { SEED } from './seed.ts'

t.test('a form with changed bytes is refused, or its file arrives unchanged', async (t) => {
  const { uploaded, refused } = await fuzzUploads(t, SEED, 150)
  t.ok(uploaded > 20 && refused > 50, 'both were seen')
})
