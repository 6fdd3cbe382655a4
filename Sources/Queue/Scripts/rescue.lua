-- rescue: what a dead worker held runs elsewhere. Part of reserve; one worker, at most 100 claims a call, fewer large ones.
--
--   running -> queued (at the head) | retrying (second crash and on) | cancelled (if asked for) | dead (`crashed`)
--
-- A crash is not a failure: it has a count of its own, and ends a job that kills its workers. From the second
-- crash on the job waits a little, each another while, so that it meets other neighbours than last time.
--
-- Where Redis has restarted, or another server took over, since the worker's last beat, the lapsed lease says nothing
-- about the worker: that is a loss, no crash. But a job may take the server down with its worker (they share a machine),
-- so after as many losses in a row as it may have crashes, the next ones count as crashes.

-- Whether the server that the worker last spoke to was another one than this.
local function has_moved(worker)
  local info, about = redis.pcall('INFO', 'server'), redis.pcall('GET', base .. 'worker:' .. worker)
  local here = type(info) == 'string' and string.match(info, 'run_id:(%x+)')
  local read, said = pcall(cjson.decode, about)
  local there = read and type(said) == 'table' and said.server
  return here and type(there) == 'string' and there ~= '' and there ~= here
end

local function rescue(now, max_crashes)
  local lost = call('ZRANGEBYSCORE', base .. 'workers', '-inf', now, 'LIMIT', 0, 1)[1]
  if not lost then return false end
  local claims = base .. 'claims:' .. lost
  local held = call('HRANDFIELD', claims, 100, 'WITHVALUES')
  local moved = has_moved(lost)
  local crashed, bytes = 0, 0
  for i = 1, #held, 2 do
    if bytes >= MOST_BYTES then break end
    local job, claim = held[i], held[i + 1]
    call('HDEL', claims, job)
    local f = read(job, 'b', 'a', 'cancel')
    local _, failures, crashes = counts(f[2])
    local losses = tonumber(string.match(f[2] or '', '^%d+ %d+ %d+ (%d+)$') or 0)
    local attempt = attempt_of(claim)
    local is_crash = not moved or losses >= max_crashes
    bytes = bytes + #(f[1] or '')
    if not is_crash then losses = losses + 1 end
    if f[1] and is_crash then
      crashes = crashes + 1
      crashed = crashed + 1
      add_error(job, now, attempt, cjson.encode({ type = 'crashed', retryable = true,
        message = 'worker ' .. lost .. ' died while it ran this job' }))
    end
    if f[1] then
      local a = string.format('%d %d %d', attempt, failures, crashes)
      call('HSET', job, 'a', losses > 0 and a .. ' ' .. losses or a)
    end
    if not f[1] then
      end_damaged(job, now)
    elseif f[3] then
      end_cancelled(job, now, claim, lost)
    elseif is_crash and crashes >= max_crashes then
      end_job(job, 'dead', now, claim, lost, cjson.encode({ type = 'crashed', retryable = false,
        message = string.format('%d workers died while they ran this job; it is not run again by itself', crashes) }))
    elseif is_crash and crashes > 1 or losses > 1 then
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
