-- prelude: names of keys, the clock, the bell. In front of every script.
--
-- KEYS[1]  ph:{queue}:   every key that a script touches starts with it, so that a queue lives in one hash slot
-- ARGV[1]  now in ms since 1970; '' for the server's clock, which is what clients send; many scripts need none
--
-- In Redis a job goes by the name of its hash, ph:{queue}:job:<unique part of its id>: in arguments, replies, lists and
-- everywhere else. So no script puts names together, which would cost more than all else that it does to a job.

local base, call = KEYS[1], redis.call

local function now_ms()
  if ARGV[1] ~= '' then return tonumber(ARGV[1]) end
  local t = call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- A time or a sum as Redis takes it: Lua would write 1.0e+13.
local function whole(number) return string.format('%d', number) end

-- The list of ready jobs of one priority, 0 to 3.
local function list(priority) return base .. 'queued:' .. priority end

-- About how many bytes of bodies one call reads or hands out: while Redis copies them it serves nobody else, and no worker
-- renews its lease.
local MOST_BYTES = 8 * 1048576

-- Wakes one idle worker: each of them sleeps in BZPOPMIN on this key.
local function ring() call('ZADD', base .. 'bell', '0', 'ring') end

-- Whether a command has failed because somebody overwrote its key with another type. Any other error is raised.
local function overwritten(reply)
  if type(reply) ~= 'table' or not reply.err then return false end
  if not string.find(reply.err, '^-?WRONGTYPE') then error(reply.err, 0) end
  return true
end

-- Something is due at that time: until `quietUntil`, reserve looks at no place that holds jobs for later.
local function quiet_until(at)
  local known = call('HGET', base .. 'meta', 'quietUntil')
  if known and tonumber(known) > at then call('HSET', base .. 'meta', 'quietUntil', whole(at)) end
end
