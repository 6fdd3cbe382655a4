-- filing: what is kept of the end of jobs that are not dead.
--
-- needs: prelude

-- Counts ended jobs, and publishes their end. Usually nobody listens, and then no message is built: Lua hashes every byte of
-- every string that it creates, which is most of a script's cost.
local function count_end(state, now, jobs)
  call('HINCRBY', base .. 'totals', state, #jobs)
  if call('PUBSUB', 'NUMSUB', base .. 'ended')[2] == 0 then return end
  call('PUBLISH', base .. 'ended', string.format('%s %d ', state, now) .. table.concat(jobs, ' '))
end

-- Pushes a group to the left of `done`: a mark `<state> <ended ms> <bytes> <how many>`, then that many jobs.
local function file_done(state, now, jobs, bytes)
  call('LPUSH', base .. 'done', string.format('%s %d %d %d', state, now, bytes, #jobs), unpack(jobs))
  call('HINCRBY', base .. 'meta', 'doneBytes', bytes)
end
