-- expire: waiting jobs whose time is up end. Part of reserve, at most 100 a call; and of schedule, when such a job holds an
-- idempotency key that another job wants.
--
--   scheduled | queued | retrying -> expired
--
-- Only waiting jobs stand in `expiring`: reserve takes them out, settle and rescue put them back.

local function expire(job, now)
  local attempts = counts(read(job, 'a')[1])
  end_job(job, 'expired', now, attempts .. '|0', '-', '{"type":"expired","message":"not started in time","retryable":false}')
end

local function give_up(job, now)
  call('ZREM', base .. 'expiring', job)
  local state, place = state_of(job)
  if state == 'scheduled' or state == 'queued' or state == 'retrying' then
    withdraw(job, place)
    expire(job, now)
  end
end

local function end_expired(now)
  local jobs = call('ZRANGEBYSCORE', base .. 'expiring', '-inf', now, 'LIMIT', 0, 100)
  for _, job in ipairs(jobs) do give_up(job, now) end
  return #jobs == 100
end
