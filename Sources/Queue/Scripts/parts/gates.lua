-- gates: where jobs with limits wait.
--
-- needs: limits, quiet, record
--
-- gate:<key>  ZSET of the jobs that wait for a key. The score orders by priority, then by when the job was stored; so a job
--             that moves to the gate of another key, or comes back, keeps its place
-- gates       ZSET of the keys at which jobs wait -> the ms from which reserve looks at the gate
-- meta        parked: how many jobs wait at gates; gated: the ms from which reserve looks elsewhere than into the lists: here
--             or in `fair:<p>` (tenants.lua). 0 for at once; missing while jobs wait only in the lists

local TURN = 2 ^ 50

local function score_of(b, l) return priority_of(b) * TURN + turn_of(l) end

-- Puts a job into the gate of a key, which opens at `at` at the earliest. An older time stays.
local function park(job, key, score, at)
  if call('ZADD', base .. 'gate:' .. key, string.format('%d', score), job) == 1 then
    call('HINCRBY', base .. 'meta', 'parked', 1)
  end
  call('ZADD', base .. 'gates', 'NX', string.format('%d', at), key)
  call('HSET', base .. 'meta', 'gated', 0)
end

-- When jobs wait only in the lists, reserve need not look elsewhere.
local function close_gates()
  if call('EXISTS', base .. 'gates', base .. 'fair:0', base .. 'fair:1', base .. 'fair:2', base .. 'fair:3') == 0 then
    call('HDEL', base .. 'meta', 'gated')
  end
end

local function close_if_empty(key)
  if call('EXISTS', base .. 'gate:' .. key) == 1 then return false end
  call('ZREM', base .. 'gates', key)
  close_gates()
  return true
end

local function unpark(job, key)
  if call('ZREM', base .. 'gate:' .. key, job) == 0 then return end
  call('HINCRBY', base .. 'meta', 'parked', -1)
  close_if_empty(key)
end

-- The key at whose gate a job waits; nil if it waits at none.
local function gate_of(job, l)
  for key in limits_in(l) do
    if call('ZSCORE', base .. 'gate:' .. key, job) then return key end
  end
  local kind = string.match(l or '', 'collect %d+ %d+ (%S+)')
  if kind and call('ZSCORE', base .. 'gate:' .. kind, job) then return kind end
end

-- Reserve looks at the gate again, at once.
local function open_gate(key)
  if call('ZADD', base .. 'gates', 'XX', 'CH', 0, key) == 0 then return end
  call('HSET', base .. 'meta', 'gated', 0)
  ring()
end

-- A job with limits no longer runs: its places are free.
local function free_places(job, l)
  for key in limits_in(l) do
    if call('SREM', base .. 'held:' .. key, job) == 1 then open_gate(key) end
  end
end

-- No permit of the key before `till`.
local function pause_key(key, till, now)
  local name = base .. 'limit:' .. key
  if till <= tonumber(call('HGET', name, 'until') or 0) then return end
  call('HSET', name, 'until', whole(till))
  if not limit_of(key).is_own then call('PEXPIRE', name, whole(till - now + 60000)) end
end
