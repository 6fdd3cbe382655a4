-- beat: registers a worker, or renews its lease, which holds for all jobs that it runs.
--
-- ARGV[2]  worker
-- ARGV[3]  lease in ms
-- ARGV[4]  what the worker says of itself, JSON
-- ARGV[5]  'join' to register; a lapsed worker can't renew, it comes back under a new name
-- effect   if another worker's lease has lapsed, an idle worker is woken to rescue its jobs
-- returns  { lease end in ms, its jobs that somebody wants cancelled … }
--          or the error LAPSED

local now, worker = now_ms(), ARGV[2]
local workers = base .. 'workers'
if ARGV[5] ~= 'join' then
  local lease = call('ZSCORE', workers, worker)
  if not lease or tonumber(lease) <= now then return redis.error_reply('LAPSED no lease for worker ' .. worker) end
end
local ends = now + tonumber(ARGV[3])
call('ZADD', workers, ends, worker)
quiet_until(ends)
call('SET', base .. 'worker:' .. worker, ARGV[4])
local oldest = call('ZRANGE', workers, 0, 0, 'WITHSCORES')
if tonumber(oldest[2]) <= now then ring() end
local reply = { ends }
for _, job in ipairs(call('SMEMBERS', base .. 'cancels:' .. worker)) do reply[#reply + 1] = job end
return reply
