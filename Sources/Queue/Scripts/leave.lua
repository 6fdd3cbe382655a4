-- leave: gives a worker's lease back. Jobs that it still held go to the head of their queue; no crash is counted.
--
--   running -> queued | cancelled (if requested)
--
-- flags: allow-oom
-- needs: lease, leaving
--
-- ARGV[2]  worker; its lease may have lapsed, as long as nobody has taken over its jobs
-- returns  how many jobs went back in this call, at most 1,000, fewer if they are large: repeat until 0

local now, worker = now_ms(), ARGV[2]
local claims = base .. 'claims:' .. worker
local held = call('HRANDFIELD', claims, 1000, 'WITHVALUES')
local back, bytes = 0, 0
for i = 1, #held, 2 do
  if bytes >= MOST_BYTES then break end
  local job, claim = held[i], held[i + 1]
  local run = running(job, claim)
  run.losses = 0
  call('HDEL', claims, job)
  back, bytes = back + 1, bytes + #(run.b or '')
  leave_running(job, claim, worker, now, run, '')
end
ring()  -- for work that this worker was woken for and did not take
if call('EXISTS', claims) == 0 then drop_worker(worker) end
return back
