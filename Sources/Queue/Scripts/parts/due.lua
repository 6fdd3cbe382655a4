-- due: what has waited long enough becomes ready. Part of reserve; at most 100 jobs a place and call, fewer large ones.
--
--   scheduled | retrying | unclaimed -> queued
--
-- needs: places, record

local function make_due_ready(now)
  local more, bytes = false, 0
  for _, later in ipairs(LATER) do
    local jobs = call('ZRANGEBYSCORE', base .. later.place, '-inf', now, 'LIMIT', 0, 100)
    for _, job in ipairs(jobs) do
      if bytes >= MOST_BYTES then return true end
      local b = read(job, 'b').b
      bytes = bytes + #(b or '')
      push(job, b)
      call('ZREM', base .. later.place, job)
    end
    more = more or #jobs == 100
  end
  return more
end
