-- enqueue: stores jobs of one priority that are ready at once. enqueue_with_rules.lua stores all others.
--
--   (new) -> queued
--
-- needs: caps
--
-- ARGV[2]   priority, 0 to 3
-- ARGV[3…]  the jobs, at most 1,000, then as many bodies: the `b` of each (record.lua)
-- effect    does not change a job that is already known, so the call may be repeated after a lost reply
-- returns   positions (from 1) of the jobs that were not stored
--           or the error CAP: nothing was stored (caps.lua)
--
-- One command and no new string per job: this loop determines how fast jobs are stored.

local jobs, pcall = ARGV, redis.pcall
local count = (#jobs - 2) / 2
if count > 1000 or count % 1 > 0 or not string.find(jobs[2], '^[0-3]$') then
  return redis.error_reply('INVALID enqueue: a priority from 0 to 3, at most 1,000 jobs, as many bodies')
end
-- Read first: if somebody overwrote the list, the script fails here and not after the bodies are written.
local ready = list(jobs[2])
local before, known, bytes = call('LLEN', ready), {}, 0
if call('HGET', base .. 'meta', 'capped') then
  local fresh, size = 0, 0
  for i = 3, count + 2 do
    if pcall('HEXISTS', jobs[i], 'b') == 0 then fresh, size = fresh + 1, size + #jobs[i + count] end
  end
  local refused = refusal(fresh, size)
  if refused then return refused end
end
for i = 3, count + 2 do
  local set = pcall('HSETNX', jobs[i], 'b', jobs[i + count])
  if set == 1 then
    bytes = bytes + #jobs[i + count]
  else
    overwritten(set)  -- if so, the id counts as taken
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
  call('HINCRBY', base .. 'meta', 'liveBytes', bytes)
  if before == 0 then ring() end
end
return known
