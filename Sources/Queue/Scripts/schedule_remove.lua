-- schedule_remove: removes a schedule. The jobs that it has made stay.
--
-- flags: allow-oom
-- needs: prelude
--
-- ARGV[2]  name
-- ARGV[3]  'any', or 'source' to remove it only if this file made it
-- ARGV[4]  source
-- returns  1 if it was removed

local name = ARGV[2]
local key = base .. 'schedule:' .. name
if ARGV[3] == 'source' and call('HGET', key, 'source') ~= ARGV[4] then return 0 end
call('ZREM', base .. 'ticks', name)
call('SREM', base .. 'schedules', name)
return call('DEL', key)
