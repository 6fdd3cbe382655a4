-- tick: makes the jobs of a tick that is due, and sets the next tick. Also starts a schedule by hand.
--
--   (new) -> queued | scheduled (jitter)
--
-- needs: cancelling, links
--
-- ARGV[2]  schedule
-- ARGV[3]  revision, ARGV[4] tick: what the caller has read; ARGV[4] is '' to start it by hand
-- ARGV[5]  its next tick in ms, '' for none
-- ARGV[6]  how many ticks are left out
-- ARGV[7…] per job: job, b, delay in ms, how long it may wait in ms or '', ` <key> <cost>` of each limit
-- effect   if the tick has been made, nothing: whichever worker comes second changes nothing
-- returns  { 'made', and per job 'started' | 'buffered' | 'skipped' | 'known' }, or { 'stale' }, or { 'unknown' }

local now, name = now_ms(), ARGV[2]
local key = schedule_key(name)
local revision, tick, overlap = unpack(call('HMGET', key, 'revision', 'tick', 'overlap'))
if not revision then return { 'unknown' } end
if ARGV[4] ~= '' then
  -- One that is paused has no tick.
  if revision ~= ARGV[3] or tick ~= ARGV[4] then return { 'stale' } end
  if ARGV[5] == '' then drop_tick(name) else set_tick(name, ARGV[5]) end
  if ARGV[6] ~= '0' then call('HINCRBY', key, 'missed', ARGV[6]) end
end

local function last_is_alive()
  local last = call('HGET', key, 'last')
  if not last then return false end
  local state, place = state_of(last)
  return state and (state == 'running' or waits(state)), last, state, place
end

local function make(job, b, delay, ttl, limits)
  if redis.pcall('HEXISTS', job, 'b') ~= 0 then return 'known' end
  local buffered = call('HGET', key, 'buffered')
  if buffered and string.sub(buffered, 1, #job + 1) == job .. '\n' then return 'known' end
  local alive, last, state, place = false
  if overlap ~= 'allow' then alive, last, state, place = last_is_alive() end
  if alive and overlap == 'replace' then
    call('HDEL', key, 'buffered')
    if buffered then call('HINCRBY', key, 'skipped', 1) end
    buffered = nil
    cancel_job(last, state, place, now)
    alive = state == 'running'
  end
  if not alive then
    start_tick(name, job, b, delay, ttl, limits, now)
    return 'started'
  elseif overlap == 'skip' or buffered then
    call('HINCRBY', key, 'skipped', 1)
    return 'skipped'
  end
  call('HSET', key, 'buffered', job .. '\n' .. ttl .. limits .. '\n' .. b)
  return 'buffered'
end

local reply = { 'made' }
for i = 7, #ARGV, 5 do
  reply[#reply + 1] = make(ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3], ARGV[i + 4])
end
return reply
