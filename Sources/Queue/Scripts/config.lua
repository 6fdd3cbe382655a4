-- config: reads and changes the settings of a queue, which apply to all its workers.
--
-- flags: allow-oom
-- needs: prelude
--
-- ARGV[2…]  name and value of each setting to change; none to only read
--           retainMs, retainBytes          how long ended jobs are kept, and how many bytes of them
--           retainDeadMs, retainDeadBytes  the same for dead jobs
--           maxCrashes                     a job that has killed this many workers is dead
--           maxKeys                        how many idempotency keys may outlive their jobs
--           maxWaiting, maxBytes           caps of what may wait (caps.lua), 0 for none
--           maxRunning                     how many jobs may run at once in all workers, 0 for any number
-- effect    wakes a worker, so that a lower retention takes effect at once
-- returns   flat pairs of all settings that are set

local meta, reply = base .. 'meta', {}
for i = 2, #ARGV, 2 do call('HSET', meta, ARGV[i], ARGV[i + 1]) end
if #ARGV > 1 then
  local waiting, bytes = unpack(call('HMGET', meta, 'maxWaiting', 'maxBytes'))
  call('HDEL', meta, 'capped')
  if tonumber(waiting or 0) + tonumber(bytes or 0) > 0 then call('HSET', meta, 'capped', 1) end
  if call('HGET', meta, 'maxRunning') == '0' then call('HDEL', meta, 'maxRunning') end
  call('HDEL', meta, 'tidyAt')
  ring()
end
for _, name in ipairs({ 'retainMs', 'retainBytes', 'retainDeadMs', 'retainDeadBytes', 'maxCrashes', 'maxKeys', 'maxWaiting',
  'maxBytes', 'maxRunning' }) do
  local value = call('HGET', meta, name)
  if value then reply[#reply + 1], reply[#reply + 2] = name, value end
end
return reply
