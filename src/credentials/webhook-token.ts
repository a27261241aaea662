import { jwtVerify } from 'jose'

const CLOCK_TOLERANCE_SECONDS = 30
/**
 * The most seconds from `iat` to the end of a token. A token without `exp` must end, too: Connect does not document
 * which claims it sends.
 */
const MAX_AGE_SECONDS = 600

/**
 * Checks a token that Connect has signed. It ends at `exp`, or 10 minutes after `iat` if that is earlier. This end must
 * lie in the next 10 minutes (30 s more on both sides for wrong clocks). Gives null for a valid token, else the reason
 * for the log. Does not throw.
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
