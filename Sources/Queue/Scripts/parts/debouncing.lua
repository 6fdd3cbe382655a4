-- debouncing: a new job replaces the one that waits for the same debounce key.
--
-- needs: places
--
-- debounce:<name>     `<job> <ms at which it was stored>`: the job that waits. It waits exactly while it is in `scheduled`,
--                     its time has not come and its record names the key; then the key means nothing any more. So nothing
--                     has to delete it, whatever becomes of the job, and it ends by itself
-- debounced:<unique part of an id>
--                     the job that took over that one, so that a call repeated within REPEAT_MS changes nothing

local REPEAT_MS = 120000

-- How long a key stays after the time of its job: longer than clocks differ.
local SPARE_MS = 60000

-- Replaces the job that waits. Its links (links.lua) and the time of its first version stay. Returns it; nil if none waits:
-- then the new job holds the key and waits.
local function debounce(job, b, rules, now)
  local repeated = base .. 'debounced:' .. string.sub(job, #base + 5)
  local other = redis.pcall('GET', repeated)
  if not overwritten(other) and other then return other end
  local key = base .. 'debounce:' .. rules.debounce
  local held = redis.pcall('GET', key)
  local waiting, first = string.match(not overwritten(held) and held or '', '^(%S+) (%d+)$')
  local due = waiting and tonumber(call('ZSCORE', base .. 'scheduled', waiting) or 0) or 0
  if due <= now or options(read(waiting, 'b').b).debounce ~= rules.debounce then
    call('SET', key, job .. ' ' .. whole(now), 'PX', whole(rules.delay + SPARE_MS))
    return nil
  end
  call('HINCRBY', base .. 'meta', 'liveBytes', #b - body_bytes(waiting))
  call('HSET', waiting, 'b', b)
  local expires = rules.expiresAt or rules.ttl and now + rules.ttl
  if expires then
    call('HSET', waiting, 'x', whole(expires))
    mind_expiry(waiting)
  else
    call('HDEL', waiting, 'x')
    call('ZREM', base .. 'expiring', waiting)
  end
  local starts = math.max(now, math.min(now + rules.delay, tonumber(first) + rules.maxWait))
  put_off(waiting, 'scheduled', starts)
  call('SET', key, held, 'PX', whole(starts - now + SPARE_MS))
  call('SET', repeated, waiting, 'PX', whole(REPEAT_MS))
  return waiting
end
