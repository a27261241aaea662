import { chromium, type Browser } from 'playwright-core'

/** Starts the browser of this machine; `CHROMIUM` names another one. */
export async function launchChromium (): Promise<Browser> {
  return await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    // As root in a container; and nothing that would look for hosts outside.
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
