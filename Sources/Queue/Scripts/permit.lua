-- permit: takes permits of a key for a handler that is running.
--
-- flags: allow-oom
-- needs: limits
--
-- ARGV[2]  key
-- ARGV[3]  cost
-- ARGV[4]  '' to take permits; the ms of permits that were taken, to see whether the key was paused meanwhile
-- effect   the permits are taken at once, for the time that is returned: a caller that dies loses these and no others
-- returns  { now, ms to wait until they may be used: 0 for permits that were taken and are still good }

local now, key, cost = now_ms(), ARGV[2], tonumber(ARGV[3])
local limit = limit_of(key)
if ARGV[4] ~= '' and (limit['until'] or 0) <= math.max(now, tonumber(ARGV[4])) then return { now, 0 } end
limit.atOnce = nil
local at = math.max(now, math.ceil(opens_at(key, cost)))
take_permits(key, cost, at, now)
return { now, at - now }
