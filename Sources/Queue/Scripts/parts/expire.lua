-- expire: ends waiting jobs past their expiry. Part of reserve, at most 100 per call; and of enqueue_with_rules, when such a
-- job holds the idempotency key of a new job.
--
--   scheduled | queued | retrying -> expired
--
-- needs: ending, places
--
-- Only waiting jobs are in `expiring`: reserve removes them; settle, leave and rescue put them back.

local TOO_LATE = 'not started in time'

local function expire(job, now)
  call('ZREM', base .. 'expiring', job)
  local state, place = state_of(job)
  if waits(state) then end_waiting(job, place, 'expired', now, TOO_LATE) end
end

local function end_expired(now)
  local jobs = call('ZRANGEBYSCORE', base .. 'expiring', '-inf', now, 'LIMIT', 0, 100)
  for _, job in ipairs(jobs) do expire(job, now) end
  return #jobs == 100
end
