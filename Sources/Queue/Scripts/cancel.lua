-- cancel: ends waiting jobs at once; asks the worker of a running job to cancel it, now and with every beat.
--
--   scheduled | queued | retrying -> cancelled
--   running                       -> running, marked `cancel`
--
-- flags: allow-oom
-- needs: cancelling
--
-- ARGV[2…]  jobs
-- returns   per job its state before, '' for an unknown job

local now = now_ms()
local before = {}
for i = 2, #ARGV do
  local job = ARGV[i]
  local state, place = state_of(job)
  before[i - 1] = state or ''
  cancel_job(job, state, place, now)
end
return before
