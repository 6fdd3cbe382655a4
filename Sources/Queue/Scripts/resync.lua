-- resync: hands a worker the jobs that it holds without knowing it, because the reply to a reserve was lost.
--
-- flags: allow-oom
-- needs: lease, ending
--
-- ARGV[2]  worker
-- ARGV[3]  the number of this resync of the worker, from 1
-- ARGV[4…] what it knows: job, claim
-- effect   a reserve that was sent earlier but arrives later is refused: nobody would read its reply
-- returns  per other job that it holds: job, claim, b, a or ''; no more jobs than one reserve hands out
--          or the error LAPSED

local now, worker = now_ms(), ARGV[2]
if not lease_of(worker, now) then return lapsed(worker) end

call('HSET', base .. 'meta', 'recalled:' .. worker, ARGV[3])
local known, reply = {}, {}
for i = 4, #ARGV, 2 do known[ARGV[i]] = ARGV[i + 1] end
local held = call('HGETALL', base .. 'claims:' .. worker)
for i = 1, #held, 2 do
  local job, claim = held[i], held[i + 1]
  if known[job] ~= claim then
    local f = read(job, 'b', 'a')
    if not f.b or f.b == '' then
      call('HDEL', base .. 'claims:' .. worker, job)
      end_damaged(job, now)
    else
      for _, value in ipairs({ job, claim, f.b, f.a or '' }) do reply[#reply + 1] = value end
    end
  end
end
return reply
