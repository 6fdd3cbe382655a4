-- reserve: does the housekeeping, then hands ready jobs to a worker.
--
--   queued -> running, highest priority first, oldest first
--
-- ARGV[2]   worker
-- ARGV[3]   how many jobs it has room for, 0 to 1,000
-- ARGV[4]   lease in ms, ARGV[5] crashes until a job is dead
-- ARGV[6-9] keep ended jobs for ms, up to bytes; keep dead jobs for ms, up to bytes
-- ARGV[10] how often this worker has recalled its jobs; a reserve from before that is refused
-- effect    one HSET claims:<worker> id -> `<attempt>|<now>` for all; that entry is the fence of every later write
-- returns   { now, ms until something is due (-1: nothing known), then per job: id, b, a or '' }
--           or the error LAPSED: the worker has no lease (any more) and gets nothing
--           or the error STALE: the worker has given this call up and recalled what it holds

local now, worker, want = now_ms(), ARGV[2], tonumber(ARGV[3])
local lease = call('ZSCORE', base .. 'workers', worker)
if not lease or tonumber(lease) <= now then return redis.error_reply('LAPSED no lease for worker ' .. worker) end
local function read_meta() return call('HMGET', base .. 'meta', 'paused', 'recalled:' .. worker, 'doneBytes', 'deadBytes') end
local meta = read_meta()
if meta[2] and tonumber(ARGV[10]) < tonumber(meta[2]) then
  return redis.error_reply('STALE reserve of worker ' .. worker .. ' from before its recall')
end

-- Mostly nothing waits for a time and nothing was withdrawn: one look at all of these keys tells.
local timed = { base .. 'scheduled', base .. 'retrying', base .. 'unclaimed', base .. 'expiring' }
local quiet = call('EXISTS', base .. 'tombstones', unpack(timed)) == 0

-- Before what is due: a job that is due and too late never gets into a list.
local late = not quiet and end_expired(now)  -- then it has not got to all that have expired
local more = not quiet and make_due_ready(now) or late
if rescue(now, tonumber(ARGV[4]), tonumber(ARGV[5])) then
  more, quiet = true, false
end
if not quiet then meta = read_meta() end
more = prune_done(now, tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(meta[3] or 0)) or more
prune_dead(now, tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(meta[4] or 0))

local reply, claims, taken, room = { now, -1 }, {}, 0, want
if meta[1] then room = 0 end
local started = string.format('|%d', now)
local first = '1' .. started
local graves = not quiet and room > 0 and call('SCARD', base .. 'tombstones') > 0
local lists = { base .. 'queued:0', base .. 'queued:1', base .. 'queued:2', base .. 'queued:3' }

-- Tombstones take no room: a list is left only when it is empty, else jobs behind them would wait for nobody.
local buried = 0
while taken < room do
  local popped = call('LMPOP', 4, lists[1], lists[2], lists[3], lists[4], 'RIGHT', 'COUNT', room - taken)
  if not popped then break end
  for _, id in ipairs(popped[2]) do
    if graves and call('SREM', base .. 'tombstones', id) == 1 then
      buried = buried + 1
    else
      local f = read(id, 'b', 'a')
      if not f[1] or f[1] == '' then
        end_damaged(id, now)
        buried = buried + 1
      elseif late and tonumber(call('ZSCORE', base .. 'expiring', id) or now + 1) <= now then
        expire(id, now)
        buried = buried + 1
      else
        claims[2 * taken + 1] = id
        claims[2 * taken + 2] = f[2] and (counts(f[2]) + 1 .. started) or first
        reply[3 * taken + 3], reply[3 * taken + 4], reply[3 * taken + 5] = id, f[1], f[2] or ''
        taken = taken + 1
      end
    end
  end
  if buried >= 1000 then
    more, room = true, 0
  end
end

if taken > 0 then
  call('HSET', base .. 'claims:' .. worker, unpack(claims))
  if not quiet and call('EXISTS', base .. 'expiring') == 1 then
    for i = 1, #claims, 2 do call('ZREM', base .. 'expiring', claims[i]) end
  end
end
if more or (taken > 0 and taken == room) then
  ring()
else
  for i = 1, quiet and 0 or #timed do
    local soonest = call('ZRANGE', timed[i], 0, 0, 'WITHSCORES')
    if soonest[2] then
      local wait = math.max(0, tonumber(soonest[2]) - now)
      if reply[2] < 0 or wait < reply[2] then reply[2] = wait end
    end
  end
end
return reply
