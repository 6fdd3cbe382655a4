-- stats: how many jobs are in each state, the totals, and the workers with a lease. Only reads.
--
-- flags: no-writes
-- needs: places
--
-- returns  { flat pairs of counts, flat pairs of totals, per worker: name, lease end in ms, running jobs, its JSON }

local now = now_ms()
local damaged = 0

-- If somebody overwrote a key with another type, only the counts of that key are missing.
local function ask(command, key, ...)
  local reply = redis.pcall(command, base .. key, ...)
  if not overwritten(reply) then return reply end
  damaged = 1
end

local function size(priority) return ask('LLEN', 'queued:' .. priority) or 0 end

local graves = ask('SCARD', 'tombstones') or 0

-- The next job to run, unless more than a hundred tombstones are in front of it.
local function first(priority)
  local jobs = ask('LRANGE', 'queued:' .. priority, graves > 0 and -100 or -1, -1) or {}
  for i = #jobs, 1, -1 do
    if graves == 0 or call('SISMEMBER', base .. 'tombstones', jobs[i]) == 0 then return jobs[i] end
  end
end

local unclaimed = ask('ZCARD', 'unclaimed') or 0
local parked = tonumber(ask('HGET', 'meta', 'parked') or nil) or 0
local following = tonumber(ask('HGET', 'meta', 'following') or nil) or 0
local queued, oldest = unclaimed - graves + parked + following, 0
for priority = 0, 3 do
  queued = queued + size(priority) + (ask('ZCARD', 'fair:' .. priority) or 0)
  local job = first(priority)
  local b = job and redis.pcall('HGET', job, 'b')
  local created = type(b) == 'string' and string.match(b, '^%d+')
  if created then oldest = math.max(oldest, now - tonumber(created)) end
end

local workers, running = {}, 0
local leases = ask('ZRANGE', 'workers', 0, -1, 'WITHSCORES') or {}
for i = 1, #leases, 2 do
  local name = leases[i]
  local held = ask('HLEN', 'claims:' .. name) or 0
  running = running + held
  -- The jobs of a dead worker count as running until they are rescued; the worker itself is no longer listed.
  if tonumber(leases[i + 1]) > now then
    workers[#workers + 1] = name
    workers[#workers + 1] = leases[i + 1]
    workers[#workers + 1] = held
    workers[#workers + 1] = ask('GET', 'worker:' .. name) or ''
  end
end

-- A tick that is overdue has made no job. Its name may have been moved on by an offer, at most by a second.
local overdue, oldest_tick = 0, now
for _, name in ipairs(ask('ZRANGEBYSCORE', 'ticks', '-inf', now + 1000) or {}) do
  local tick = tonumber(ask('HGET', 'schedule:' .. name, 'tick') or nil)
  if tick and tick <= now then overdue, oldest_tick = overdue + 1, math.min(oldest_tick, tick) end
end

local counts = { 'schedules', ask('SCARD', 'schedules') or 0, 'ticksOverdue', overdue, 'oldestTickMs', now - oldest_tick,
  'queued', math.max(0, queued), 'parked', parked,
  'sequences', ask('HLEN', 'sequences') or 0, 'halted', ask('HLEN', 'halted') or 0, 'following', following,
  'tenants', ask('HLEN', 'depths') or 0, 'running', running, 'unclaimed', unclaimed,
  'paused', ask('HEXISTS', 'meta', 'paused') or 0, 'oldestQueuedMs', oldest }
for _, place in ipairs({ 'scheduled', 'awaiting', 'retrying', 'dead', 'remembered' }) do
  counts[#counts + 1] = place
  counts[#counts + 1] = ask('ZCARD', place) or 0
end
local totals = ask('HGETALL', 'totals') or {}
counts[#counts + 1] = 'damaged'
counts[#counts + 1] = damaged
return { counts, totals, workers }
