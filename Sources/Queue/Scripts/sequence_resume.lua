-- sequence_resume: a sequence that a dead job has halted goes on with the next job; the dead job stays dead.
--
-- needs: links
--
-- ARGV[2]  key
-- effect   the same if the head of the sequence is unknown: its record was destroyed
-- returns  1 if it went on, 0 if a job has its turn, '' if there is no such sequence

local key = ARGV[2]
local job, dead = blocker_of(key)
if not job then return '' end
if not dead and state_of(job) then return 0 end
call('HDEL', base .. 'heads', job)
call('HDEL', base .. 'sequences', key)
advance(key)
return 1
