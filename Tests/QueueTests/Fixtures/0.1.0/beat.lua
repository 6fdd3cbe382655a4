#!lua flags=allow-oom
-- prelude: in front of every script. Key names and the clock.
--
-- KEYS[1]  ph:{queue}:   every key that a script touches starts with it, so a queue lives in one hash slot
-- ARGV[1]  now in ms since 1970; '' for the server's clock, which is what clients send; many scripts need none
--
-- In Redis a job goes by the name of its hash, ph:{queue}:job:<unique part of its id>: in arguments, replies, lists and
-- everywhere else. So no script puts names together, which would cost it more than all else that it does to a job.

local base, call = KEYS[1], redis.call

local function now_ms()
  if ARGV[1] ~= '' then return tonumber(ARGV[1]) end
  local t = call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- So many bytes of bodies a call reads or hands out, about: while Redis copies them it serves nobody else, and no worker
-- renews its lease.
local MOST_BYTES = 8 * 1048576

-- Wakes one idle worker: each of them sleeps in BZPOPMIN on this key.
local function ring() call('ZADD', base .. 'bell', '0', 'ring') end

-- Whether a command has failed because somebody overwrote its key with another type. No other error is passed over.
local function overwritten(reply)
  if type(reply) ~= 'table' or not reply.err then return false end
  if not string.find(reply.err, '^-?WRONGTYPE') then error(reply.err, 0) end
  return true
end

-- Something is due at that time: until `quietUntil`, reserve.lua looks at no place that holds jobs for later.
local function quiet_until(at)
  local known = call('HGET', base .. 'meta', 'quietUntil')
  if known and tonumber(known) > at then call('HSET', base .. 'meta', 'quietUntil', string.format('%d', at)) end
end
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
