-- rescue: takes over the jobs of a dead worker. Part of reserve; one worker and at most 100 claims per call, fewer if large.
--
--   running -> queued (at the head) | retrying (from the second crash on) | cancelled (if requested) | dead (`crashed`)
--
-- needs: evidence, lease, leaving
--
-- A crash is not a failure: it has its own count, which ends a job that kills its workers. From the second crash on, the job
-- waits a little, a different time for each job, so that it runs beside other jobs than before.
--
-- If nothing shows that the worker died (Redis was restarted, its host is frozen), this is a loss and not a crash. But a job
-- may take the server down with its worker, or freeze its host. So after as many losses in a row as the crash limit, the
-- next ones count as crashes.

local function rescue(now, max_crashes)
  local lost, verdict = condemned(now)
  if not lost then return false end
  local claims = base .. 'claims:' .. lost
  local held = call('HRANDFIELD', claims, 100, 'WITHVALUES')
  local crashed, bytes = 0, 0
  for i = 1, #held, 2 do
    if bytes >= MOST_BYTES then break end
    local job, claim = held[i], held[i + 1]
    call('HDEL', claims, job)
    local run = running(job, claim)
    bytes = bytes + #(run.b or '')
    local is_crash = verdict == DEAD or run.losses >= max_crashes
    if not is_crash then
      run.losses = run.losses + 1
    elseif run.b then
      run.crashes = run.crashes + 1
      crashed = crashed + 1
      add_error(job, now, run.attempt, failure('crashed', 'worker ' .. lost .. ' died while it ran this job', true))
    end
    if run.b and not run.wants_cancel and is_crash and run.crashes >= max_crashes then
      write_counts(job, run.attempt, run.failures, run.crashes, run.losses)
      end_job(job, 'dead', now, claim, lost, failure('crashed',
        run.crashes .. ' workers died while they ran this job; it is not run again by itself', false))
    elseif is_crash and run.crashes > 1 or run.losses > 1 then
      local spread = tonumber(string.sub(redis.sha1hex(job .. claim), 1, 6), 16) / 16777216
      leave_running(job, claim, lost, now, run, 'retrying', now + math.floor((1 + 9 * spread) * 1000))
    else
      leave_running(job, claim, lost, now, run, '')
    end
  end
  if crashed > 0 then call('HINCRBY', base .. 'totals', 'crashes', crashed) end
  if call('EXISTS', claims) == 0 then drop_worker(lost) end
  return true
end
