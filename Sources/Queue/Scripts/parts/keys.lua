-- keys: idempotency keys and the jobs that hold them.
--
-- needs: places, record
--
-- A key may outlive the record of its job. When retention forgets such a record, the first lines of `b` and `r` stay as long
-- as the key: a repeated request gets the same job and how it ended. `remembered` has these jobs, and those whose records
-- will be reduced to that, by the ms at which their keys end.

-- The job that holds an idempotency key: the last one stored with it, if it is in one of the states in which it holds it.
local function holder_of_key(name)
  local job = redis.pcall('GET', base .. 'key:' .. name)
  local state = type(job) == 'string' and state_of(job)
  if not state then return nil end
  local o = options(call('HGET', job, 'b'))
  local held = o.keyStates or 'scheduled queued running retrying'
  if o.key == name and string.find(' ' .. held .. ' ', ' ' .. state .. ' ', 1, true) then return job end
end

local function hold_key(job, name, period_ms)
  if period_ms then
    call('SET', base .. 'key:' .. name, job, 'PX', whole(math.max(1, math.min(period_ms, 1e14))))
  else
    call('SET', base .. 'key:' .. name, job)
  end
  call('HSET', base .. 'keyed', job, name)
end

-- How long a job that ended without success may hold a key without a period; it loses the key earlier with its record.
local HOLD_MS = 30 * 86400000

-- Releases the idempotency key of a job that has ended, unless the job holds it in that state.
local function let_go_of_key(job, state, now)
  local name = call('HGET', base .. 'keyed', job)
  if not name then return end
  call('HDEL', base .. 'keyed', job)
  local key = base .. 'key:' .. name
  if redis.pcall('GET', key) ~= job then return end
  local o = options(call('HGET', job, 'b'))
  if not string.find(' ' .. (o.keyStates or '') .. ' ', ' ' .. state .. ' ', 1, true) then
    call('DEL', key)
  elseif o.keyPeriod then
    local left = call('PTTL', key)
    if left > 0 then call('ZADD', base .. 'remembered', now + left, job) end
  else
    local keep_ms = state == 'succeeded' and tonumber(call('HGET', base .. 'meta', 'retainMs') or 86400000) or HOLD_MS
    call('PEXPIRE', key, whole(keep_ms))
  end
end

-- Forgets ended jobs. While an idempotency key refers to a job, the first lines of its record stay.
local function forget(jobs, now)
  local gone = {}
  local any = call('EXISTS', base .. 'remembered') == 1
  for _, job in ipairs(jobs) do
    local ends = any and tonumber(call('ZSCORE', base .. 'remembered', job) or 0) or 0
    local b, r = unpack(ends > now and redis.pcall('HMGET', job, 'b', 'r') or {})
    if b and r then
      call('DEL', job)
      call('HSET', job, 'b', string.match(b, '^[^\n]*\n?'), 'r', string.match(r, '^[^\n]*\n?'), 'f', whole(now))
      call('PEXPIRE', job, whole(ends - now))
    else
      gone[#gone + 1] = job
    end
  end
  if #gone > 0 then
    call('UNLINK', unpack(gone))
    if any then call('ZREM', base .. 'remembered', unpack(gone)) end
  end
end

-- Forgets jobs whose key has ended. Part of housekeeping; a thousand per call.
local function forget_keys(now)
  local over = call('ZRANGEBYSCORE', base .. 'remembered', '-inf', now, 'LIMIT', 0, 1000)
  if #over > 0 then call('ZREM', base .. 'remembered', unpack(over)) end
  return #over == 1000
end
