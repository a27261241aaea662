import { jwtVerify } from 'jose'

const CLOCK_TOLERANCE_SECONDS = 30
/**
 * How many seconds a token is valid after its claim `iat`. A token without `exp` must end, too, and Connect does not
 * document which claims it sends.
 */
const MAX_AGE_SECONDS = 600

/**
 * Checks a token that Connect has signed with the secret of a webhook (HS256). The token needs `iat` or `exp`. It must
 * still be valid, and its validity must end at most 10 minutes from now. Both limits allow for clocks that are wrong by
 * 30 s. Gives null for a valid token, else the reason for the log, without values of the token. Does not throw.
 */
export async function faultOfWebhookToken (token: string, secret: string): Promise<string | null> {
  try {
    const { payload: { iat = Infinity, exp = Infinity } } = await jwtVerify(token, new TextEncoder().encode(secret), {
      algorithms: ['HS256'], clockTolerance: CLOCK_TOLERANCE_SECONDS
    })
    const leftSeconds = Math.min(exp, iat + MAX_AGE_SECONDS) - Date.now() / 1000
    if (leftSeconds < -CLOCK_TOLERANCE_SECONDS) return 'too old'
    return leftSeconds > MAX_AGE_SECONDS + CLOCK_TOLERANCE_SECONDS ? 'no iat or exp, or one far in the future' : null
  } catch (error) {
    const { code } = error as { code?: unknown }
    return typeof code === 'string' ? code : 'unreadable'
  }
}
