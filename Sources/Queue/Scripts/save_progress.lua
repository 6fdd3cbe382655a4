-- save_progress: stores the progress and step results of running jobs. Writes nothing without lease and claim.
--
-- flags: allow-oom
-- needs: lease
--
-- ARGV[2]   worker
-- ARGV[3…]  per write: job, claim, field (`p` or `s:<step>`), value
-- returns   jobs that were refused

local now, worker = now_ms(), ARGV[2]
local valid = lease_of(worker, now)
local refused = {}
for i = 3, #ARGV, 4 do
  local job, claim, field, value = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  if valid and call('HGET', base .. 'claims:' .. worker, job) == claim then
    redis.pcall('HSET', job, field, value)
    if field == 'p' then call('PUBLISH', base .. 'progress', job .. ' ' .. value) end
  else
    refused[#refused + 1] = job
  end
end
return refused
