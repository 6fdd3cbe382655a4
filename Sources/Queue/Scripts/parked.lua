-- parked: the jobs that wait at gates, one page of them. Only reads.
--
-- flags: no-writes
-- needs: prelude
--
-- ARGV[2]  how many jobs to skip
-- ARGV[3]  how many jobs at most
-- returns  jobs: gate by gate in the order of the keys' names, at most 10,000 gates; at each in the order of the gate

local skip, room, jobs = tonumber(ARGV[2]), tonumber(ARGV[3]), {}
local keys = call('ZRANGE', base .. 'gates', 0, 9999)
table.sort(keys)
for _, key in ipairs(keys) do
  if #jobs == room then break end
  local gate = base .. 'gate:' .. key
  local waiting = call('ZCARD', gate)
  if skip >= waiting then
    skip = skip - waiting
  else
    for _, job in ipairs(call('ZRANGE', gate, skip, skip + room - #jobs - 1)) do jobs[#jobs + 1] = job end
    skip = 0
  end
end
return jobs
