-- enqueue: stores jobs and makes them ready, or keeps them for later.
--
--   (new) -> queued | scheduled
--
-- ARGV[2]   arguments per job: 2, or 3 if one of these jobs has rules
-- ARGV[3…]  per job: id, body, rules
--           body   all of `b` (record.lua) but its leading time
--           rules  '' for none, else JSON: due | delay (ms), expiresAt | ttl (ms), key, keyPeriod (ms)
-- effect    a job whose id is known already is left alone: the script may be repeated after a lost reply
-- returns   per job that was not stored: its position (from 1) and the id that stands for it

local now, each, args = now_ms(), tonumber(ARGV[2]), ARGV
local stamp = string.format('%d ', now)
local ready, skipped, stored, bell = {}, {}, 0, false

-- Rules are read before anything is written: a script that fails half-way would lose the jobs that it has stored.
local function is_ms(value) return value == nil or type(value) == 'number' and value >= 0 and value < 1e15 end

local rules_at = {}
for i = 5, each == 3 and #args or 0, 3 do
  if args[i] ~= '' then
    local rules = cjson.decode(args[i])
    if type(rules) ~= 'table' or not (is_ms(rules.due) and is_ms(rules.delay) and is_ms(rules.keyPeriod))
      or rules.key ~= nil and type(rules.key) ~= 'string' then
      return redis.error_reply('INVALID rules of job ' .. args[i - 2])
    end
    rules_at[i - 2] = rules
  end
end

local function make_ready(list, id)
  local ids = ready[list]
  if ids then ids[#ids + 1] = id else ready[list] = { id } end
end

local function skip(i, id)
  skipped[#skipped + 1] = (i - 3) / each + 1
  skipped[#skipped + 1] = id
end

-- Stores a job with rules. Returns the id that stands for it if it isn't stored.
local function schedule(id, body, rules)
  -- An error means a key of another type: somebody overwrote the record, and the id is taken.
  if redis.pcall('HEXISTS', job(id), 'b') ~= 0 then return id end
  local other = rules.key and holder_of_key(rules.key)
  if other then return other end
  local b = stamp .. body
  call('HSET', job(id), 'b', b)
  stored = stored + 1
  if rules.key then hold_key(id, rules.key, rules.keyPeriod) end
  if mind_expiry(id, b) then bell = true end
  local due = rules.due or (rules.delay and now + rules.delay) or 0
  if due > now then
    call('ZADD', base .. 'scheduled', due, id)
    bell = true
  else
    make_ready(string.sub(body, 1, 1), id)
  end
end

-- The short way costs one command and two new strings a job: this loop decides how fast jobs are stored.
local prefix, pcall = base .. 'job:', redis.pcall
for i = 3, #args, each do
  local id, body = args[i], args[i + 1]
  if rules_at[i] then
    local other = schedule(id, body, rules_at[i])
    if other then skip(i, other) end
  elseif pcall('HSETNX', prefix .. id, 'b', stamp .. body) == 1 then
    make_ready(string.sub(body, 1, 1), id)
    stored = stored + 1
  else
    skip(i, id)
  end
end

for list, ids in pairs(ready) do
  if call('LPUSH', base .. 'queued:' .. list, unpack(ids)) == #ids then bell = true end
end
if stored > 0 then call('HINCRBY', base .. 'totals', 'enqueued', stored) end
if bell then ring() end
return skipped
