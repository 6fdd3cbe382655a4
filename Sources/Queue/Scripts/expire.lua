-- expire: waiting jobs whose time is up end. Part of reserve; at most 100 a call.
--
--   scheduled | queued | retrying -> expired
--
-- Only waiting jobs stand in `expiring`: reserve takes them out, settle and rescue put them back.

local function expire(id, now)
  local attempts = counts(read(id, 'a')[1])
  end_job(id, 'expired', now, attempts .. '|0', '-', '{"type":"Expired","message":"not started in time","retryable":false}')
end

local function end_expired(now)
  local ids = call('ZRANGEBYSCORE', base .. 'expiring', '-inf', now, 'LIMIT', 0, 100)
  if #ids == 0 then return false end
  call('ZREM', base .. 'expiring', unpack(ids))
  for _, id in ipairs(ids) do
    local state, place = state_of(id)
    if state == 'scheduled' or state == 'queued' or state == 'retrying' then
      withdraw(id, place)
      expire(id, now)
    end
  end
  return #ids == 100
end
