import { chromium, type Browser } from 'playwright-core'

/** Starts the browser of this machine. The environment variable `CHROMIUM` can name another one. */
export async function launchChromium (): Promise<Browser> {
  return await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    // The first argument lets it run as root in a container. Most others keep it from looking for hosts outside.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage'
    ]
  })
}
