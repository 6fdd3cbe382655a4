-- reserve: hands ready jobs to a worker; does the housekeeping first when there may be some to do.
--
--   queued -> running, highest priority first, oldest first
--
-- flags: allow-oom
-- needs: prelude, lease
-- goes on: gated, housekeeping
--
-- ARGV[2]   worker
-- ARGV[3]   how many slots it has free, 0 to 1,000; fewer are filled when the bodies exceed MOST_BYTES in total
-- ARGV[4]   how often this worker has resynced its jobs; a reserve from before the last resync is refused
-- effect    one HSET claims:<worker> job -> `<attempt>|<now>` for all jobs; this entry is the fence of every later write
--           the entry is `<attempt>|<now>|l` for a job with links (links.lua), `<attempt>|<now>|<batch>|l` for jobs that were
--           collected: they follow each other in the reply, and take one slot of the worker together (collecting.lua)
-- returns   { now, ms until there is housekeeping to do (0: at once), then per job: job, b, and `<claim> <a>`, or '' if the
--             job has no a: then the claim is `1|<now>`; ` spaced` follows a if the job took a permit of a spaced key: it is
--             good for a moment only }
--           or the error LAPSED: the worker has no lease, or no longer has one, and gets nothing
--           or the error STALE: the worker has given up this call and resynced its jobs
--
-- Usually only this first half runs: creating the functions of the other parts would double its cost.

local now, worker, room = now_ms(), ARGV[2], math.min(tonumber(ARGV[3]), 1000)
if not lease_of(worker, now) then return lapsed(worker) end

local paused, resynced, quiet, tidy, gated, most = unpack(call('HMGET', base .. 'meta', 'paused', 'recalled:' .. worker,
  'quietUntil', 'tidyAt', 'gated', 'maxRunning'))
if resynced and tonumber(ARGV[4]) < tonumber(resynced) then
  return redis.error_reply('STALE reserve of worker ' .. worker .. ' from before its resync')
end
if paused then room = 0 end
-- As many jobs run as may run in this queue. Whoever settles one of them has a free slot and asks again; other workers look
-- again after LOOK_MS.
local wanted, may_start = room, NEVER
if most then
  may_start = tonumber(most)
  for _, name in ipairs(call('ZRANGE', base .. 'workers', 0, -1)) do
    may_start = may_start - call('HLEN', base .. 'claims:' .. name)
  end
  room = math.max(0, math.min(room, may_start))
end

local reply, claims, taken = { now, 0 }, {}, 0
local started = '|' .. whole(now)
local first = '1' .. started
local lists = { list(0), list(1), list(2), list(3) }
-- Popped jobs that can't be handed out: their record is damaged, or they have expired.
local odd, buried = {}, 0
local bytes = 0  -- of the bodies in the reply

-- Decides about a popped job: takes it for the worker, or puts it aside.
local function admit(job)
  local f = redis.pcall('HMGET', job, 'b', 'a', 'x')
  local b, a, expires = f[1], f[2], f[3]
  if overwritten(f) or not b or b == '' or expires and (tonumber(expires) or now + 1) <= now then
    buried = buried + 1
    odd[#odd + 1] = job
    return
  end
  local claim = first
  if a then
    claim = (tonumber(string.match(a, '^%d+')) or 0) + 1 .. started
    if string.byte(a, -1) == 108 then
      claim = claim .. '|l'
      -- A worker of an older version has put it here: it belongs to a gate, or its turn in a sequence has not come.
      local l = redis.pcall('HGET', job, 'l') or ''
      if string.find(l, 'limit ', 1, true) or string.find(l, 'collect ', 1, true)
        or string.find(l, 'sequence ', 1, true) and call('HEXISTS', base .. 'heads', job) == 0 then
        buried = buried + 1
        odd[#odd + 1] = job
        return
      end
    end
  end
  claims[2 * taken + 1], claims[2 * taken + 2] = job, claim
  reply[3 * taken + 3], reply[3 * taken + 4], reply[3 * taken + 5] = job, b, a and claim .. ' ' .. a or ''
  taken, bytes = taken + 1, bytes + #b
  if expires then call('ZREM', base .. 'expiring', job) end
end

-- Pops until there is no room or no job left. Jobs that can't be handed out take no room: otherwise jobs behind them would
-- wait although a worker has room. `graves`: check for tombstones. `priority`: only that list.
local function take(graves, priority)
  while taken < room and buried < 1000 and bytes < MOST_BYTES do
    local popped = priority and call('LMPOP', 1, lists[priority + 1], 'RIGHT', 'COUNT', room - taken)
      or not priority and call('LMPOP', 4, lists[1], lists[2], lists[3], lists[4], 'RIGHT', 'COUNT', room - taken)
    if not popped then return end
    local from, jobs = popped[1], popped[2]
    for k, job in ipairs(jobs) do
      if bytes >= MOST_BYTES then
        for back = #jobs, k, -1 do call('RPUSH', from, jobs[back]) end
        return
      elseif graves and call('SREM', base .. 'tombstones', job) == 1 then
        buried = buried + 1
      else
        admit(job)
      end
    end
  end
end

local LOOK_MS = 1000

local function hand_over(more)
  if taken == room and room < wanted then reply[2] = math.min(reply[2], LOOK_MS) end
  if bytes >= MOST_BYTES and taken < room then more, reply[2] = true, 0 end
  if taken > 0 then call('HSET', base .. 'claims:' .. worker, unpack(claims)) end
  if more or taken > 0 and taken == room then ring() end
  return reply
end

-- A longer time means that the clock was set back.
local untidy = tonumber(tidy or 0) - now
local is_quiet = quiet and now < tonumber(quiet) and untidy > 0 and untidy <= TIDY_MS
local opens = tonumber(gated or NEVER)
if is_quiet and opens > now then
  take()
  reply[2] = math.min(tonumber(quiet), opens) - now
  if #odd == 0 then return hand_over() end
end
