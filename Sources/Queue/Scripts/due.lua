-- due: what has waited long enough becomes ready. Part of reserve; at most 100 ids a place and call.
--
--   scheduled | retrying | unclaimed -> queued

local function make_due_ready(now)
  local more = false
  for _, place in ipairs({ 'scheduled', 'retrying', 'unclaimed' }) do
    local ids = call('ZRANGEBYSCORE', base .. place, '-inf', now, 'LIMIT', 0, 100)
    if #ids > 0 then
      call('ZREM', base .. place, unpack(ids))
      for _, id in ipairs(ids) do
        call('LPUSH', base .. 'queued:' .. list_of(read(id, 'b')[1]), id)
      end
      more = more or #ids == 100
    end
  end
  return more
end
