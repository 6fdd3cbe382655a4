-- reserve: hands ready jobs to a worker, after the housekeeping when there may be some to do (housekeeping.lua).
--
--   queued -> running, highest priority first, oldest first
--
-- ARGV[2]   worker
-- ARGV[3]   how many jobs it has room for, 0 to 1,000; it gets fewer when their bodies together exceed MOST_BYTES
-- ARGV[4]   crashes until a job is dead
-- ARGV[5-8] keep ended jobs for ms, up to bytes; keep dead jobs for ms, up to bytes
-- ARGV[9]   how often this worker has resynced its jobs; a reserve from before that is refused
-- effect    one HSET claims:<worker> job -> `<attempt>|<now>` for all; that entry is the fence of every later write
-- returns   { now, ms until there is housekeeping to do (0: at once), then per job: job, b, and `<claim> <a>`, or '' where it
--             has no a: then the claim is `1|<now>` }
--           or the error LAPSED: the worker has no lease (any more) and gets nothing
--           or the error STALE: the worker has given this call up and resynced what it holds

local now, worker, room = now_ms(), ARGV[2], math.min(tonumber(ARGV[3]), 1000)
local lease = call('ZSCORE', base .. 'workers', worker)
if not lease or tonumber(lease) <= now then return redis.error_reply('LAPSED no lease for worker ' .. worker) end
local meta = call('HMGET', base .. 'meta', 'paused', 'recalled:' .. worker, 'quietUntil', 'doneBytes', 'doneSince',
  'deadBytes', 'deadSince')
if meta[2] and tonumber(ARGV[9]) < tonumber(meta[2]) then
  return redis.error_reply('STALE reserve of worker ' .. worker .. ' from before its resync')
end
if meta[1] then room = 0 end

local reply, claims, taken = { now, 0 }, {}, 0
local started = string.format('|%d', now)
local first = '1' .. started
local lists = { base .. 'queued:0', base .. 'queued:1', base .. 'queued:2', base .. 'queued:3' }
-- Popped jobs that can't be handed out: their record is damaged, or their time is up.
local odd, buried = {}, 0
local bytes = 0  -- of bodies in the reply

-- Pops until there is no room or no job. What can't be handed out takes no room: a list is left only when it is empty,
-- else jobs behind it would wait for nobody. `graves`: look for tombstones.
local function take(graves)
  while taken < room and buried < 1000 and bytes < MOST_BYTES do
    local popped = call('LMPOP', 4, lists[1], lists[2], lists[3], lists[4], 'RIGHT', 'COUNT', room - taken)
    if not popped then return end
    for k, job in ipairs(popped[2]) do
      if bytes >= MOST_BYTES then
        for back = #popped[2], k, -1 do call('RPUSH', popped[1], popped[2][back]) end
        return
      elseif graves and call('SREM', base .. 'tombstones', job) == 1 then
        buried = buried + 1
      else
        local f = redis.pcall('HMGET', job, 'b', 'a', 'x')
        if overwritten(f) or not f[1] or f[1] == '' or f[3] and (tonumber(f[3]) or now + 1) <= now then
          buried = buried + 1
          odd[#odd + 1] = job
        else
          local claim, a = first, f[2]
          if a then claim = (tonumber(string.match(a, '^%d+')) or 0) + 1 .. started end
          claims[2 * taken + 1], claims[2 * taken + 2] = job, claim
          reply[3 * taken + 3], reply[3 * taken + 4], reply[3 * taken + 5] = job, f[1], a and claim .. ' ' .. a or ''
          taken, bytes = taken + 1, bytes + #f[1]
          if f[3] then call('ZREM', base .. 'expiring', job) end
        end
      end
    end
  end
end

local function hand_over(more)
  if bytes >= MOST_BYTES and taken < room then more, reply[2] = true, 0 end
  if taken > 0 then call('HSET', base .. 'claims:' .. worker, unpack(claims)) end
  if more or taken > 0 and taken == room then ring() end
  return reply
end

local function is_over(bytes, limit, since, age)
  return tonumber(bytes or 0) > tonumber(limit) or since and tonumber(since) <= now - tonumber(age)
end

if meta[3] and now < tonumber(meta[3]) and not is_over(meta[4], ARGV[6], meta[5], ARGV[5])
  and not is_over(meta[6], ARGV[8], meta[7], ARGV[7]) then
  take()
  reply[2] = tonumber(meta[3]) - now
  if #odd == 0 then return hand_over() end
end
