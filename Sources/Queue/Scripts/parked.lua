-- parked: the jobs that wait at gates, then those that wait for their turn in a sequence, one page of them. Only reads.
--
-- flags: no-writes
-- needs: sequences
--
-- ARGV[2]  how many jobs to skip
-- ARGV[3]  how many jobs at most
-- returns  jobs: gate by gate in the order of the keys' names, at most 10,000 gates and 10,000 sequences; at each in its order

local skip, room, jobs = tonumber(ARGV[2]), tonumber(ARGV[3]), {}

local function add(prefix, keys)
  table.sort(keys)
  for i = 1, math.min(#keys, 10000) do
    if #jobs == room then return end
    local set = base .. prefix .. keys[i]
    local waiting = call('ZCARD', set)
    if skip >= waiting then
      skip = skip - waiting
    else
      for _, job in ipairs(call('ZRANGE', set, skip, skip + room - #jobs - 1)) do jobs[#jobs + 1] = job end
      skip = 0
    end
  end
end

add('gate:', call('ZRANGE', base .. 'gates', 0, 9999))
add('sequence:', sequence_keys())
return jobs
