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
-- reserve: hands ready jobs to a worker, after the housekeeping when there may be some to do (look.lua).
--
--   queued -> running, highest priority first, oldest first
--
-- ARGV[2]   worker
-- ARGV[3]   how many jobs it has room for, 0 to 1,000; it gets fewer when their bodies together exceed MOST_BYTES
-- ARGV[4]   crashes until a job is dead
-- ARGV[5-8] keep ended jobs for ms, up to bytes; keep dead jobs for ms, up to bytes
-- ARGV[9]   how often this worker has recalled its jobs; a reserve from before that is refused
-- effect    one HSET claims:<worker> job -> `<attempt>|<now>` for all; that entry is the fence of every later write
-- returns   { now, ms until there is housekeeping to do (0: at once), then per job: job, b, and `<claim> <a>`, or '' where it
--             has no a: then the claim is `1|<now>` }
--           or the error LAPSED: the worker has no lease (any more) and gets nothing
--           or the error STALE: the worker has given this call up and recalled what it holds

local now, worker, room = now_ms(), ARGV[2], math.min(tonumber(ARGV[3]), 1000)
local lease = call('ZSCORE', base .. 'workers', worker)
if not lease or tonumber(lease) <= now then return redis.error_reply('LAPSED no lease for worker ' .. worker) end
local meta = call('HMGET', base .. 'meta', 'paused', 'recalled:' .. worker, 'quietUntil', 'doneBytes', 'doneSince',
  'deadBytes', 'deadSince')
if meta[2] and tonumber(ARGV[9]) < tonumber(meta[2]) then
  return redis.error_reply('STALE reserve of worker ' .. worker .. ' from before its recall')
end
if meta[1] then room = 0 end

local reply, claims, taken = { now, 0 }, {}, 0
local started = string.format('|%d', now)
local first = '1' .. started
local lists = { base .. 'queued:0', base .. 'queued:1', base .. 'queued:2', base .. 'queued:3' }
-- Popped jobs that can't be handed out: their record is damaged, or their time is up.
local odd, buried = {}, 0
local bytes = 0  -- of bodies in the reply

-- Pops until there is no room or no job. What can't be handed out takes no room: a list is left only when it is empty,
-- else jobs behind it would wait for nobody. `graves`: look for tombstones.
local function take(graves)
  while taken < room and buried < 1000 and bytes < MOST_BYTES do
    local popped = call('LMPOP', 4, lists[1], lists[2], lists[3], lists[4], 'RIGHT', 'COUNT', room - taken)
    if not popped then return end
    for k, job in ipairs(popped[2]) do
      if bytes >= MOST_BYTES then
        for back = #popped[2], k, -1 do call('RPUSH', popped[1], popped[2][back]) end
        return
      elseif graves and call('SREM', base .. 'tombstones', job) == 1 then
        buried = buried + 1
      else
        local f = redis.pcall('HMGET', job, 'b', 'a', 'x')
        if overwritten(f) or not f[1] or f[1] == '' or f[3] and (tonumber(f[3]) or now + 1) <= now then
          buried = buried + 1
          odd[#odd + 1] = job
        else
          local claim, a = first, f[2]
          if a then claim = (tonumber(string.match(a, '^%d+')) or 0) + 1 .. started end
          claims[2 * taken + 1], claims[2 * taken + 2] = job, claim
          reply[3 * taken + 3], reply[3 * taken + 4], reply[3 * taken + 5] = job, f[1], a and claim .. ' ' .. a or ''
          taken, bytes = taken + 1, bytes + #f[1]
          if f[3] then call('ZREM', base .. 'expiring', job) end
        end
      end
    end
  end
end

local function hand_over(more)
  if bytes >= MOST_BYTES and taken < room then more, reply[2] = true, 0 end
  if taken > 0 then call('HSET', base .. 'claims:' .. worker, unpack(claims)) end
  if more or taken > 0 and taken == room then ring() end
  return reply
end

local function is_over(bytes, limit, since, age)
  return tonumber(bytes or 0) > tonumber(limit) or since and tonumber(since) <= now - tonumber(age)
end

if meta[3] and now < tonumber(meta[3]) and not is_over(meta[4], ARGV[6], meta[5], ARGV[5])
  and not is_over(meta[6], ARGV[8], meta[7], ARGV[7]) then
  take()
  reply[2] = tonumber(meta[3]) - now
  if #odd == 0 then return hand_over() end
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
-- expire: waiting jobs whose time is up end. Part of reserve, at most 100 a call; and of schedule, when such a job holds an
-- idempotency key that another job wants.
--
--   scheduled | queued | retrying -> expired
--
-- Only waiting jobs stand in `expiring`: reserve takes them out, settle and rescue put them back.

local function expire(job, now)
  local attempts = counts(read(job, 'a')[1])
  end_job(job, 'expired', now, attempts .. '|0', '-', '{"type":"expired","message":"not started in time","retryable":false}')
end

local function give_up(job, now)
  call('ZREM', base .. 'expiring', job)
  local state, place = state_of(job)
  if state == 'scheduled' or state == 'queued' or state == 'retrying' then
    withdraw(job, place)
    expire(job, now)
  end
end

local function end_expired(now)
  local jobs = call('ZRANGEBYSCORE', base .. 'expiring', '-inf', now, 'LIMIT', 0, 100)
  for _, job in ipairs(jobs) do give_up(job, now) end
  return #jobs == 100
end
-- due: what has waited long enough becomes ready. Part of reserve; at most 100 jobs a place and call, fewer large ones.
--
--   scheduled | retrying | unclaimed -> queued

local function make_due_ready(now)
  local more, bytes = false, 0
  for _, place in ipairs({ 'scheduled', 'retrying', 'unclaimed' }) do
    local jobs = call('ZRANGEBYSCORE', base .. place, '-inf', now, 'LIMIT', 0, 100)
    for _, job in ipairs(jobs) do
      if bytes >= MOST_BYTES then return true end
      local b = read(job, 'b')[1]
      bytes = bytes + #(b or '')
      call('LPUSH', base .. 'queued:' .. list_of(b), job)
      call('ZREM', base .. place, job)
    end
    more = more or #jobs == 100
  end
  return more
end
-- rescue: what a dead worker held runs elsewhere. Part of reserve; one worker, at most 100 claims a call, fewer large ones.
--
--   running -> queued (at the head) | retrying (second crash and on) | cancelled (if asked for) | dead (`crashed`)
--
-- A crash is not a failure: it has a count of its own, and ends a job that kills its workers. From the second
-- crash on the job waits a little, each another while, so that it meets other neighbours than last time.
--
-- Where Redis has restarted, or another server took over, since the worker's last beat, the lapsed lease says nothing
-- about the worker: that is a loss, no crash. But a job may take the server down with its worker (they share a machine),
-- so after as many losses in a row as it may have crashes, the next ones count as crashes.

-- Whether the server that the worker last spoke to was another one than this.
local function has_moved(worker)
  local info, about = redis.pcall('INFO', 'server'), redis.pcall('GET', base .. 'worker:' .. worker)
  local here = type(info) == 'string' and string.match(info, 'run_id:(%x+)')
  local read, said = pcall(cjson.decode, about)
  local there = read and type(said) == 'table' and said.server
  return here and type(there) == 'string' and there ~= '' and there ~= here
end

local function rescue(now, max_crashes)
  local lost = call('ZRANGEBYSCORE', base .. 'workers', '-inf', now, 'LIMIT', 0, 1)[1]
  if not lost then return false end
  local claims = base .. 'claims:' .. lost
  local held = call('HRANDFIELD', claims, 100, 'WITHVALUES')
  local moved = has_moved(lost)
  local crashed, bytes = 0, 0
  for i = 1, #held, 2 do
    if bytes >= MOST_BYTES then break end
    local job, claim = held[i], held[i + 1]
    call('HDEL', claims, job)
    local f = read(job, 'b', 'a', 'cancel')
    local _, failures, crashes = counts(f[2])
    local losses = tonumber(string.match(f[2] or '', '^%d+ %d+ %d+ (%d+)$') or 0)
    local attempt = attempt_of(claim)
    local is_crash = not moved or losses >= max_crashes
    bytes = bytes + #(f[1] or '')
    if not is_crash then losses = losses + 1 end
    if f[1] and is_crash then
      crashes = crashes + 1
      crashed = crashed + 1
      add_error(job, now, attempt, cjson.encode({ type = 'crashed', retryable = true,
        message = 'worker ' .. lost .. ' died while it ran this job' }))
    end
    if f[1] then
      local a = string.format('%d %d %d', attempt, failures, crashes)
      call('HSET', job, 'a', losses > 0 and a .. ' ' .. losses or a)
    end
    if not f[1] then
      end_damaged(job, now)
    elseif f[3] then
      end_cancelled(job, now, claim, lost)
    elseif is_crash and crashes >= max_crashes then
      end_job(job, 'dead', now, claim, lost, cjson.encode({ type = 'crashed', retryable = false,
        message = string.format('%d workers died while they ran this job; it is not run again by itself', crashes) }))
    elseif is_crash and crashes > 1 or losses > 1 then
      mind_expiry(job)
      local spread = tonumber(string.sub(redis.sha1hex(job .. claim), 1, 6), 16) / 16777216
      put_off(job, 'retrying', now + math.floor((1 + 9 * spread) * 1000))
    else
      mind_expiry(job)
      call('RPUSH', base .. 'queued:' .. list_of(f[1]), job)
    end
  end
  if crashed > 0 then call('HINCRBY', base .. 'totals', 'crashes', crashed) end
  if call('EXISTS', claims) == 0 then
    call('ZREM', base .. 'workers', lost)
    call('DEL', base .. 'worker:' .. lost, base .. 'cancels:' .. lost)
    call('HDEL', base .. 'meta', 'recalled:' .. lost)
  end
  return true
end
-- prune: forgets ended jobs by age and by bytes, oldest first. Part of reserve.
--
--   succeeded | cancelled | expired | dead -> (gone)
--
-- A job that was revived after it had ended still stands in an old entry of `done`: `revived` counts these.
-- A call forgets `pace` entries at most, as many as its reserve hands out jobs at least, so that it keeps up with whatever
-- becomes of these; and no further entry after a thousand jobs.
--
-- `doneSince` and `deadSince` are never later than the oldest end that is kept: before they are old enough, nothing is.

local function keep_since(name, at) call('HSET', base .. 'meta', name, string.format('%d', at)) end

local function prune_done(now, keep_ms, keep_bytes, kept, pace)
  local forgotten = 0
  for _ = 1, pace do
    if forgotten >= 1000 then return true end
    local mark = call('LINDEX', base .. 'done', -1)
    if not mark then
      call('HDEL', base .. 'meta', 'doneSince', 'doneBytes')
      return false
    end
    local state, at, bytes, count = string.match(mark, '^(%a+) (%d+) (%d+) (%d+)$')
    if not state then state, at, bytes, count = 'garbled', 0, 0, 0 end
    if tonumber(at) > now - keep_ms and kept <= keep_bytes then
      keep_since('doneSince', at)
      return false
    end
    call('RPOP', base .. 'done')
    kept = call('HINCRBY', base .. 'meta', 'doneBytes', 0 - tonumber(bytes))
    local revived = call('EXISTS', base .. 'revived') == 1
    local gone = {}
    for _, job in ipairs(call('RPOP', base .. 'done', count) or {}) do
      if revived and call('HGET', base .. 'revived', job) then
        if call('HINCRBY', base .. 'revived', job, -1) == 0 then call('HDEL', base .. 'revived', job) end
      else
        gone[#gone + 1] = job
      end
    end
    forgotten = forgotten + #gone
    if #gone > 0 then
      call('UNLINK', unpack(gone))
      call('HINCRBY', base .. 'totals', 'pruned:' .. state, #gone)
    end
  end
  return true
end

local function forget_dead(job)
  leave_dead(job)
  call('UNLINK', job)
end

local function prune_dead(now, keep_ms, keep_bytes, kept, pace)
  for _ = 1, pace do
    local oldest = call('ZRANGE', base .. 'dead', 0, 0, 'WITHSCORES')
    if not oldest[1] then
      call('HDEL', base .. 'meta', 'deadSince', 'deadBytes')
      return false
    end
    if tonumber(oldest[2]) > now - keep_ms and kept <= keep_bytes then
      keep_since('deadSince', oldest[2])
      return false
    end
    forget_dead(oldest[1])
    kept = tonumber(call('HGET', base .. 'meta', 'deadBytes') or 0)
  end
  return true
end
-- look: the second half of reserve, where something is due, withdrawn, damaged, too old, or held by a dead worker. Until
-- `quietUntil` nothing is, as far as places for later and leases go: then reserve spares itself all of this.

-- What is too late ends before what is due gets into a list, and after what comes back from a dead worker.
local more = rescue(now, tonumber(ARGV[4]))
more = end_expired(now) or more
more = make_due_ready(now) or more
meta = call('HMGET', base .. 'meta', 'doneBytes', 'deadBytes')
local pace = math.max(50, room)
more = prune_done(now, tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(meta[1] or 0), pace) or more
more = prune_dead(now, tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(meta[2] or 0), pace) or more

take(call('EXISTS', base .. 'tombstones') == 1)
for _, job in ipairs(odd) do
  local b = read(job, 'b')[1]
  if not b or b == '' then end_damaged(job, now) else expire(job, now) end
end
more = more or buried >= 1000

local due
for _, place in ipairs({ 'scheduled', 'retrying', 'unclaimed', 'expiring', 'workers' }) do
  local soonest = tonumber(call('ZRANGE', base .. place, 0, 0, 'WITHSCORES')[2])
  if soonest and (not due or soonest < due) then due = soonest end
end
due = math.min(due, now + 86400000)
local restless = more or call('EXISTS', base .. 'tombstones') == 1
call('HSET', base .. 'meta', 'quietUntil', string.format('%d', restless and 0 or due))
reply[2] = more and 0 or math.max(0, due - now)
return hand_over(more)
