-- prelude: names of keys, the clock, the bell. Comes first in every script.
--
-- KEYS[1]  ph:{queue}:   the prefix of every key that a script touches, so that a queue is in one hash slot
-- ARGV[1]  now in ms since 1970; '' for the server's clock, which is what clients send; not all scripts use it
--
-- In Redis, a job is identified by the name of its hash, ph:{queue}:job:<unique part of its id>: in arguments, replies,
-- lists and everywhere else. So no script builds names, which would cost more than everything else that it does for a job.

local base, call = KEYS[1], redis.call

local function now_ms()
  if ARGV[1] ~= '' then return tonumber(ARGV[1]) end
  local t = call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Later than any time, in ms.
local NEVER = 1e15

-- A time or a sum in digits; Lua would write 1.0e+13.
local function whole(number) return string.format('%d', number) end

-- The list of ready jobs of one priority, 0 to 3.
local function list(priority) return base .. 'queued:' .. priority end

-- About how many bytes of bodies one call reads or hands out: while Redis copies them, it serves nobody else, and no worker
-- can renew its lease.
local MOST_BYTES = 8 * 1048576

-- How often beats and reserves look for workers that are gone, and reserves for ended jobs to forget.
local TIDY_MS = 250

-- Wakes one idle worker: idle workers sleep in BZPOPMIN on this key.
local function ring() call('ZADD', base .. 'bell', '0', 'ring') end

-- Whether a command failed because somebody overwrote its key with another type. Any other error is raised.
local function overwritten(reply)
  if type(reply) ~= 'table' or not reply.err then return false end
  if not string.find(reply.err, '^-?WRONGTYPE') then error(reply.err, 0) end
  return true
end

-- Writes one field; replaces a key of another type.
local function write(job, field, value)
  local reply = redis.pcall('HSET', job, field, value)
  if overwritten(reply) then
    call('DEL', job)
    call('HSET', job, field, value)
  end
end
