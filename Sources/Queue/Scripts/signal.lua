-- signal: resumes the jobs that wait for a named event, and keeps the signal for jobs that will wait for it.
--
--   scheduled (awaiting the signal) -> queued, at the head
--
-- needs: signals
--
-- ARGV[2]  name
-- ARGV[3]  a job, to signal it alone, or ''
-- ARGV[4]  for how many ms the signal is kept; 0 for those that wait now. A signal for one job is kept with that job
-- ARGV[5]  payload: JSON, or ''
-- effect   a later signal of the same name replaces one that is kept. A job gets a signal of a name once
-- returns  { how many jobs were resumed, at most 1,000, fewer if they are large; 1 if others still wait: repeat with a keep
--            of 0; the state before of the job in ARGV[3] ('' if unknown): one that has ended gets no signal }
--          or the error MAXSIGNALS: nothing was stored, because as many as may be kept are kept

local now, name, only, keep, payload = now_ms(), ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local MOST_KEPT, MOST_KEPT_BY_JOB = 10000, 100
local resumed, bytes = 0, 0
local stored = string.format('%d %d\n', now, now + keep) .. payload

local function resume(job)
  local f = read(job, 'b', 'l')
  bytes = bytes + #(f.b or '') + #payload
  leave_later(job, 'awaiting')
  if f.b then deliver(job, name, payload) end
  make_ready(job, f.b, f.l, true)
  resumed = resumed + 1
end

local function keeps_too_many(job)
  local kept = 0
  for _, field in ipairs(call('HKEYS', job)) do
    if string.sub(field, 1, 2) == 'g:' then kept = kept + 1 end
  end
  return kept >= MOST_KEPT_BY_JOB and call('HEXISTS', job, 'g:' .. name) == 0
end

if only ~= '' then
  local state, place = state_of(only)
  if state and (state == 'running' or waits(state)) then
    if place == 'awaiting' and call('HGET', base .. 'awaited', only) == name then
      resume(only)
      ring()
    elseif keep > 0 and call('HEXISTS', only, 's:signal:' .. name) == 0 then
      if keeps_too_many(only) then return redis.error_reply('MAXSIGNALS as many signals as a job keeps') end
      call('HSET', only, 'g:' .. name, stored)
    end
  end
  return { resumed, 0, state or '' }
end

if keep > 0 then
  call('ZREMRANGEBYSCORE', base .. 'signals', '-inf', now)
  if not call('ZSCORE', base .. 'signals', name) and call('ZCARD', base .. 'signals') >= MOST_KEPT then
    return redis.error_reply('MAXSIGNALS as many signals as a queue keeps')
  end
  call('SET', base .. 'signal:' .. name, stored, 'PX', whole(keep))
  call('ZADD', base .. 'signals', now + keep, name)
end
local waiters = base .. 'waiters:' .. name
for _, job in ipairs(call('SRANDMEMBER', waiters, 1000)) do
  if bytes >= MOST_BYTES then break end
  if call('ZSCORE', base .. 'awaiting', job) then resume(job) else call('SREM', waiters, job) end
end
if resumed > 0 then ring() end
return { resumed, call('EXISTS', waiters), '' }
