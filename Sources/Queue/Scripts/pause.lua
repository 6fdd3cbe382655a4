-- pause: stops or resumes handing out jobs. While paused, running jobs continue and due jobs become ready.
--
-- flags: allow-oom
-- needs: prelude
--
-- ARGV[2]  '1' to pause, '0' to resume
-- returns  1 if this changed something

if ARGV[2] == '1' then return call('HSETNX', base .. 'meta', 'paused', 1) end
local changed = call('HDEL', base .. 'meta', 'paused')
ring()
return changed
