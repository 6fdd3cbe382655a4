-- enqueue: stores jobs and makes them ready, or keeps them for later.
--
--   (new) -> queued | scheduled
--
-- ARGV[2…]  per job: id, rules, body
--           rules  '' on the short way, else JSON: due | delay (ms), expiresAt | ttl (ms), key, keyPeriod (ms)
--           body   all of `b` (record.lua) but its leading time
-- effect    a job whose id is known already is left alone: the script may be repeated after a lost reply
-- returns   per job that was not stored: its position (from 1) and the id that stands for it

local now = now_ms()
local stamp = string.format('%d ', now)
local ready, skipped, stored, bell = {}, {}, 0, false

-- Rules are read before anything is written: a script that fails half-way would lose the jobs that it has stored.
local function is_ms(value) return value == nil or type(value) == 'number' and value >= 0 and value < 1e15 end

local rules_at = {}
for i = 3, #ARGV, 3 do
  if ARGV[i] ~= '' then
    local rules = cjson.decode(ARGV[i])
    if type(rules) ~= 'table' or not (is_ms(rules.due) and is_ms(rules.delay) and is_ms(rules.keyPeriod))
      or rules.key ~= nil and type(rules.key) ~= 'string' then
      return redis.error_reply('INVALID rules of job ' .. ARGV[i - 1])
    end
    rules_at[i] = rules
  end
end

local function schedule(id, rules, body)
  -- An error means a key of another type: somebody overwrote the record, and the id is taken.
  if redis.pcall('HEXISTS', job(id), 'b') ~= 0 then return id end
  local other = rules.key and holder_of_key(rules.key)
  if other then return other end
  local b = stamp .. body
  call('HSET', job(id), 'b', b)
  stored = stored + 1
  if rules.key then
    hold_key(id, rules.key, rules.keyPeriod)
  end
  if mind_expiry(id, b) then bell = true end
  local due = rules.due or (rules.delay and now + rules.delay) or 0
  if due > now then
    call('ZADD', base .. 'scheduled', due, id)
    bell = true
  else
    local list = string.sub(body, 1, 1)
    ready[list] = ready[list] or {}
    table.insert(ready[list], id)
  end
end

for i = 2, #ARGV, 3 do
  local id, body = ARGV[i], ARGV[i + 2]
  if ARGV[i + 1] ~= '' then
    local other = schedule(id, rules_at[i + 1], body)
    if other then
      skipped[#skipped + 1] = (i + 1) / 3
      skipped[#skipped + 1] = other
    end
  elseif redis.pcall('HSETNX', job(id), 'b', stamp .. body) == 1 then
    local list = string.sub(body, 1, 1)
    local ids = ready[list]
    if ids then ids[#ids + 1] = id else ready[list] = { id } end
    stored = stored + 1
  else
    skipped[#skipped + 1] = (i + 1) / 3
    skipped[#skipped + 1] = id
  end
end

for list, ids in pairs(ready) do
  if call('LPUSH', base .. 'queued:' .. list, unpack(ids)) == #ids then bell = true end
end
if stored > 0 then call('HINCRBY', base .. 'totals', 'enqueued', stored) end
if bell then ring() end
return skipped
