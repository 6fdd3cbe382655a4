-- leave: a worker gives its lease back. What it still held goes to the head of its queue; no crash is counted.
--
--   running -> queued | cancelled (if asked for)
--
-- ARGV[2]  worker
-- returns  how many jobs went back in this call, 1,000 at most, fewer large ones: repeat until 0

local now, worker = now_ms(), ARGV[2]
local claims = base .. 'claims:' .. worker
local held = call('HRANDFIELD', claims, 1000, 'WITHVALUES')
local back, bytes = 0, 0
for i = 1, #held, 2 do
  if bytes >= MOST_BYTES then break end
  local job, claim = held[i], held[i + 1]
  local f = read(job, 'b', 'a', 'cancel')
  local _, failures, crashes = counts(f[2])
  call('HDEL', claims, job)
  back, bytes = back + 1, bytes + #(f[1] or '')
  if f[1] then call('HSET', job, 'a', string.format('%d %d %d', attempt_of(claim), failures, crashes)) end
  if not f[1] then
    end_damaged(job, now)
  elseif f[3] then
    end_cancelled(job, now, claim, worker)
  else
    mind_expiry(job)
    call('RPUSH', base .. 'queued:' .. list_of(f[1]), job)
  end
end
ring()  -- for whatever this worker was woken for and did not take
if call('EXISTS', claims) == 0 then
  call('ZREM', base .. 'workers', worker)
  call('DEL', base .. 'worker:' .. worker, base .. 'cancels:' .. worker)
  call('HDEL', base .. 'meta', 'recalled:' .. worker)
end
return back
