-- enqueue: stores jobs of one priority that are ready at once. enqueue_with_rules.lua does the same for all others.
--
--   (new) -> queued
--
-- needs: prelude
--
-- ARGV[2]   priority, 0 to 3
-- ARGV[3…]  the jobs, 1,000 at most, then as many bodies: `b` of each (record.lua)
-- effect    a job that is known already is left alone: the script may be repeated after a lost reply
-- returns   positions (from 1) of the jobs that were not stored
--
-- One command and no new string a job: this loop decides how fast jobs are stored.

local jobs, pcall = ARGV, redis.pcall
local count = (#jobs - 2) / 2
if count > 1000 or count % 1 > 0 or not string.find(jobs[2], '^[0-3]$') then
  return redis.error_reply('INVALID enqueue: a priority from 0 to 3, at most 1,000 jobs, as many bodies')
end
-- Asked first: a list that somebody overwrote fails here, and not when the bodies are written.
local ready = list(jobs[2])
local before, known = call('LLEN', ready), {}
for i = 3, count + 2 do
  local set = pcall('HSETNX', jobs[i], 'b', jobs[i + count])
  if set ~= 1 then
    overwritten(set)  -- then the id is taken
    known[#known + 1] = i - 2
  end
end

local stored = count - #known
if stored > 0 then
  if #known == 0 then
    call('LPUSH', ready, unpack(jobs, 3, count + 2))
  else
    local fresh, next_known = {}, 1
    for i = 1, count do
      if known[next_known] == i then next_known = next_known + 1 else fresh[#fresh + 1] = jobs[i + 2] end
    end
    call('LPUSH', ready, unpack(fresh))
  end
  call('HINCRBY', base .. 'totals', 'enqueued', stored)
  if before == 0 then ring() end
end
return known
