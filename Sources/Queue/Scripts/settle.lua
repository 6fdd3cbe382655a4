-- settle: writes what became of jobs that a worker ran. Nothing is written without lease and claim.
--
--   running -> succeeded | dead | cancelled
--   running -> retrying   after a failure, or put off by the job itself; waits for `delay`
--   running -> queued     released: at the head, no failure counted
--   running -> unclaimed  the worker doesn't know the type or its version; offered again after `delay`
--
-- ARGV[2]   worker
-- ARGV[3]   ms to hold keys that outlive their job
-- ARGV[4]   how many jobs succeeded at the first attempt and without steps, ARGV[5] bytes of their `b`
-- ARGV[6…]  each job once; per job of these: job, claim, result JSON
--           then per other job: job, claim, verb, delay, detail
--           verb    succeeded (drops the kept results of its steps) | failed | dead | cancelled | snoozed | released
--                   | unclaimed
--           delay   in ms (failed, snoozed, unclaimed)
--           detail  error JSON, for `succeeded` the result
--           a job that somebody wants cancelled is, instead of running another time
-- returns   jobs that were refused: somebody else has them, or the worker's lease lapsed

local now, worker, keep_ms = now_ms(), ARGV[2], tonumber(ARGV[3])
local mine = base .. 'claims:' .. worker
local wins = tonumber(ARGV[4])
local others = 6 + 3 * wins
local jobs = {}
for i = 1, wins do jobs[i] = ARGV[3 * i + 3] end
for i = others, #ARGV, 5 do jobs[#jobs + 1] = ARGV[i] end

local lease = call('ZSCORE', base .. 'workers', worker)
local valid = lease and tonumber(lease) > now
local held = valid and call('HMGET', mine, unpack(jobs)) or {}
local keyed = call('EXISTS', base .. 'keyed') == 1
local refused, gone, succeeded, bytes, failed = {}, {}, {}, tonumber(ARGV[5]), 0
local won, by = string.format('succeeded %d ', now), ' ' .. worker .. '\n'

-- Said before, and the reply was lost? Then it is settled, not refused: while its lease holds, a worker loses a claim by
-- settling it and in no other way.
local function refuse(job, claim)
  local f = read(job, 'r', 'a')
  local said = f[1] and string.find(f[1], ' ' .. claim .. by, 1, true) or valid and counts(f[2]) >= attempt_of(claim)
  if not said then refused[#refused + 1] = job end
end

local function succeed(job, claim, result)
  local r = won .. claim .. by .. result
  write(job, 'r', r)
  gone[#gone + 1] = job
  succeeded[#succeeded + 1] = job
  bytes = bytes + #r
  if keyed then let_go_of_key(job, 'succeeded', keep_ms) end
end

local function drop_steps(job)
  for _, field in ipairs(redis.pcall('HKEYS', job)) do
    if string.sub(field, 1, 2) == 's:' then call('HDEL', job, field) end
  end
end

local function die(job, claim, detail)
  local attempt, _, failures, crashes = attempt_of(claim), counts(read(job, 'a')[1])
  failed = failed + 1
  write(job, 'a', string.format('%d %d %d', attempt, failures + 1, crashes))
  add_error(job, now, attempt, detail)
  end_job(job, 'dead', now, claim, worker, detail)
end

local function unended(job, claim, verb, delay, detail)
  local attempt = attempt_of(claim)
  local f = read(job, 'a', 'b', 'cancel')
  if not f[2] then return end_damaged(job, now) end
  local _, failures, crashes = counts(f[1])
  if verb == 'failed' then
    failures, failed = failures + 1, failed + 1
    add_error(job, now, attempt, detail)
  end
  call('HSET', job, 'a', string.format('%d %d %d', attempt, failures, crashes))
  if f[3] then return end_cancelled(job, now, claim, worker) end
  mind_expiry(job)
  if verb == 'released' then
    call('RPUSH', base .. 'queued:' .. list_of(f[2]), job)
  else
    put_off(job, verb == 'unclaimed' and 'unclaimed' or 'retrying', now + delay)
  end
  ring()
end

for i = 1, wins do
  local claim = ARGV[3 * i + 4]
  if held[i] == claim then succeed(jobs[i], claim, ARGV[3 * i + 5]) else refuse(jobs[i], claim) end
end
for i = others, #ARGV, 5 do
  local k = wins + (i - others) / 5 + 1
  local job, claim, verb, detail = jobs[k], ARGV[i + 1], ARGV[i + 2], ARGV[i + 4]
  if held[k] ~= claim then
    refuse(job, claim)
  elseif verb == 'succeeded' then
    drop_steps(job)
    bytes = bytes + bytes_of(job)
    succeed(job, claim, detail)
  else
    gone[#gone + 1] = job
    if verb == 'dead' then
      die(job, claim, detail)
    elseif verb == 'cancelled' then
      local _, failures, crashes = counts(read(job, 'a')[1])
      write(job, 'a', string.format('%d %d %d', attempt_of(claim), failures, crashes))
      end_job(job, 'cancelled', now, claim, worker, detail)
    else
      unended(job, claim, verb, tonumber(ARGV[i + 3]), detail)
    end
  end
end

if #gone > 0 then
  call('HDEL', mine, unpack(gone))
  if call('EXISTS', base .. 'cancels:' .. worker) == 1 then call('SREM', base .. 'cancels:' .. worker, unpack(gone)) end
end
if #succeeded > 0 then file_done('succeeded', now, succeeded, bytes) end
if failed > 0 then call('HINCRBY', base .. 'totals', 'failedAttempts', failed) end
return refused
