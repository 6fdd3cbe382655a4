-- retry: makes a job ready that has ended without success, or that waits for its time or its next attempt.
--
--   dead | cancelled | expired -> queued, with failures and crashes reset
--   retrying | scheduled       -> queued
--
-- needs: ending
--
-- ARGV[2]  a job, or '' for the oldest dead jobs
-- ARGV[3]  how many of the oldest, at most 1,000; fewer if they are large
-- returns  { how many were retried, the state before of the job in ARGV[2] ('' if unknown), how many dead jobs were
--            processed }

local now, bytes = now_ms(), 0

local function ready_again(job)
  local f = read(job, 'b', 'a', 'l')
  local attempts = counts(f.a)
  bytes = bytes + #(f.b or '')
  local o = options(f.b)
  if o.key and (holder_of_key(o.key) or job) == job then hold_key(job, o.key, o.keyPeriod) end
  if attempts > 0 then write_counts(job, attempts, 0, 0) end
  call('HDEL', job, 'r', 'cancel', 'x', 'w')
  call('HINCRBY', base .. 'totals', 'revived', 1)
  call('HINCRBY', base .. 'meta', 'liveBytes', #(f.b or ''))
  -- It may still be in the list where it was cancelled: then it keeps that place, unless others have taken its turn.
  if call('SREM', base .. 'tombstones', job) == 1 then
    if not sequence_of(f.l) then return end
    call('LREM', list(priority_of(f.b)), 1, job)
  end
  make_ready(job, f.b, f.l)
end

-- Returns whether the job was retried, and its state before.
local function retry(job)
  local state, place = state_of(job)
  if place == 'remembered' then
    return false, state
  elseif state == 'dead' then
    leave_dead(job)
    ready_again(job)
  elseif state == 'cancelled' or state == 'expired' then
    call('HINCRBY', base .. 'revived', job, 1)
    call('HINCRBY', base .. 'totals', 'pruned:' .. state, 1)
    ready_again(job)
  elseif state == 'retrying' or state == 'scheduled' then
    leave_later(job, place)
    local f = read(job, 'b', 'l')
    make_ready(job, f.b, f.l)
  else
    return false, state
  end
  return true, state
end

local retried, before, seen = 0, '', 0
if ARGV[2] ~= '' then
  local done, state = retry(ARGV[2])
  retried, before = done and 1 or 0, state or ''
else
  for _, job in ipairs(call('ZRANGE', base .. 'dead', 0, tonumber(ARGV[3]) - 1)) do
    if bytes >= MOST_BYTES then break end
    seen = seen + 1
    if retry(job) then
      retried = retried + 1
    else
      leave_dead(job)
    end
  end
end
if retried > 0 then ring() end
return { retried, before, seen }
