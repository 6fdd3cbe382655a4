-- leaving: the one way out of `running` for a job that has not ended. settle, leave and rescue take it.
--
-- needs: ending, places, record

-- A job that runs, as it was before this attempt: { b, attempt, failures, crashes, losses, wants_cancel }.
local function running(job, claim)
  local f = read(job, 'b', 'a', 'cancel')
  local _, failures, crashes, losses = counts(f.a)
  return { b = f.b, attempt = attempt_of(claim), failures = failures, crashes = crashes, losses = losses,
    wants_cancel = f.cancel }
end

-- Puts a job back whose claim is gone or about to go: at the head of its list, or into a place for later. One that
-- somebody wants cancelled is cancelled instead; one without a readable record dies.
--
--   run    what `running` gave, with its counts as they are now
--   place  '' for the head of its list, else 'retrying' or 'unclaimed', with the ms until which it waits there
local function leave_running(job, claim, worker, now, run, place, till)
  if not run.b then return end_damaged(job, now) end
  write_counts(job, run.attempt, run.failures, run.crashes, run.losses)
  if run.wants_cancel then
    return end_job(job, 'cancelled', now, claim, worker, failure('cancelled', 'cancelled while it ran', false))
  end
  mind_expiry(job)
  if place == '' then push(job, run.b, true) else put_off(job, place, till) end
end
