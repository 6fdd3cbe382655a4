-- caps: how much may wait. What exceeds a cap is refused when it is enqueued, and then nothing of the call is stored.
--
-- needs: prelude
--
-- meta  maxWaiting  how many jobs of the queue may wait: now, for their time, for their next attempt, at gates,
--                   for their turn in a sequence
--       maxBytes    how many bytes the bodies of its jobs may have that have not ended
--       capped      1 if one of these is set
--       liveBytes   the bytes of these bodies, kept also without a cap. Wrong after damage until nothing waits or runs
-- Tenants and limits have caps of their own (tenants.lua, limits.lua).

local function jobs_waiting()
  local parked, following = unpack(call('HMGET', base .. 'meta', 'parked', 'following'))
  local sum = tonumber(parked or 0) + tonumber(following or 0) - call('SCARD', base .. 'tombstones')
  for priority = 0, 3 do sum = sum + call('LLEN', list(priority)) + call('ZCARD', base .. 'fair:' .. priority) end
  for _, place in ipairs({ 'scheduled', 'retrying', 'unclaimed', 'awaiting' }) do sum = sum + call('ZCARD', base .. place) end
  return sum
end

-- The refusal of so many new jobs with so many bytes; nil if they fit.
local function refusal(jobs, bytes)
  local most, most_bytes, live = unpack(call('HMGET', base .. 'meta', 'maxWaiting', 'maxBytes', 'liveBytes'))
  most, most_bytes = tonumber(most or 0), tonumber(most_bytes or 0)
  if jobs > 0 and most > 0 and jobs_waiting() + jobs > most then
    return redis.error_reply('CAP maxWaiting ' .. whole(most))
  elseif jobs > 0 and most_bytes > 0 and tonumber(live or 0) + bytes > most_bytes then
    return redis.error_reply('CAP maxBytes ' .. whole(most_bytes))
  end
end
