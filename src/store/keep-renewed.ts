import type { Claim, StateStore } from './store.ts'

/** Renews a claim, so that no other request can take it, until the returned function is called. */
export function keepRenewed (store: StateStore, claim: Claim): () => void {
  // Three renewals in each lease: when one fails, the next still comes before another request can take the claim.
  const timer = setInterval(() => { store.renew(claim).catch(() => {}) }, store.leaseMs / 3).unref()
  return () => { clearInterval(timer) }
}
