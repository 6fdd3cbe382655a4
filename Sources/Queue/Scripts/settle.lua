-- settle: writes the outcomes of jobs that a worker ran. Writes nothing without lease and claim.
--
--   running -> succeeded | dead | cancelled
--   running -> retrying   after a failure, or snoozed by the job itself; waits for `delay`
--   running -> queued     released: to the head, no failure counted
--   running -> awaiting   it waits for a signal for `delay` at most (signals.lua); queued, at the head, if the signal is there
--   running -> unclaimed  the worker doesn't know the type or its version; offered again after `delay`
--
-- flags: allow-oom
-- needs: filing, lease
-- goes on: settling
--
-- ARGV[2]   worker
-- ARGV[3]   how many jobs succeeded at the first attempt, without steps and links; ARGV[4] the bytes of their `b`
-- ARGV[5…]  each job once; per such job: job, claim, result
--           then per other job: job, claim, outcome, delay, detail
--           outcome succeeded (deletes the stored results of its steps) | failed | dead | cancelled | snoozed | released
--                   | unclaimed | awaiting
--           delay   in ms (failed, snoozed, unclaimed, awaiting)
--           detail  error JSON; for `succeeded` the result; for `snoozed` a key that gives no permit meanwhile, or ''; for
--                   `awaiting` `<ms> <signal>`: a signal that was sent in these last ms counts too
--           a job with a requested cancellation is cancelled instead of running again
-- returns   jobs that were refused: the worker no longer has a claim on them, or its lease has lapsed
--
-- Usually this first half does everything: creating the functions of the other parts costs more than settling a few jobs.

local now, worker, wins = now_ms(), ARGV[2], tonumber(ARGV[3])
local mine = base .. 'claims:' .. worker
local others = 5 + 3 * wins
local valid = lease_of(worker, now)
local won, by = string.format('succeeded %d ', now), ' ' .. worker .. '\n'
local jobs = {}
for i = 1, wins do jobs[i] = ARGV[3 * i + 2] end

-- Forgets the claims on these jobs.
local function drop_claims(gone)
  call('HDEL', mine, unpack(gone))
  if call('EXISTS', base .. 'cancels:' .. worker) == 1 then call('SREM', base .. 'cancels:' .. worker, unpack(gone)) end
end

local function all_are_held()
  local held = call('HMGET', mine, unpack(jobs))
  for i = 1, wins do
    if held[i] ~= ARGV[3 * i + 3] then return false end
  end
  return true
end

-- Only first successes under valid claims, and no job has an idempotency key.
if valid and wins > 0 and others > #ARGV and call('EXISTS', base .. 'keyed') == 0 and all_are_held() then
  local bytes = tonumber(ARGV[4])
  for i = 1, wins do
    local r = won .. ARGV[3 * i + 3] .. by .. ARGV[3 * i + 4]
    write(jobs[i], 'r', r)
    bytes = bytes + #r
  end
  drop_claims(jobs)
  call('HINCRBY', base .. 'meta', 'liveBytes', 0 - ARGV[4])
  file_done('succeeded', now, jobs, bytes)
  count_end('succeeded', now, jobs)
  return {}
end
