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
-- record: how a job's hash is read and how a job ends. Part of every script that ends or looks at jobs.
--
--   b   `<created ms> <priority 0-3> <type> <version> <options JSON or nothing>\n<arguments>`; written once
--   a   `<attempts> <failures> <crashes>`, from the second attempt on; `0 0 0` where it is missing. A fourth number says
--       how often in a row its worker was lost together with the Redis server (rescue.lua)
--   r   `<state> <ended ms> <attempt>|<started ms> <worker>\n<result or error JSON>`; exists exactly when it has ended
--   e   the last errors, newest first, a line each: `<ms> <attempt> <error JSON>`
--   x   the ms at which it is given up if nobody has started it; gone once it was brought back by hand

local TYPES = { key = 'string', keyStates = 'string', keyPeriod = 'number' }

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

-- Reads fields of a job. A key that somebody overwrote with another type counts as no record.
local function read(job, ...)
  local f = redis.pcall('HMGET', job, ...)
  return overwritten(f) and {} or f
end

-- Writes one field, over whatever stands there.
local function write(job, field, value)
  local reply = redis.pcall('HSET', job, field, value)
  if overwritten(reply) then
    call('DEL', job)
    call('HSET', job, field, value)
  end
end

-- While a job waits, `expiring` knows when to give it up.
local function mind_expiry(job)
  local ends = tonumber(read(job, 'x')[1])
  if not ends or ends ~= ends then return end
  call('ZADD', base .. 'expiring', ends, job)
  quiet_until(ends)
end

-- Keeps a job in a place for later.
local function put_off(job, place, till)
  call('ZADD', base .. place, till, job)
  quiet_until(till)
end

local function list_of(b) return string.match(b or '', '^%d+ ([0-3]) ') or '2' end

local function counts(a)
  local attempts, failures, crashes = string.match(a or '', '^(%d+) (%d+) (%d+)')
  return tonumber(attempts or 0), tonumber(failures or 0), tonumber(crashes or 0)
end

local function attempt_of(claim) return tonumber(string.match(claim, '^%d+') or 0) end

-- What a job takes in memory, with its errors and kept steps. Subtract it from 0: to Redis, Lua's -0 is no number.
local function bytes_of(job)
  local fields, sum = redis.pcall('HKEYS', job), 0
  if overwritten(fields) then return 0 end
  for _, field in ipairs(fields) do sum = sum + call('HSTRLEN', job, field) end
  return sum
end

-- The worker that holds a claim on the job, and the claim; nil when nobody does.
local function holder(job)
  for _, worker in ipairs(call('ZRANGE', base .. 'workers', 0, -1)) do
    local claim = call('HGET', base .. 'claims:' .. worker, job)
    if claim then return worker, claim end
  end
end

-- Where a job is, is its state. Returns the state and the place.
local function state_of(job)
  local r = read(job, 'r')[1]
  if r then return string.match(r, '^%a+'), 'ended' end
  if redis.pcall('HEXISTS', job, 'b') ~= 1 then return nil end
  for _, place in ipairs({ 'scheduled', 'retrying' }) do
    if call('ZSCORE', base .. place, job) then return place, place end
  end
  if call('ZSCORE', base .. 'unclaimed', job) then return 'queued', 'unclaimed' end
  local worker = holder(job)
  if worker then return 'running', worker end
  return 'queued', 'queued'
end

local function add_error(job, now, attempt, json)
  local lines, bytes = { string.format('%d %d %s', now, attempt, json) }, #json
  for line in string.gmatch(call('HGET', job, 'e') or '', '[^\n]+') do
    bytes = bytes + #line
    if #lines == 10 or bytes > 16384 then break end
    lines[#lines + 1] = line
  end
  call('HSET', job, 'e', table.concat(lines, '\n'))
end

-- The job that stands for an idempotency key: the last that was stored with it, if it is in one of its states for that.
local function holder_of_key(name)
  local job = redis.pcall('GET', base .. 'key:' .. name)
  local state = type(job) == 'string' and state_of(job)
  if not state then return nil end
  local o = options(call('HGET', job, 'b'))
  local held = o.keyStates or 'scheduled queued running retrying'
  if o.key == name and string.find(' ' .. held .. ' ', ' ' .. state .. ' ', 1, true) then return job end
end

local function hold_key(job, name, period_ms)
  if period_ms then
    call('SET', base .. 'key:' .. name, job, 'PX', string.format('%d', math.max(1, math.min(period_ms, 1e14))))
  else
    call('SET', base .. 'key:' .. name, job)
  end
  call('HSET', base .. 'keyed', job, name)
end

-- Gives back the idempotency key of a job that ended, unless the job wants it held in that state.
local function let_go_of_key(job, state, keep_ms)
  local name = call('HGET', base .. 'keyed', job)
  if not name then return end
  call('HDEL', base .. 'keyed', job)
  local key = base .. 'key:' .. name
  if redis.pcall('GET', key) ~= job then return end
  local held = options(call('HGET', job, 'b')).keyStates or ''
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
local function tell_ended(state, now, jobs)
  if call('PUBSUB', 'NUMSUB', base .. 'ended')[2] == 0 then return end
  call('PUBLISH', base .. 'ended', string.format('%s %d ', state, now) .. table.concat(jobs, ' '))
end

-- Into `done`: a mark `<state> <ended ms> <bytes> <how many>`, then that many jobs; newest at the left.
local function file_done(state, now, jobs, bytes)
  local length = call('LPUSH', base .. 'done', string.format('%s %d %d %d', state, now, bytes, #jobs), unpack(jobs))
  if length == #jobs + 1 then call('HSET', base .. 'meta', 'doneSince', string.format('%d', now)) end
  call('HINCRBY', base .. 'totals', state, #jobs)
  call('HINCRBY', base .. 'meta', 'doneBytes', bytes)
  tell_ended(state, now, jobs)
end

local function leave_dead(job)
  call('HINCRBY', base .. 'meta', 'deadBytes', 0 - bytes_of(job))
  call('ZREM', base .. 'dead', job)
  if call('EXISTS', base .. 'dead') == 0 then call('HDEL', base .. 'meta', 'deadBytes', 'deadSince') end
end

local function file_dead(job, now)
  call('ZADD', base .. 'dead', now, job)
  local since = call('HGET', base .. 'meta', 'deadSince')
  if not since or tonumber(since) > now then call('HSET', base .. 'meta', 'deadSince', string.format('%d', now)) end
  call('HINCRBY', base .. 'totals', 'dead', 1)
  call('HINCRBY', base .. 'meta', 'deadBytes', bytes_of(job))
  tell_ended('dead', now, { job })
end

local function outcome(state, now, claim, worker, detail)
  return string.format('%s %d ', state, now) .. claim .. ' ' .. worker .. '\n' .. detail
end

-- Ends a job that no worker runs (any more): cancelled, expired, or dead.
local function end_job(job, state, now, claim, worker, detail)
  write(job, 'r', outcome(state, now, claim, worker, detail))
  call('HDEL', job, 'cancel')
  call('ZREM', base .. 'expiring', job)
  let_go_of_key(job, state, HOLD_MS)
  if state == 'dead' then
    file_dead(job, now)
  else
    file_done(state, now, { job }, bytes_of(job))
  end
end

-- Takes a waiting job out of its place. A queued one stays in its list, because LREM is O(n); reserve skips it. Only one
-- that had died there in an earlier life, and was forgotten and stored anew, stands there twice: then the later place goes.
local function withdraw(job, place)
  if place ~= 'queued' then
    call('ZREM', base .. place, job)
  elseif call('SADD', base .. 'tombstones', job) == 0 then
    call('LREM', base .. 'queued:' .. list_of(read(job, 'b')[1]), 1, job)
  else
    quiet_until(0)
  end
end

-- Ends a job that ran, that somebody wants cancelled, and that would run another time.
local function end_cancelled(job, now, claim, worker)
  end_job(job, 'cancelled', now, claim, worker,
    '{"type":"cancelled","message":"cancelled while it ran","retryable":false}')
end

-- A job whose record somebody deleted or overwrote can't run: it goes to dead, so that it is seen. It gets an empty
-- payload, so that its id stays taken.
local function end_damaged(job, now)
  if redis.pcall('HSETNX', job, 'b', '') ~= 1 then write(job, 'b', '') end
  end_job(job, 'dead', now, '0|0', '-',
    '{"type":"damaged","message":"the job has no readable record in Redis","retryable":false}')
end
-- leave: a worker gives its lease back. What it still held goes to the head of its queue; no crash is counted.
--
--   running -> queued | cancelled (if asked for)
--
-- ARGV[2]  worker
-- returns  how many jobs went back in this call, 1,000 at most, fewer large ones: repeat until 0

local now, worker = now_ms(), ARGV[2]
local claims = base .. 'claims:' .. worker
local held = call('HRANDFIELD', claims, 1000, 'WITHVALUES')
local back, bytes = 0, 0
for i = 1, #held, 2 do
  if bytes >= MOST_BYTES then break end
  local job, claim = held[i], held[i + 1]
  local f = read(job, 'b', 'a', 'cancel')
  local _, failures, crashes = counts(f[2])
  call('HDEL', claims, job)
  back, bytes = back + 1, bytes + #(f[1] or '')
  if f[1] then call('HSET', job, 'a', string.format('%d %d %d', attempt_of(claim), failures, crashes)) end
  if not f[1] then
    end_damaged(job, now)
  elseif f[3] then
    end_cancelled(job, now, claim, worker)
  else
    mind_expiry(job)
    call('RPUSH', base .. 'queued:' .. list_of(f[1]), job)
  end
end
ring()  -- for whatever this worker was woken for and did not take
if call('EXISTS', claims) == 0 then
  call('ZREM', base .. 'workers', worker)
  call('DEL', base .. 'worker:' .. worker, base .. 'cancels:' .. worker)
  call('HDEL', base .. 'meta', 'recalled:' .. worker)
end
return back
