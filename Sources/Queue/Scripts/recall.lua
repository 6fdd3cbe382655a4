-- recall: hands a worker what it holds and may not know of, because the reply to a reserve got lost.
--
-- ARGV[2]  worker
-- ARGV[3]  which recall of this worker it is, from 1
-- ARGV[4]  Redis' time in the last reply to a reserve that it got, in ms; 0 if there was none
-- effect   a reserve that was sent before, and arrives only now, is refused: nobody would hear its reply
-- returns  per job: job, claim, b, a or '': what it was given then or later, known to it or not
--          or the error LAPSED

local now, worker, since = now_ms(), ARGV[2], tonumber(ARGV[4])
local lease = call('ZSCORE', base .. 'workers', worker)
if not lease or tonumber(lease) <= now then return redis.error_reply('LAPSED no lease for worker ' .. worker) end

call('HSET', base .. 'meta', 'recalled:' .. worker, ARGV[3])
local reply = {}
local held = call('HGETALL', base .. 'claims:' .. worker)
for i = 1, #held, 2 do
  local job, claim = held[i], held[i + 1]
  if (tonumber(string.match(claim, '|(%d+)$')) or since) >= since then
    local f = read(job, 'b', 'a')
    if not f[1] or f[1] == '' then
      call('HDEL', base .. 'claims:' .. worker, job)
      end_damaged(job, now)
    else
      for _, value in ipairs({ job, claim, f[1], f[2] or '' }) do reply[#reply + 1] = value end
    end
  end
end
return reply
