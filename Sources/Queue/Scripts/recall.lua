-- recall: hands a worker what it holds and may not know of, because the reply to a reserve got lost.
--
-- ARGV[2]  worker
-- ARGV[3]  which recall of this worker it is, from 1
-- effect   a reserve that was sent before, and arrives only now, is refused: nobody would hear its reply
-- returns  per job that it holds, known to it or not: job, claim, b, a or ''
--          or the error LAPSED

local now, worker = now_ms(), ARGV[2]
local lease = call('ZSCORE', base .. 'workers', worker)
if not lease or tonumber(lease) <= now then return redis.error_reply('LAPSED no lease for worker ' .. worker) end

call('HSET', base .. 'meta', 'recalled:' .. worker, ARGV[3])
local reply = {}
local held = call('HGETALL', base .. 'claims:' .. worker)
for i = 1, #held, 2 do
  local job, claim = held[i], held[i + 1]
  local f = read(job, 'b', 'a')
  if not f[1] or f[1] == '' then
    call('HDEL', base .. 'claims:' .. worker, job)
    end_damaged(job, now)
  else
    for _, value in ipairs({ job, claim, f[1], f[2] or '' }) do reply[#reply + 1] = value end
  end
end
return reply
