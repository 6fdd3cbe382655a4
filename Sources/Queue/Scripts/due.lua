-- due: what has waited long enough becomes ready. Part of reserve; at most 100 jobs a place and call, fewer large ones.
--
--   scheduled | retrying | unclaimed -> queued

local function make_due_ready(now)
  local more, bytes = false, 0
  for _, place in ipairs({ 'scheduled', 'retrying', 'unclaimed' }) do
    local jobs = call('ZRANGEBYSCORE', base .. place, '-inf', now, 'LIMIT', 0, 100)
    for _, job in ipairs(jobs) do
      if bytes >= MOST_BYTES then return true end
      local b = read(job, 'b')[1]
      bytes = bytes + #(b or '')
      call('LPUSH', base .. 'queued:' .. list_of(b), job)
      call('ZREM', base .. place, job)
    end
    more = more or #jobs == 100
  end
  return more
end
