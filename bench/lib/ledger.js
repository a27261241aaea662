/** What the fake Connect received since the last look. `digest`: it shall look into uploads from now on. */
export async function takeLedger (upstream, { digest = false } = {}) {
  const response = await fetch(`${upstream}/public/v1/ledger${digest ? '?digest' : ''}`, {
    signal: AbortSignal.timeout(10_000)
  })
  return await response.json()
}
