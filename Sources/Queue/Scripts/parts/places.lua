-- places: where a job may be, which determines its state; `Place` in Swift repeats this table.
--
-- needs: collecting, quiet, sequences, tenants

-- Sorted sets of jobs that wait until their score, in ms, and the state of the jobs there.
local LATER = {
  { place = 'scheduled', state = 'scheduled' },
  { place = 'retrying', state = 'retrying' },
  { place = 'unclaimed', state = 'queued' },
  { place = 'awaiting', state = 'scheduled' },
}

-- Makes a job ready: behind all others of its priority, or in front of them. One whose turn in its sequence has not come
-- waits for it; one with limits goes to a gate, one that is collected to that of its kind, another one with a tenant into
-- the order of the tenants. `l`: its links.
local function make_ready(job, b, l, at_head)
  local _, sequence = sequence_of(l)
  if sequence and not takes_turn(job, sequence, l) then return end
  if collect_of(l) then return collect(job, b, l, at_head) end
  local key = limits_in(l)()
  if key then return park(job, key, score_of(b, l), 0) end
  local tenant = options(b).tenant
  if tenant then return share(job, tenant, priority_of(b), at_head) end
  call(at_head and 'RPUSH' or 'LPUSH', list(priority_of(b)), job)
end

-- Puts a job into a place where it waits until `till` (ms).
local function put_off(job, place, till)
  call('ZADD', base .. place, till, job)
  not_quiet_from(till)
end

-- Takes a job out of a place where it waits until a time. One that awaited a signal no longer does (signals.lua).
local function leave_later(job, place)
  call('ZREM', base .. place, job)
  local name = place == 'awaiting' and call('HGET', base .. 'awaited', job)
  if not name then return end
  call('HDEL', base .. 'awaited', job)
  call('SREM', base .. 'waiters:' .. name, job)
end

-- Puts a waiting job with an expiry into `expiring`.
local function mind_expiry(job)
  local ends = tonumber(read(job, 'x').x)
  if not ends or ends ~= ends then return end
  call('ZADD', base .. 'expiring', ends, job)
  not_quiet_from(ends)
end

-- The worker that holds a claim on the job, and the claim; nil if none does.
local function holder(job)
  for _, worker in ipairs(call('ZRANGE', base .. 'workers', 0, -1)) do
    local claim = call('HGET', base .. 'claims:' .. worker, job)
    if claim then return worker, claim end
  end
end

-- The state of a job, where it is, and when it is due there. Where: a place, 'gate:<key>', 'fair:<priority>', the worker that
-- runs it, 'ended', or 'remembered' if only its outcome is still known (keys.lua).
local function state_of(job)
  local f = read(job, 'r', 'f')
  if f.r then return string.match(f.r, '^%a+'), f.f and 'remembered' or 'ended' end
  if redis.pcall('HEXISTS', job, 'b') ~= 1 then return nil end
  for _, later in ipairs(LATER) do
    local due = call('ZSCORE', base .. later.place, job)
    if due then return later.state, later.place, due end
  end
  local worker = holder(job)
  if worker then return 'running', worker end
  local l = read(job, 'l').l
  local key, sequence = gate_of(job, l), follows_in(job, l)
  local priority = not key and not sequence and shared_priority(job)
  return 'queued', key and 'gate:' .. key or sequence and 'sequence:' .. sequence or priority and 'fair:' .. priority or 'queued'
end

local function waits(state) return state == 'scheduled' or state == 'queued' or state == 'retrying' end

-- Takes a waiting job out of its place. A queued one stays in its list as a tombstone, because LREM is O(n); reserve skips
-- it. A job that ended there, was forgotten and stored again is there twice: then LREM removes the later entry.
local function withdraw(job, place)
  local key, sequence = string.match(place, '^gate:(.*)$'), string.match(place, '^sequence:(.*)$')
  local priority = string.match(place, '^fair:(%d)$')
  if key then
    unpark(job, key)
  elseif sequence then
    leave_sequence(job, sequence)
  elseif priority then
    unshare(job, options(read(job, 'b').b).tenant, priority)
  elseif place ~= 'queued' then
    leave_later(job, place)
  elseif call('SADD', base .. 'tombstones', job) == 0 then
    call('LREM', list(priority_of(read(job, 'b').b)), 1, job)
  else
    not_quiet_from(0)
  end
end
