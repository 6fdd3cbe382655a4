-- prelude: in front of every script. Key names and the clock.
--
-- KEYS[1]  ph:{queue}:   every key that a script touches starts with it, so a queue lives in one hash slot
-- ARGV[1]  now in ms since 1970; '' for the server's clock, which is what clients send

local base, call = KEYS[1], redis.call

local function job(id) return base .. 'job:' .. id end

local function now_ms()
  if ARGV[1] ~= '' then return tonumber(ARGV[1]) end
  local t = call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Wakes one idle worker: each of them sleeps in BZPOPMIN on this key.
local function ring() call('ZADD', base .. 'bell', 0, 'ring') end
