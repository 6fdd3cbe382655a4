-- counters: every counter together with what it counts, at one moment. Only reads.
--
-- flags: no-writes
-- needs: caps, places
--
-- returns  { flat pairs of totals, flat pairs of meta, flat pairs of the real counts; -1: too many to count; times in ms }

local function count(verb, name, ...) return call(verb, base .. name, ...) end

local listed, held = 0, 0
local fair = 0
for priority = 0, 3 do
  listed = listed + call('LLEN', list(priority))
  fair = fair + count('ZCARD', 'fair:' .. priority)
end
local deep = 0
for _, jobs in ipairs(count('HVALS', 'depths')) do deep = deep + jobs end
for _, worker in ipairs(call('ZRANGE', base .. 'workers', 0, -1)) do held = held + count('HLEN', 'claims:' .. worker) end

local parked = 0
for _, key in ipairs(call('ZRANGE', base .. 'gates', 0, -1)) do parked = parked + count('ZCARD', 'gate:' .. key) end

local following = 0
for _, key in ipairs(sequence_keys()) do following = following + count('ZCARD', 'sequence:' .. key) end

local stale = 0
for _, times in ipairs(count('HLEN', 'revived') <= 5000 and count('HVALS', 'revived') or {}) do
  stale = stale + tonumber(times)
end

local done_bytes, ended = -1, { succeeded = -1, cancelled = -1, expired = -1 }
if count('LLEN', 'done') <= 20000 and count('HLEN', 'revived') <= 5000 then
  done_bytes, ended = 0, { succeeded = 0, cancelled = 0, expired = 0 }
  local jobs = 0
  for _, element in ipairs(call('LRANGE', base .. 'done', 0, -1)) do
    local state, bytes = string.match(element, '^(%a+) %d+ (%d+) %d+$')
    if ended[state] then
      done_bytes = done_bytes + tonumber(bytes)
      ended[state] = ended[state] + jobs
      jobs = 0
    else
      jobs = jobs + 1
    end
  end
end

local dead_bytes = -1
if count('ZCARD', 'dead') <= 2000 then
  dead_bytes = 0
  for _, job in ipairs(call('ZRANGE', base .. 'dead', 0, -1)) do dead_bytes = dead_bytes + bytes_of(job) end
end

-- The lowest score of a sorted set, in ms; -1 if it is empty or holds no valid time.
local function soonest(place)
  local at = tonumber(call('ZRANGE', base .. place, 0, 0, 'WITHSCORES')[2])
  return at and at < 1e15 and at or -1
end

-- The bytes of the bodies of all jobs that have not ended. Damage leaves the counter wrong until nothing waits or runs; this
-- matters only with a cap.
local live_bytes, counted = -1, {}
local function add_bodies(jobs)
  for _, job in ipairs(jobs) do
    if not counted[job] and not read(job, 'r').r then live_bytes = live_bytes + body_bytes(job) end
    counted[job] = true
  end
end
if call('HEXISTS', base .. 'meta', 'maxBytes') == 1 and jobs_waiting() + held <= 2000 then
  live_bytes = 0
  for priority = 0, 3 do
    add_bodies(call('LRANGE', list(priority), 0, -1))
    add_bodies(count('ZRANGE', 'fair:' .. priority, 0, -1))
  end
  for _, later in ipairs(LATER) do add_bodies(count('ZRANGE', later.place, 0, -1)) end
  for _, key in ipairs(call('ZRANGE', base .. 'gates', 0, -1)) do add_bodies(count('ZRANGE', 'gate:' .. key, 0, -1)) end
  for _, key in ipairs(sequence_keys()) do add_bodies(count('ZRANGE', 'sequence:' .. key, 0, -1)) end
  for _, worker in ipairs(call('ZRANGE', base .. 'workers', 0, -1)) do add_bodies(count('HKEYS', 'claims:' .. worker)) end
end

local there = { 'listed', listed, 'fair', fair, 'deep', deep, 'liveBytes', live_bytes,
  'tombstones', count('SCARD', 'tombstones'), 'held', held, 'parked', parked, 'following', following, 'dead', count('ZCARD', 'dead'),
  'stale', stale, 'succeeded', ended.succeeded, 'cancelled', ended.cancelled, 'expired', ended.expired,
  'doneBytes', done_bytes, 'deadBytes', dead_bytes, 'next:expiring', soonest('expiring'), 'next:workers', soonest('workers') }
for _, later in ipairs(LATER) do
  for _, value in ipairs({ later.place, count('ZCARD', later.place), 'next:' .. later.place, soonest(later.place) }) do
    there[#there + 1] = value
  end
end
return { count('HGETALL', 'totals'), count('HGETALL', 'meta'), there }
