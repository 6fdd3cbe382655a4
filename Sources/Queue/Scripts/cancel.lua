-- cancel: a waiting job ends now; a running one is told through its worker, at once and at every beat.
--
--   scheduled | queued | retrying -> cancelled
--   running                       -> running, marked `cancel`
--
-- ARGV[2…]  ids
-- returns   per id the state before, '' for an unknown job

local now = now_ms()
local before = {}
for i = 2, #ARGV do
  local id = ARGV[i]
  local state, place = state_of(id)
  before[i - 1] = state or ''
  if state == 'running' then
    call('HSET', job(id), 'cancel', now)
    call('SADD', base .. 'cancels:' .. place, id)
    call('PUBLISH', base .. 'cancel', place .. ' ' .. id)
  elseif state == 'scheduled' or state == 'queued' or state == 'retrying' then
    withdraw(id, place)
    local attempts = counts(read(id, 'a')[1])
    end_job(id, 'cancelled', now, attempts .. '|0', '-', '{"type":"Cancelled","message":"cancelled before it ran","retryable":false}')
  end
end
return before
