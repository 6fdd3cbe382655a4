-- note: keeps progress and the results of durable steps of running jobs. Nothing is written without lease and claim.
--
-- ARGV[2]   worker
-- ARGV[3…]  per note: id, claim, field (`p` or `s:<step>`), value
-- returns   ids that were refused

local now, worker = now_ms(), ARGV[2]
local lease = call('ZSCORE', base .. 'workers', worker)
local valid = lease and tonumber(lease) > now
local refused = {}
for i = 3, #ARGV, 4 do
  local id, claim, field, value = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  if valid and call('HGET', base .. 'claims:' .. worker, id) == claim then
    redis.pcall('HSET', job(id), field, value)
    if field == 'p' then call('PUBLISH', base .. 'progress', id .. ' ' .. value) end
  else
    refused[#refused + 1] = id
  end
end
return refused
