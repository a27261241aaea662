/**
 * The operations of the store as Lua scripts, each of which Redis runs as one step. All times are in milliseconds by
 * the clock of Redis, which all replicas of the service share. Each idempotency key has a Redis hash with these fields:
 * - always: `v` (the version of the values), `fp` (the fingerprint; '' when not known).
 * - from a mark on: `base` (sent, ran), `sentAt` (the time of the mark), `note`.
 * - from the answer on: `base` (done), `answer`. `note` is removed.
 * - until a claim ends, or until the next claim when its lease ran out: `owner`, `until` (the end of the lease), `from`
 * (the base before the claim; '' for none). `fence` stays after the claim.
 * - after a mark that replaced the base of an earlier claim, as long as `owner` stays: `fromFp`, `fromSentAt`,
 * `fromNote` (the replaced values) and `fromEnd` (when the key would have expired).
 */

const NOW = `local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
`
/** Ends the script with the result 0, unless ARGV[1] and ARGV[2] are owner and fence of the claim. */
const OURS = `local held = redis.call('HMGET', KEYS[1], 'owner', 'fence')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then return 0 end
`

/**
 * Claims a key. Arguments: owner, fingerprint ('' when not known), lease in ms, version of the values. Returns
 * `claimed`, fence, and of the earlier entry base, fingerprint, `sentAt`, note and ms since `sentAt` ('' and 0 for
 * none); `done`, fingerprint and answer; `version` and the version in the store; `mismatch`; or `in-flight`.
 */
const begin = `${NOW}
local kept = redis.call('HMGET', KEYS[1], 'v', 'base', 'fp', 'until', 'fence', 'sentAt', 'note')
if kept[1] and kept[1] ~= ARGV[4] then return { 'version', kept[1] } end
local base = kept[2] or ''
local fp = kept[3] or ''
local isLive = kept[4] and tonumber(kept[4]) > now
if (isLive or base ~= '') and ARGV[2] ~= '' and fp ~= '' and fp ~= ARGV[2] then return { 'mismatch' } end
if isLive then return { 'in-flight' } end
if base == 'done' then return { 'done', fp, redis.call('HGET', KEYS[1], 'answer') } end
local fence = tonumber(kept[5] or '0') + 1
local leaseEnd = now + tonumber(ARGV[3])
redis.call('HSET', KEYS[1], 'v', ARGV[4], 'owner', ARGV[1], 'fence', fence, 'until', leaseEnd, 'from', base)
-- These fields are of a claim that ended with its lease. Its request may have acted, so its mark stays.
redis.call('HDEL', KEYS[1], 'fromFp', 'fromSentAt', 'fromNote', 'fromEnd')
if base == '' then
  redis.call('HSET', KEYS[1], 'fp', ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return { 'claimed', fence, '', '', '', '', '0' }
end
local age = now - tonumber(kept[6] or now)
return { 'claimed', fence, base, fp, kept[6] or '', kept[7] or '', string.format('%d', age) }
`

/** Renews a lease. Arguments: owner, fence, lease in ms. Returns 1, or 0 when the request does not have the claim. */
const renew = `${NOW}${OURS}
redis.call('HSET', KEYS[1], 'until', now + tonumber(ARGV[3]))
if redis.call('HEXISTS', KEYS[1], 'base') == 0 then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 1
`

/**
 * Stores a mark. Arguments: owner, fence, base, fingerprint, note ('' for none), for how many ms to keep the key.
 * Returns 1, or 0 when the request does not have the claim.
 */
const mark = `${NOW}${OURS}
local kept = redis.call('HMGET', KEYS[1], 'from', 'fromFp', 'fp', 'sentAt', 'note')
if kept[1] ~= '' and not kept[2] then
  local fromEnd = now + redis.call('PTTL', KEYS[1])
  redis.call('HSET', KEYS[1], 'fromFp', kept[3], 'fromSentAt', kept[4], 'fromNote', kept[5], 'fromEnd', fromEnd)
end
redis.call('HSET', KEYS[1], 'base', ARGV[3], 'fp', ARGV[4], 'sentAt', now, 'note', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return 1
`

/**
 * Stores the answer and ends the claim. Arguments: owner, fence, fingerprint, answer, for how many ms to keep the key.
 * Returns 1, or 0 when the request does not have the claim.
 */
const complete = `${OURS}
redis.call('HSET', KEYS[1], 'base', 'done', 'fp', ARGV[3], 'answer', ARGV[4])
redis.call('HDEL', KEYS[1], 'owner', 'until', 'from', 'fromFp', 'fromSentAt', 'fromNote', 'fromEnd', 'note')
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
`

/**
 * Ends a claim. Arguments: owner, '1' if the request may have acted, else '0'. With '0' the key returns to its state
 * before the claim. With '1' the mark stays, and a key without a mark is removed. The fence is not asked for, because
 * an owner that got no answer to its claim does not know the fence.
 */
const release = `${NOW}
local held = redis.call('HMGET', KEYS[1], 'owner', 'from', 'fromFp', 'fromSentAt', 'fromNote', 'fromEnd')
if held[1] ~= ARGV[1] then return 0 end
if ARGV[2] == '0' and held[2] == '' then return redis.call('DEL', KEYS[1]) end
if redis.call('HEXISTS', KEYS[1], 'base') == 0 then return redis.call('DEL', KEYS[1]) end
if ARGV[2] == '0' and held[3] then
  redis.call('HSET', KEYS[1], 'base', held[2], 'fp', held[3], 'sentAt', held[4], 'note', held[5])
  redis.call('PEXPIRE', KEYS[1], held[6] - now)
end
return redis.call('HDEL', KEYS[1], 'owner', 'until', 'from', 'fromFp', 'fromSentAt', 'fromNote', 'fromEnd')
`

/**
 * Counts for a rate limit. Arguments: cost, length of the window in ms. Returns the count with this hit, and the ms
 * until the count starts again from 0.
 */
const hit = `
local count = redis.call('INCRBY', KEYS[1], ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  left = tonumber(ARGV[2])
end
return { count, left }
`

const script = (lua: string): { lua: string, numberOfKeys: number } => ({ lua, numberOfKeys: 1 })

export const SCRIPTS = {
  claimKey: script(begin),
  renewKey: script(renew),
  markKey: script(mark),
  completeKey: script(complete),
  releaseKey: script(release),
  hitKey: script(hit)
}

/** When Redis refuses one of these scripts, the store counts as failing. */
export const WRITES: ReadonlySet<keyof typeof SCRIPTS> = new Set(['claimKey', 'renewKey', 'markKey', 'completeKey'])
/** The success of this script counts as proof that Redis takes writes. */
export const PROOF: keyof typeof SCRIPTS = 'completeKey'

export type Claimed = [string, ...string[]]
