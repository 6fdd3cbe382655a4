-- ending: how a job ends. Everything that follows from an end is done in `after_end`.
--
-- needs: filing, keys, links, places, record

local function file_dead(now, jobs, bytes)
  for _, job in ipairs(jobs) do call('ZADD', base .. 'dead', now, job) end
  call('HINCRBY', base .. 'meta', 'deadBytes', bytes)
end

local function leave_dead(job)
  call('HINCRBY', base .. 'meta', 'deadBytes', 0 - bytes_of(job))
  call('ZREM', base .. 'dead', job)
  if call('EXISTS', base .. 'dead') == 0 then call('HDEL', base .. 'meta', 'deadBytes') end
end

-- Does what follows when jobs have ended in one state, after their outcomes are written. `bodies`: the bytes of their `b`.
local function after_end(state, now, jobs, bytes, bodies)
  call('HINCRBY', base .. 'meta', 'liveBytes', 0 - bodies)
  if call('EXISTS', base .. 'keyed') == 1 then
    for _, job in ipairs(jobs) do let_go_of_key(job, state, now) end
  end
  if state == 'dead' then file_dead(now, jobs, bytes) else file_done(state, now, jobs, bytes) end
  count_end(state, now, jobs)
end

-- Ends one job.
local function end_job(job, state, now, claim, worker, detail)
  write(job, 'r', string.format('%s %d ', state, now) .. claim .. ' ' .. worker .. '\n' .. detail)
  call('HDEL', job, 'cancel')
  call('ZREM', base .. 'expiring', job)
  after_end(state, now, { job }, bytes_of(job), body_bytes(job))
  follow(job, state, now)
end

-- Ends a waiting job that was cancelled or has expired.
local function end_waiting(job, place, state, now, message)
  withdraw(job, place)
  local attempts = counts(read(job, 'a').a)
  end_job(job, state, now, attempts .. '|0', '-', failure(state, message, false))
end

-- Ends a job whose record somebody deleted or overwrote. It can't run and becomes dead, so that it is noticed. It gets an
-- empty body, so that its id stays taken.
local function end_damaged(job, now)
  if redis.pcall('HSETNX', job, 'b', '') ~= 1 then write(job, 'b', '') end
  end_job(job, 'dead', now, '0|0', '-', failure('damaged', 'the job has no readable record in Redis', false))
end
