-- stats: how many jobs are in each state, totals since ever, and the workers with a lease. Reads only.
--
-- returns  { flat pairs of counts, flat pairs of totals, per worker: name, lease end ms, running, its own JSON }

local now = now_ms()
local function size(list) return call('LLEN', base .. 'queued:' .. list) end

local graves = call('SCARD', base .. 'tombstones')

-- The next to run, unless more than a hundred tombstones stand before it.
local function first(list)
  local jobs = call('LRANGE', base .. 'queued:' .. list, graves > 0 and -100 or -1, -1)
  for i = #jobs, 1, -1 do
    if graves == 0 or call('SISMEMBER', base .. 'tombstones', jobs[i]) == 0 then return jobs[i] end
  end
end

local queued, oldest = call('ZCARD', base .. 'unclaimed') - graves, 0
for list = 0, 3 do
  queued = queued + size(list)
  local job = first(list)
  local b = job and redis.pcall('HGET', job, 'b')
  local created = type(b) == 'string' and string.match(b, '^%d+')
  if created then oldest = math.max(oldest, now - tonumber(created)) end
end

local workers, running = {}, 0
local leases = call('ZRANGE', base .. 'workers', 0, -1, 'WITHSCORES')
for i = 1, #leases, 2 do
  local name = leases[i]
  local held = call('HLEN', base .. 'claims:' .. name)
  running = running + held
  -- What a dead worker held counts as running until somebody rescues it; the worker itself is none any more.
  if tonumber(leases[i + 1]) > now then
    workers[#workers + 1] = name
    workers[#workers + 1] = leases[i + 1]
    workers[#workers + 1] = held
    workers[#workers + 1] = call('GET', base .. 'worker:' .. name) or ''
  end
end

return {
  { 'scheduled', call('ZCARD', base .. 'scheduled'), 'queued', math.max(0, queued), 'running', running,
    'retrying', call('ZCARD', base .. 'retrying'), 'dead', call('ZCARD', base .. 'dead'),
    'unclaimed', call('ZCARD', base .. 'unclaimed'), 'paused', call('HEXISTS', base .. 'meta', 'paused'),
    'oldestQueuedMs', oldest },
  call('HGETALL', base .. 'totals'),
  workers,
}
