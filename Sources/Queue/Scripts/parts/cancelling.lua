-- cancelling: how one job is cancelled: at once if it waits; its worker is asked if it runs.
--
-- needs: ending

local function cancel_job(job, state, place, now)
  if state == 'running' then
    call('HSET', job, 'cancel', now)
    call('SADD', base .. 'cancels:' .. place, job)
    call('PUBLISH', base .. 'calls:' .. place, job)
  elseif waits(state) then
    end_waiting(job, place, 'cancelled', now, 'cancelled before it ran')
  end
end
