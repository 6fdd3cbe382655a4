-- housekeeping: the second half of reserve: does what is due, withdrawn, damaged, too old, or held by a dead worker.
-- Until `quietUntil` and `tidyAt` (quiet.lua), reserve skips it.
--
-- needs: admitting, caps, due, expire, prune, rescue
-- from reserve: now, worker, room, take, odd, opens, buried, hand_over, reply

local watched, max_crashes, keep_ms, keep_bytes, keep_dead_ms, keep_dead_bytes = unpack(call('HMGET', base .. 'meta',
  'watched', 'maxCrashes', 'retainMs', 'retainBytes', 'retainDeadMs', 'retainDeadBytes'))
local function most(setting) return tonumber(setting) or math.huge end
keep_ms, keep_bytes, keep_dead_ms, keep_dead_bytes = most(keep_ms), most(keep_bytes), most(keep_dead_ms),
  most(keep_dead_bytes)

if watch_is_due(watched, now) then watch_workers(now, worker) end
-- Expired jobs end before due jobs enter a list, and after the jobs of a dead worker come back.
local more = rescue(now, tonumber(max_crashes or 3))
more = end_expired(now) or more
more = make_due_ready(now) or more
local done_bytes, dead_bytes = unpack(call('HMGET', base .. 'meta', 'doneBytes', 'deadBytes'))
local pace = math.max(50, room)
more = prune_done(now, keep_ms, keep_bytes, tonumber(done_bytes or 0), pace) or more
more = prune_dead(now, keep_dead_ms, keep_dead_bytes, tonumber(dead_bytes or 0), pace) or more
more = forget_keys(now) or more
mend_sequences()

opens = take_all(call('EXISTS', base .. 'tombstones') == 1)
for _, job in ipairs(odd) do
  local f = read(job, 'b', 'a', 'l', 'x')
  if not f.b or f.b == '' then
    end_damaged(job, now)
  elseif (limits_in(f.l)() or sequence_of(f.l) or collect_of(f.l)) and not (f.x and tonumber(f.x) <= now) then
    make_ready(job, f.b, f.l)
    opens = now
  else
    end_job(job, 'expired', now, counts(f.a) .. '|0', '-', failure('expired', TOO_LATE, false))
  end
end
more = more or buried >= 1000

local function nothing_runs()
  for _, name in ipairs(call('ZRANGE', base .. 'workers', 0, -1)) do
    if call('EXISTS', base .. 'claims:' .. name) == 1 then return false end
  end
  return taken == 0
end

-- A damaged record, or a worker of an older version, leaves this counter wrong.
if jobs_waiting() == 0 and nothing_runs() then call('HDEL', base .. 'meta', 'liveBytes') end

-- When there is something to do again: the earliest due time, expiry, end of a lease or end of a suspect's grace.
local due = now + 86400000
local function sooner(at)
  at = tonumber(at)
  if at and at < due then due = at end
end
for _, later in ipairs(LATER) do sooner(call('ZRANGE', base .. later.place, 0, 0, 'WITHSCORES')[2]) end
sooner(call('ZRANGE', base .. 'expiring', 0, 0, 'WITHSCORES')[2])
sooner(call('ZRANGEBYSCORE', base .. 'workers', '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)[2])
sooner(suspicion_ends())
local restless = more or call('EXISTS', base .. 'tombstones') == 1
call('HSET', base .. 'meta', 'quietUntil', whole(restless and 0 or due), 'tidyAt', whole(now + TIDY_MS))
reply[2] = more and 0 or math.max(0, math.min(due, opens) - now)
return hand_over(more)
