/** The health check of the image: exits 0 when `/health/live` answers 200, else 1, and 1 after 2 seconds of silence. */
import { get } from 'node:http'

const port = process.env['PORT'] ?? '3000'
const request = get({ host: '127.0.0.1', port, path: '/health/live', timeout: 2_000 }, (answer) => {
  process.exit(answer.statusCode === 200 ? 0 : 1)
})
request.on('timeout', () => { process.exit(1) })
request.on('error', () => { process.exit(1) })
