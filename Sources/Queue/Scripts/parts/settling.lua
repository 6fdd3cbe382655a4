-- settling: the second half of settle: all outcomes, and claims that are gone.
--
-- needs: leaving, signals
-- from settle: by, drop_claims, jobs, mine, now, others, valid, wins, won, worker

for i = others, #ARGV, 5 do jobs[#jobs + 1] = ARGV[i] end

local held = valid and call('HMGET', mine, unpack(jobs)) or {}
local refused, gone, succeeded, linked, bytes, failed, bodies = {}, {}, {}, {}, 0, 0, 0

-- Checked before anything is written.
for i = others, #ARGV, 5 do
  if ARGV[i + 2] == 'awaiting' and not string.find(ARGV[i + 4], '^%d+ %S+$') then
    return redis.error_reply('INVALID wait of job ' .. ARGV[i])
  end
end

-- If the outcome was written before and only the reply was lost, the job is settled, not refused: while its lease holds, a
-- worker loses a claim only by settling it.
local function refuse(job, claim)
  local f = read(job, 'r', 'a')
  local written = f.r and string.find(f.r, ' ' .. claim .. by, 1, true) or valid and counts(f.a) >= attempt_of(claim)
  if not written then refused[#refused + 1] = job end
end

local function succeed(job, claim, result)
  bodies = bodies + body_bytes(job)
  write(job, 'r', won .. claim .. by .. result)
  gone[#gone + 1] = job
  succeeded[#succeeded + 1] = job
  bytes = bytes + bytes_of(job)
end

-- With the signals that were kept for the job, and its waits.
local function drop_steps(job)
  for _, field in ipairs(redis.pcall('HKEYS', job)) do
    if field == 'w' or string.find(field, '^[sg]:') then call('HDEL', job, field) end
  end
end

local function unsuccessful(job, claim, outcome, delay, detail)
  local run = running(job, claim)
  run.losses = 0
  local ends = outcome == 'dead' or outcome == 'cancelled'
  local has_failed = outcome == 'dead' or outcome == 'failed' and run.b
  if has_failed then run.failures, failed = run.failures + 1, failed + 1 end
  if ends then write_counts(job, run.attempt, run.failures, run.crashes) end
  if has_failed then add_error(job, now, run.attempt, detail) end
  if ends then return end_job(job, outcome, now, claim, worker, detail) end
  local place = outcome == 'released' and '' or outcome == 'unclaimed' and 'unclaimed' or 'retrying'
  if outcome == 'snoozed' and detail ~= '' then pause_key(detail, now + delay, now) end
  local till, name = now + delay
  if outcome == 'awaiting' and run.b and not run.wants_cancel then
    place, till, name = wait_for_signal(job, claim, delay, detail, now)
  end
  leave_running(job, claim, worker, now, run, place, till)
  if name then await(job, name) end
  ring()
end

for i = 1, wins do
  local claim = ARGV[3 * i + 3]
  if held[i] == claim then succeed(jobs[i], claim, ARGV[3 * i + 4]) else refuse(jobs[i], claim) end
end
for i = others, #ARGV, 5 do
  local k = wins + (i - others) / 5 + 1
  local job, claim, outcome, detail = jobs[k], ARGV[i + 1], ARGV[i + 2], ARGV[i + 4]
  if held[k] ~= claim then
    refuse(job, claim)
  elseif outcome == 'succeeded' then
    drop_steps(job)
    succeed(job, claim, detail)
    if is_linked(claim) then linked[#linked + 1] = job end
  else
    gone[#gone + 1] = job
    unsuccessful(job, claim, outcome, tonumber(ARGV[i + 3]), detail)
  end
end

if #gone > 0 then drop_claims(gone) end
if #succeeded > 0 then after_end('succeeded', now, succeeded, bytes, bodies) end
for _, job in ipairs(linked) do follow(job, 'succeeded', now) end
if failed > 0 then call('HINCRBY', base .. 'totals', 'failedAttempts', failed) end
return refused
