-- beat: registers a worker, or renews its lease. One lease covers all jobs that the worker runs.
--
-- flags: allow-oom
-- needs: evidence
--
-- ARGV[2]  worker
-- ARGV[3]  lease in ms
-- ARGV[4]  the worker's description of itself, JSON
-- ARGV[5]  'join' to register, '' to renew. A worker whose jobs others have begun to take over can't renew: it must join
--          under a new name
-- ARGV[6…] when it joins: settings of the queue as name and value; only those that are not set yet are set (config.lua)
-- effect   looks for workers that are gone. If there is one, or if a lease has lapsed, wakes an idle worker
-- returns  { lease end in ms, ms until the next tick of a schedule or -1, its jobs that are to be cancelled … }
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
not_quiet_from(ends)
call('SET', base .. 'worker:' .. worker, ARGV[4])
if watch_is_due(call('HGET', meta, 'watched'), now) then watch_workers(now, worker) end
local oldest = call('ZRANGE', workers, 0, 0, 'WITHSCORES')
if tonumber(oldest[2]) <= now then ring() end
local tick = call('ZRANGE', base .. 'ticks', 0, 0, 'WITHSCORES')[2]
local reply = { ends, tick and math.max(0, tick - now) or -1 }
for _, job in ipairs(call('SMEMBERS', base .. 'cancels:' .. worker)) do reply[#reply + 1] = job end
return reply
