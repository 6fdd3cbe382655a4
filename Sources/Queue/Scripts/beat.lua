-- beat: registers a worker, or renews its lease, which holds for all jobs that it runs.
--
-- flags: allow-oom
-- needs: evidence
--
-- ARGV[2]  worker
-- ARGV[3]  lease in ms
-- ARGV[4]  what the worker says about itself, JSON
-- ARGV[5]  'join' to register; otherwise a worker whose jobs others have begun to take over can't renew, it comes back under
--          a new name
-- ARGV[6…] when it joins: the queue's settings as name and value, for those that nobody has set yet (config.lua)
-- effect   looks for workers that are gone; where there is one, or a lease has lapsed, an idle worker is woken
-- returns  { lease end in ms, its jobs that somebody wants cancelled … }
--          or the error LAPSED

local now, worker = now_ms(), ARGV[2]
local workers, meta = base .. 'workers', base .. 'meta'
if ARGV[5] == 'join' then
  for i = 6, #ARGV, 2 do call('HSETNX', meta, ARGV[i], ARGV[i + 1]) end
elseif tonumber(call('ZSCORE', workers, worker) or 0) <= LOST then
  return lapsed(worker)
end
local ends = now + tonumber(ARGV[3])
call('ZADD', workers, ends, worker)
call('ZREM', base .. 'suspects', worker)
quiet_until(ends)
call('SET', base .. 'worker:' .. worker, ARGV[4])
if watch_is_due(call('HGET', meta, 'watched'), now) then watch_workers(now, worker) end
local oldest = call('ZRANGE', workers, 0, 0, 'WITHSCORES')
if tonumber(oldest[2]) <= now then ring() end
local reply = { ends }
for _, job in ipairs(call('SMEMBERS', base .. 'cancels:' .. worker)) do reply[#reply + 1] = job end
return reply
