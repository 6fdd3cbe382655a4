-- due: what has waited long enough becomes ready. Part of reserve; at most 100 jobs a place and call.
--
--   scheduled | retrying | unclaimed -> queued

local function make_due_ready(now)
  local more = false
  for _, place in ipairs({ 'scheduled', 'retrying', 'unclaimed' }) do
    local jobs = call('ZRANGEBYSCORE', base .. place, '-inf', now, 'LIMIT', 0, 100)
    if #jobs > 0 then
      call('ZREM', base .. place, unpack(jobs))
      for _, job in ipairs(jobs) do
        call('LPUSH', base .. 'queued:' .. list_of(read(job, 'b')[1]), job)
      end
      more = more or #jobs == 100
    end
  end
  return more
end
