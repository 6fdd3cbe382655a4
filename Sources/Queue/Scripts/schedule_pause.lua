-- schedule_pause: stops or resumes the ticks of a schedule. Ticks that fall into the pause are left out.
--
-- flags: allow-oom
-- needs: links
--
-- ARGV[2]  name
-- ARGV[3]  '1' to pause, '0' to resume
-- ARGV[4]  to resume: its revision; ARGV[5] its next tick in ms, '' for none
-- returns  'done', 'same' if it is so already, 'unknown', or 'stale' if its revision is another

local name = ARGV[2]
local key = schedule_key(name)
local revision, paused = unpack(call('HMGET', key, 'revision', 'paused'))
if not revision then return 'unknown' end
if ARGV[3] == '1' then
  drop_tick(name)
  return call('HSET', key, 'paused', 'operator') == 1 and 'done' or 'same'
end
if not paused then return 'same' end
if revision ~= ARGV[4] then return 'stale' end
call('HDEL', key, 'paused')
call('HSET', key, 'failures', 0)
if ARGV[5] ~= '' then set_tick(name, ARGV[5]) end
return 'done'
