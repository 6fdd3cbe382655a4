-- record: how a job's hash is read and how a job ends. Part of every script that ends or looks at jobs.
--
--   b   `<created ms> <priority 0-3> <type> <version> <options JSON or nothing>\n<arguments>`; written once
--   a   `<attempts> <failures> <crashes>`, from the second attempt on; `0 0 0` where it is missing
--   r   `<state> <ended ms> <attempt>|<started ms> <worker>\n<result or error JSON>`; exists exactly when it has ended
--   e   the last errors, newest first, a line each: `<ms> <attempt> <error JSON>`
--   x   exists once it was brought back by hand: its expiry doesn't count any more

local TYPES = { expiresAt = 'number', ttl = 'number', key = 'string', keyStates = 'string', keyPeriod = 'number' }

-- The options in `b` that scripts look at; one of a wrong type counts as missing.
local function options(b)
  local json = b and string.match(b, '^%d+ %d %S+ %d+ ([^\n]*)\n')
  if not json or json == '' then return {} end
  local read, value = pcall(cjson.decode, json)
  if not read or type(value) ~= 'table' then return {} end
  for name, kind in pairs(TYPES) do
    if type(value[name]) ~= kind or value[name] ~= value[name] then value[name] = nil end
  end
  return value
end

-- When a job that nobody started is given up, in ms; nil for never.
local function expires_at(b)
  local o = options(b)
  return o.expiresAt or (o.ttl and tonumber(string.match(b, '^%d+')) + o.ttl)
end

-- Reads fields of a job. A key that somebody overwrote with another type counts as no record.
local function read(id, ...)
  local f = redis.pcall('HMGET', job(id), ...)
  return f.err and {} or f
end

-- Writes one field, over whatever stands there.
local function write(id, field, value)
  local reply = redis.pcall('HSET', job(id), field, value)
  if type(reply) == 'table' then
    call('DEL', job(id))
    call('HSET', job(id), field, value)
  end
end

-- While a job waits, `expiring` knows when to give it up.
local function mind_expiry(id, b)
  local ends = expires_at(b)
  if ends and call('HEXISTS', job(id), 'x') == 0 then call('ZADD', base .. 'expiring', ends, id) end
  return ends
end

local function list_of(b) return string.match(b or '', '^%d+ ([0-3]) ') or '2' end

local function counts(a)
  local attempts, failures, crashes = string.match(a or '', '^(%d+) (%d+) (%d+)')
  return tonumber(attempts or 0), tonumber(failures or 0), tonumber(crashes or 0)
end

local function attempt_of(claim) return tonumber(string.match(claim, '^%d+') or 0) end

-- What a job's payload and outcome take in memory. Subtract it from 0: to Redis, Lua's -0 is no number.
local function bytes_of(id)
  local sum = 0
  for _, field in ipairs({ 'b', 'r' }) do
    local bytes = redis.pcall('HSTRLEN', job(id), field)
    if type(bytes) == 'number' then sum = sum + bytes end
  end
  return sum
end

-- The worker that holds a claim on the job, and the claim; nil when nobody does.
local function holder(id)
  for _, worker in ipairs(call('ZRANGE', base .. 'workers', 0, -1)) do
    local claim = call('HGET', base .. 'claims:' .. worker, id)
    if claim then return worker, claim end
  end
end

-- Where the id is, is its state. Returns the state and the place.
local function state_of(id)
  local f = read(id, 'b', 'r')
  if f[2] then return string.match(f[2], '^%a+'), 'ended' end
  if not f[1] then return nil end
  for _, place in ipairs({ 'scheduled', 'retrying' }) do
    if call('ZSCORE', base .. place, id) then return place, place end
  end
  if call('ZSCORE', base .. 'unclaimed', id) then return 'queued', 'unclaimed' end
  local worker = holder(id)
  if worker then return 'running', worker end
  return 'queued', 'queued'
end

local function add_error(id, now, attempt, json)
  local lines, bytes = { string.format('%d %d %s', now, attempt, json) }, #json
  for line in string.gmatch(call('HGET', job(id), 'e') or '', '[^\n]+') do
    bytes = bytes + #line
    if #lines == 10 or bytes > 16384 then break end
    lines[#lines + 1] = line
  end
  call('HSET', job(id), 'e', table.concat(lines, '\n'))
end

-- The job that stands for an idempotency key: the last that was stored with it, if it is in one of its states for that.
local function holder_of_key(name)
  local id = redis.pcall('GET', base .. 'key:' .. name)
  local state = type(id) == 'string' and state_of(id)
  if not state then return nil end
  local o = options(call('HGET', job(id), 'b'))
  local held = o.keyStates or 'scheduled queued running retrying'
  if o.key == name and string.find(' ' .. held .. ' ', ' ' .. state .. ' ', 1, true) then return id end
end

local function hold_key(id, name, period_ms)
  if period_ms then
    call('SET', base .. 'key:' .. name, id, 'PX', string.format('%d', math.max(1, math.min(period_ms, 1e14))))
  else
    call('SET', base .. 'key:' .. name, id)
  end
  call('HSET', base .. 'keyed', id, name)
end

-- Gives back the idempotency key of a job that ended, unless the job wants it held in that state.
local function let_go_of_key(id, state, keep_ms)
  local name = call('HGET', base .. 'keyed', id)
  if not name then return end
  call('HDEL', base .. 'keyed', id)
  local key = base .. 'key:' .. name
  if redis.pcall('GET', key) ~= id then return end
  local held = options(call('HGET', job(id), 'b')).keyStates or ''
  if string.find(' ' .. held .. ' ', ' ' .. state .. ' ', 1, true) then
    local left = call('PTTL', key)
    if left < 0 or left > keep_ms then call('PEXPIRE', key, keep_ms) end
  else
    call('DEL', key)
  end
end

-- For how long a job that ended unwell may hold its key; it loses it before when its record is forgotten.
local HOLD_MS = 30 * 86400000

-- Tells whoever listens that jobs have ended. Nobody does most of the time, and then nothing is made up for them:
-- Lua hashes every byte of every string that it makes, which is what scripts spend most of their time on.
local function tell_ended(state, now, ids)
  if call('PUBSUB', 'NUMSUB', base .. 'ended')[2] == 0 then return end
  call('PUBLISH', base .. 'ended', string.format('%s %d ', state, now) .. table.concat(ids, ' '))
end

-- Into `done`: a mark `<state> <ended ms> <bytes> <how many>`, then that many ids; newest at the left.
local function file_done(state, now, ids, bytes)
  call('LPUSH', base .. 'done', string.format('%s %d %d %d', state, now, bytes, #ids), unpack(ids))
  call('HINCRBY', base .. 'totals', state, #ids)
  call('HINCRBY', base .. 'meta', 'doneBytes', bytes)
  tell_ended(state, now, ids)
end

local function file_dead(id, now)
  call('ZADD', base .. 'dead', now, id)
  call('HINCRBY', base .. 'totals', 'dead', 1)
  call('HINCRBY', base .. 'meta', 'deadBytes', bytes_of(id))
  tell_ended('dead', now, { id })
end

local function outcome(state, now, claim, worker, detail)
  return string.format('%s %d ', state, now) .. claim .. ' ' .. worker .. '\n' .. detail
end

-- Ends a job that no worker runs (any more): cancelled, expired, or dead.
local function end_job(id, state, now, claim, worker, detail)
  local r = outcome(state, now, claim, worker, detail)
  write(id, 'r', r)
  call('HDEL', job(id), 'cancel')
  call('ZREM', base .. 'expiring', id)
  let_go_of_key(id, state, HOLD_MS)
  if state == 'dead' then
    file_dead(id, now)
  else
    file_done(state, now, { id }, #r + call('HSTRLEN', job(id), 'b'))
  end
end

-- Takes a waiting job out of its place. A queued id stays in its list, because LREM is O(n); reserve skips it. Only one
-- that had died there in an earlier life, and was forgotten and stored anew, stands there twice: then the later place goes.
local function withdraw(id, place)
  if place ~= 'queued' then
    call('ZREM', base .. place, id)
  elseif call('SADD', base .. 'tombstones', id) == 0 then
    call('LREM', base .. 'queued:' .. list_of(read(id, 'b')[1]), 1, id)
  end
end

-- Ends a job that ran, that somebody wants cancelled, and that would run another time.
local function end_cancelled(id, now, claim, worker)
  end_job(id, 'cancelled', now, claim, worker,
    '{"type":"Cancelled","message":"cancelled while it ran","retryable":false}')
end

-- A job whose record somebody deleted or overwrote can't run: it goes to dead, so that it is seen. It gets an empty
-- payload, so that its id stays taken.
local function end_damaged(id, now)
  if redis.pcall('HSETNX', job(id), 'b', '') ~= 1 then write(id, 'b', '') end
  end_job(id, 'dead', now, '0|0', '-',
    '{"type":"RecordDamaged","message":"the job has no readable record in Redis","retryable":false}')
end
