-- leave: a worker gives its lease back. What it still held goes to the head of its queue; no crash is counted.
--
--   running -> queued | cancelled (if asked for)
--
-- ARGV[2]  worker
-- returns  how many jobs went back in this call, 1,000 at most: repeat until 0

local now, worker = now_ms(), ARGV[2]
local claims = base .. 'claims:' .. worker
local held = call('HRANDFIELD', claims, 1000, 'WITHVALUES')
for i = 1, #held, 2 do
  local id, claim = held[i], held[i + 1]
  local f = read(id, 'b', 'a', 'cancel')
  local _, failures, crashes = counts(f[2])
  call('HDEL', claims, id)
  if f[1] then call('HSET', job(id), 'a', string.format('%d %d %d', attempt_of(claim), failures, crashes)) end
  if not f[1] then
    end_damaged(id, now)
  elseif f[3] then
    end_cancelled(id, now, claim, worker)
  else
    mind_expiry(id, f[1])
    call('RPUSH', base .. 'queued:' .. list_of(f[1]), id)
  end
end
ring()  -- for whatever this worker was woken for and did not take
if call('EXISTS', claims) == 0 then
  call('ZREM', base .. 'workers', worker)
  call('DEL', base .. 'worker:' .. worker, base .. 'cancels:' .. worker)
  call('HDEL', base .. 'meta', 'recalled:' .. worker)
end
return #held / 2
