-- leaving: the only way out of `running` for a job that has not ended; used by settle, leave and rescue.
--
-- needs: ending, places, record

-- A running job with its counts from before this attempt: { b, attempt, failures, crashes, losses, wants_cancel, l }.
local function running(job, claim)
  local f = read(job, 'b', 'a', 'cancel', 'l')
  local _, failures, crashes, losses = counts(f.a)
  return { b = f.b, attempt = attempt_of(claim), failures = failures, crashes = crashes, losses = losses,
    wants_cancel = f.cancel, l = f.l }
end

-- Puts back a job whose claim is deleted or about to be: to the head of its list, or into a place where it waits. A job
-- with a requested cancellation is cancelled instead; one without a readable record dies.
--
--   run    what `running` returned, with updated counts
--   place  '' for the head of its list, otherwise 'retrying' or 'unclaimed', where it waits until `till` (ms)
local function leave_running(job, claim, worker, now, run, place, till)
  if not run.b then return end_damaged(job, now) end
  write_counts(job, run.attempt, run.failures, run.crashes, run.losses)
  if run.wants_cancel then
    return end_job(job, 'cancelled', now, claim, worker, failure('cancelled', 'cancelled while it ran', false))
  end
  if run.l then free_places(job, run.l) end
  mind_expiry(job)
  if place == '' then make_ready(job, run.b, run.l, true) else put_off(job, place, till) end
end

-- Forgets a worker that holds no more claims.
local function drop_worker(worker)
  call('ZREM', base .. 'workers', worker)
  call('ZREM', base .. 'suspects', worker)
  call('DEL', base .. 'worker:' .. worker, base .. 'cancels:' .. worker)
  call('HDEL', base .. 'meta', 'recalled:' .. worker)
end
