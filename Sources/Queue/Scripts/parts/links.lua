-- links: what a job is tied to beyond its queue, and what follows there when it ends.
--
-- needs: gates, places, record
--
-- A job with links has a field `l`, one per line: `schedule <name>`; `limit <key> <cost>` (limits.lua);
-- `sequence <halt or goOn> <key>` (sequences.lua); `collect …` (collecting.lua); with limits or a sequence `turn <number>`,
-- which grows from job to job. Its field `a` exists from the start and ends with ` l`, so that a reserve, which reads `a`
-- anyway, marks its claim with `|l`. Jobs without links pay nothing.
--
-- schedule:<name>  HASH of one schedule
--   spec       what it makes and when, JSON; scripts don't read it
--   revision   changes with the spec
--   timing     changes with what determines its ticks
--   source     the file that made it; '' if it was made at run time
--   overlap    what a tick does while the job of an earlier tick has not ended: allow | skip | replace | buffer-one
--   pauseAfter this many dead jobs in a row pause it; 0 for never
--   tick       the ms of its next tick; missing if there is none
--   last       the job that was started last
--   buffered   `<job>\n<ttl>[ <key> <cost>]…\n<b>` of the job that starts when `last` has ended: key and cost of each limit
--   failures   how many of its jobs died in a row
--   paused     operator | failures
--   made, skipped, missed  how many ticks became a job, were skipped because of `overlap`, or were left out at catch-up
-- schedules        SET of all names
-- ticks            ZSET name -> the ms from which its tick is offered; without those that are paused or have no tick

local function schedule_key(name) return base .. 'schedule:' .. name end

local function set_tick(name, at)
  call('HSET', schedule_key(name), 'tick', at)
  call('ZADD', base .. 'ticks', at, name)
end

local function drop_tick(name)
  call('HDEL', schedule_key(name), 'tick')
  call('ZREM', base .. 'ticks', name)
end

-- Stores and starts the job of a tick, unless it is known. `limits`: ` <key> <cost>` of each.
local function start_tick(name, job, b, delay, ttl, limits, now)
  if call('HSETNX', job, 'b', b) == 0 then return false end
  local l = 'schedule ' .. name
  if limits ~= '' then
    l = l .. string.format('\nturn %d', call('HINCRBY', base .. 'meta', 'turn', 1))
      .. string.gsub(limits, ' (%S+) (%d+)', '\nlimit %1 %2')
  end
  call('HSET', job, 'l', l, 'a', '0 0 0 0 l')
  if ttl ~= '' then
    call('HSET', job, 'x', whole(now + ttl))
    mind_expiry(job)
  end
  if delay > 0 then put_off(job, 'scheduled', now + delay) else make_ready(job, b, l) end
  call('HSET', schedule_key(name), 'last', job)
  call('HINCRBY', schedule_key(name), 'made', 1)
  call('HINCRBY', base .. 'totals', 'enqueued', 1)
  call('HINCRBY', base .. 'meta', 'liveBytes', #b)
  ring()
  return true
end

local function schedule_follows(name, job, state, now)
  local key = schedule_key(name)
  local last, buffered, most = unpack(call('HMGET', key, 'last', 'buffered', 'pauseAfter'))
  if not most then return end
  if state == 'succeeded' then
    call('HSET', key, 'failures', 0)
  elseif state == 'dead' then
    local failures = call('HINCRBY', key, 'failures', 1)
    if tonumber(most) > 0 and failures >= tonumber(most) then
      call('HSETNX', key, 'paused', 'failures')
      drop_tick(name)
    end
  end
  if job == last and buffered then
    call('HDEL', key, 'buffered')
    local next_job, ttl, limits, b = string.match(buffered, '^([^\n]*)\n(%d*)([^\n]*)\n(.*)$')
    start_tick(name, next_job, b, 0, ttl, limits, now)
  end
end

-- The next job of a sequence takes its turn. One that a worker of an older version has ended is left out.
local function advance(key)
  call('HDEL', base .. 'halted', key)
  while true do
    local job = call('ZPOPMIN', base .. 'sequence:' .. key)[1]
    if not job then return end
    call('HINCRBY', base .. 'meta', 'following', -1)
    local f = read(job, 'b', 'l', 'r')
    if not f.r then
      become_head(job, key)
      make_ready(job, f.b, f.l)
      return ring()
    end
    call('SREM', base .. 'tombstones', job)
  end
end

-- The head of a sequence has ended. If its record was destroyed, nobody knows whether the next job may go on.
local function sequence_follows(job, state, l)
  local key = call('HGET', base .. 'heads', job)
  if not key then return end
  call('HDEL', base .. 'heads', job)
  call('HDEL', base .. 'sequences', key)
  if state == 'dead' and sequence_of(l) ~= 'goOn' then
    call('HSET', base .. 'halted', key, job)
  else
    advance(key)
  end
end

-- Heads that a worker of an older version has ended are noticed here: some at each housekeeping.
local function mend_sequences()
  for _, job in ipairs(call('HRANDFIELD', base .. 'heads', 10)) do
    local f = read(job, 'r', 'l')
    if f.r then sequence_follows(job, string.match(f.r, '^%a+'), f.l) end
  end
end

-- The job that halted a sequence is given up: the next one takes its turn.
local function give_up_blocker(job)
  local _, key = sequence_of(read(job, 'l').l)
  if not key then return end
  local blocker, dead = blocker_of(key)
  if dead and blocker == job then advance(key) end
end

-- Does what follows from the end of a job with links.
local function follow(job, state, now)
  local l = read(job, 'l').l
  sequence_follows(job, state, l)
  if not l then return end
  free_places(job, l)
  local name = string.match('\n' .. l, '\nschedule ([^\n]*)')
  if name then schedule_follows(name, job, state, now) end
end

local function is_linked(a) return string.byte(a or '', -1) == 108 end
