-- cancel: a waiting job ends now; a running one is told through its worker, at once and at every beat.
--
--   scheduled | queued | retrying -> cancelled
--   running                       -> running, marked `cancel`
--
-- ARGV[2…]  jobs
-- returns   per job the state before, '' for an unknown job

local now = now_ms()
local before = {}
for i = 2, #ARGV do
  local job = ARGV[i]
  local state, place = state_of(job)
  before[i - 1] = state or ''
  if state == 'running' then
    call('HSET', job, 'cancel', now)
    call('SADD', base .. 'cancels:' .. place, job)
    call('PUBLISH', base .. 'cancel', place .. ' ' .. job)
  elseif state == 'scheduled' or state == 'queued' or state == 'retrying' then
    withdraw(job, place)
    local attempts = counts(read(job, 'a')[1])
    end_job(job, 'cancelled', now, attempts .. '|0', '-', '{"type":"cancelled","message":"cancelled before it ran","retryable":false}')
  end
end
return before
