-- look: the second half of reserve, where something is due, withdrawn, damaged, too old, or held by a dead worker. Until
-- `quietUntil` nothing is, as far as places for later and leases go: then reserve spares itself all of this.

-- What is too late ends before what is due gets into a list, and after what comes back from a dead worker.
local more = rescue(now, tonumber(ARGV[4]))
more = end_expired(now) or more
more = make_due_ready(now) or more
meta = call('HMGET', base .. 'meta', 'doneBytes', 'deadBytes')
local pace = math.max(50, room)
more = prune_done(now, tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(meta[1] or 0), pace) or more
more = prune_dead(now, tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(meta[2] or 0), pace) or more

take(call('EXISTS', base .. 'tombstones') == 1)
for _, job in ipairs(odd) do
  local b = read(job, 'b')[1]
  if not b or b == '' then end_damaged(job, now) else expire(job, now) end
end
more = more or buried >= 1000

local due
for _, place in ipairs({ 'scheduled', 'retrying', 'unclaimed', 'expiring', 'workers' }) do
  local soonest = tonumber(call('ZRANGE', base .. place, 0, 0, 'WITHSCORES')[2])
  if soonest and (not due or soonest < due) then due = soonest end
end
due = math.min(due, now + 86400000)
local restless = more or call('EXISTS', base .. 'tombstones') == 1
call('HSET', base .. 'meta', 'quietUntil', string.format('%d', restless and 0 or due))
reply[2] = more and 0 or math.max(0, due - now)
return hand_over(more)
