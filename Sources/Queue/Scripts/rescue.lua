-- rescue: what a dead worker held runs elsewhere. Part of reserve; one worker, at most 100 claims a call.
--
--   running -> queued (at the head) | retrying (second crash and on) | cancelled (if asked for) | dead (`crashed`)
--
-- A crash is not a failure: it has a count of its own, and ends a job that kills its workers. From the second
-- crash on the job waits a little, each another while, so that it meets other neighbours than last time.
-- After a restart of Redis itself a lapsed lease says nothing about the worker: then no crash is counted.

local function rescue(now, lease_ms, max_crashes)
  local lost = call('ZRANGEBYSCORE', base .. 'workers', '-inf', now, 'LIMIT', 0, 1)[1]
  if not lost then return false end
  local claims = base .. 'claims:' .. lost
  local held = call('HRANDFIELD', claims, 100, 'WITHVALUES')
  local restarted = tonumber(string.match(call('INFO', 'server'), 'uptime_in_seconds:(%d+)') or 0) * 1000 < 2 * lease_ms
  local crashed = 0
  for i = 1, #held, 2 do
    local job, claim = held[i], held[i + 1]
    call('HDEL', claims, job)
    local f = read(job, 'b', 'a', 'cancel')
    local _, failures, crashes = counts(f[2])
    local attempt = attempt_of(claim)
    if f[1] and not restarted then
      crashes = crashes + 1
      crashed = crashed + 1
      add_error(job, now, attempt, cjson.encode({ type = 'crashed', retryable = true,
        message = 'worker ' .. lost .. ' died while it ran this job' }))
    end
    if f[1] then call('HSET', job, 'a', string.format('%d %d %d', attempt, failures, crashes)) end
    if not f[1] then
      end_damaged(job, now)
    elseif f[3] then
      end_cancelled(job, now, claim, lost)
    elseif crashes >= max_crashes then
      end_job(job, 'dead', now, claim, lost, cjson.encode({ type = 'crashed', retryable = false,
        message = string.format('%d workers died while they ran this job; it is not run again by itself', crashes) }))
    elseif crashes > 1 and not restarted then
      mind_expiry(job)
      local spread = tonumber(string.sub(redis.sha1hex(job .. claim), 1, 6), 16) / 16777216
      put_off(job, 'retrying', now + math.floor((1 + 9 * spread) * 1000))
    else
      mind_expiry(job)
      call('RPUSH', base .. 'queued:' .. list_of(f[1]), job)
    end
  end
  if crashed > 0 then call('HINCRBY', base .. 'totals', 'crashes', crashed) end
  if call('EXISTS', claims) == 0 then
    call('ZREM', base .. 'workers', lost)
    call('DEL', base .. 'worker:' .. lost, base .. 'cancels:' .. lost)
    call('HDEL', base .. 'meta', 'recalled:' .. lost)
  end
  return true
end
