#!lua flags=
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
-- enqueue: stores jobs of one priority that are ready at once. schedule.lua does the same for all others.
--
--   (new) -> queued
--
-- ARGV[2]   priority, 0 to 3
-- ARGV[3…]  the jobs, 1,000 at most, then as many bodies: `b` of each (record.lua)
-- effect    a job that is known already is left alone: the script may be repeated after a lost reply
-- returns   positions (from 1) of the jobs that were not stored
--
-- One command and no new string a job: this loop decides how fast jobs are stored.

local jobs, pcall = ARGV, redis.pcall
local count = (#jobs - 2) / 2
if count > 1000 or count % 1 > 0 or not string.find(jobs[2], '^[0-3]$') then
  return redis.error_reply('INVALID enqueue: a priority from 0 to 3, at most 1,000 jobs, as many bodies')
end
-- Asked first: a list that somebody overwrote fails here, and not when the bodies are written.
local list = base .. 'queued:' .. jobs[2]
local before, known = call('LLEN', list), {}
for i = 3, count + 2 do
  local set = pcall('HSETNX', jobs[i], 'b', jobs[i + count])
  if set ~= 1 then
    overwritten(set)  -- then the id is taken
    known[#known + 1] = i - 2
  end
end

local stored = count - #known
if stored > 0 then
  if #known == 0 then
    call('LPUSH', list, unpack(jobs, 3, count + 2))
  else
    local fresh, next_known = {}, 1
    for i = 1, count do
      if known[next_known] == i then next_known = next_known + 1 else fresh[#fresh + 1] = jobs[i + 2] end
    end
    call('LPUSH', list, unpack(fresh))
  end
  call('HINCRBY', base .. 'totals', 'enqueued', stored)
  if before == 0 then ring() end
end
return known
