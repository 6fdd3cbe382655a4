-- permit: takes permits of a key for a handler that is running.
--
-- flags: allow-oom
-- needs: limits
--
-- ARGV[2]  key
-- ARGV[3]  cost
-- ARGV[4]  '' to take permits; the ms of permits that were taken, to see whether the key was paused meanwhile
-- effect   the permits are taken at once, for the time that is returned: a caller that dies loses these and no others
-- returns  { now, the ms from which on they may be used: ARGV[4] if these are still good, 1 for a spaced key }

local now, key, cost, at = now_ms(), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local limit = limit_of(key)
if not at or (limit['until'] or 0) > math.max(now, at) then
  limit.atOnce = nil
  at = math.max(now, math.ceil(opens_at(key, cost)))
  take_permits(key, cost, at, now)
end
return { now, at, is_spaced(key) and 1 or 0 }
