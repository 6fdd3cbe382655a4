-- limits: rate limits and concurrency limits by key. Decided with the server's clock.
--
-- needs: record
--
-- limit:<key>    HASH of one key. Nothing of it is set for a key without limits: such a key is open.
--   every, burst   GCRA (ITU-T I.371, virtual scheduling): a permit each `every` ms, a fraction allowed, and up to `burst` at
--                  once after a pause. With a burst of 1, permits are at least `every` ms apart, less LATE_MS
--   window, count  at most `count` permits within any `window` ms
--   atOnce         at most this many jobs at once
--   maxWaiting     at most this many jobs may wait at its gate; further ones are refused when they are enqueued
--   tat            the theoretical arrival time of GCRA, in ms
--   until          no permit before this ms: somebody paused the key
-- A key without limits of its own has those of its class: `limit:tenant:*` for `tenant:42`, `limit:*` for a key without ':'.
--
-- permits:<key>  LIST of the ms of the last `count` permits, newest on the left
-- held:<key>     SET of the jobs with a live claim that have the key: the count of the limit, so nothing can leak
--
-- A link `limit <key> <cost>` says that a job needs `cost` permits of a key, and one place of its `atOnce`.

-- A permit that is taken up to this late counts as taken on time.
local LATE_MS = 1

local known_limits = {}

local function limit_of(key)
  local limit = known_limits[key]
  if limit then return limit end
  limit = {}
  local names = { 'every', 'burst', 'window', 'count', 'atOnce', 'maxWaiting', 'tat', 'until' }
  local class = base .. 'limit:' .. (string.match(key, '^[^:]+:') or '') .. '*'
  local own = call('HMGET', base .. 'limit:' .. key, unpack(names))
  local has_own = own[1] or own[3] or own[5] or own[6]
  local of_class = not has_own and call('HMGET', class, unpack(names)) or own
  for i, name in ipairs(names) do limit[name] = tonumber((i < 7 and of_class or own)[i]) end
  if limit.atOnce then limit.held = call('SCARD', base .. 'held:' .. key) end
  limit.is_own = has_own
  known_limits[key] = limit
  return limit
end

-- From which ms on the key has `cost` permits; NEVER if a job must end first. At `now` or before, it has them now.
local function opens_at(key, cost)
  local limit = limit_of(key)
  local at = limit['until'] or 0
  if limit.every then
    local burst = math.max(limit.burst or 1, cost)
    at = math.max(at, (limit.tat or 0) + (cost - burst) * limit.every)
  end
  if limit.window then
    local nth = call('LINDEX', base .. 'permits:' .. key, limit.count - math.min(cost, limit.count))
    if nth then at = math.max(at, tonumber(nth) + limit.window) end
  end
  if limit.atOnce and limit.held >= limit.atOnce then at = NEVER end
  return at
end

-- Takes permits that are there at the ms `at`, which may be later than `now`.
local function take_permits(key, cost, at, now)
  local limit = limit_of(key)
  if limit.every then
    -- Who comes a moment late does not put off all permits after this one: else a busy key would give fewer than it may.
    local tat = limit.tat or 0
    limit.tat = (at - tat > LATE_MS and at or tat) + cost * limit.every
    call('HSET', base .. 'limit:' .. key, 'tat', string.format('%.3f', limit.tat))
    if not limit.is_own then call('PEXPIRE', base .. 'limit:' .. key, whole(limit.tat - now + 60000)) end
  end
  if limit.window then
    local permits = base .. 'permits:' .. key
    for _ = 1, math.min(cost, limit.count) do call('LPUSH', permits, whole(at)) end
    call('LTRIM', permits, 0, limit.count - 1)
    call('PEXPIRE', permits, whole(at - now + limit.window))
  end
end

-- Whether each permit has a moment of its own.
local function is_spaced(key)
  local limit = limit_of(key)
  return limit.every and (limit.burst or 1) == 1
end

local function hold_place(key, job)
  call('SADD', base .. 'held:' .. key, job)
  local limit = limit_of(key)
  if limit.atOnce then limit.held = limit.held + 1 end
end

-- The keys and costs in a job's links, in turn.
local function limits_in(l) return string.gmatch(l or '', 'limit (%S+) (%d+)') end
