-- due: makes jobs ready whose time has come. Part of reserve; at most 100 jobs per place and call, fewer if they are large.
--
--   scheduled (also awaiting a signal) | retrying | unclaimed -> queued
--
-- needs: places, record, signals

local function make_due_ready(now)
  local more, bytes = false, 0
  for _, later in ipairs(LATER) do
    local jobs = call('ZRANGEBYSCORE', base .. later.place, '-inf', now, 'LIMIT', 0, 100)
    for _, job in ipairs(jobs) do
      if bytes >= MOST_BYTES then return true end
      local f = read(job, 'b', 'l')
      bytes = bytes + #(f.b or '')
      if later.place == 'awaiting' and f.b then end_wait(job) end
      make_ready(job, f.b, f.l)
      leave_later(job, later.place)
    end
    more = more or #jobs == 100
  end
  return more
end
