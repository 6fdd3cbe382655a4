-- signals: how jobs wait for named events.
--
-- needs: places, record
--
-- awaiting        ZSET of the jobs that wait for a signal -> the ms at which the wait ends
-- awaited         HASH job -> the name of the signal, for the jobs in `awaiting`
-- waiters:<name>  SET of the same jobs by the name
-- signal:<name>   STRING `<sent ms> <kept until ms>\n<payload>`: the last signal of the name that was kept
-- signals         ZSET name -> the ms until which it is kept
--
-- Fields of a job:
--   w         one line per wait that has begun and had no signal: `<since ms> <till ms> <name>`. A signal that was sent before
--             `since` does not count; `till` is `over` once the wait has ended without a signal
--   g:<name>  a signal for this job alone that came while it did not wait, as in signal:<name>
--   s:signal:<name>  the payload of the signal that the job got: the result of a step

-- Since when a signal counts for a job, and the end of the wait, as in `w`; nil if the wait has not begun.
local function wait_of(job, name)
  for since, till, other in string.gmatch(read(job, 'w').w or '', '(%S+) (%S+) (%S+)') do
    if other == name then return tonumber(since), till end
  end
end

-- Writes a wait, or removes it if there is no `since`.
local function write_wait(job, name, since, till)
  local lines = {}
  for line, other in string.gmatch(read(job, 'w').w or '', '(%S+ %S+ (%S+))') do
    if other ~= name then lines[#lines + 1] = line end
  end
  if since then lines[#lines + 1] = string.format('%d %s %s', since, till, name) end
  if #lines > 0 then call('HSET', job, 'w', table.concat(lines, '\n')) else call('HDEL', job, 'w') end
end

-- Gives a job the signal that it waits for.
local function deliver(job, name, payload)
  call('HSET', job, 's:signal:' .. name, payload)
  call('HDEL', job, 'g:' .. name)
  write_wait(job, name)
end

-- The wait of a job in `awaiting` is over, and no signal came.
local function end_wait(job)
  local name = call('HGET', base .. 'awaited', job)
  if name then write_wait(job, name, (wait_of(job, name)) or 0, 'over') end
end

-- The payload of a kept signal, and when it was sent; nil if it is no longer kept.
local function kept_signal(stored, now)
  local sent, till, payload = string.match(type(stored) == 'string' and stored or '', '^(%d+) (%d+)\n(.*)$')
  if sent and tonumber(till) > now then return payload, tonumber(sent) end
end

-- A running job waits for a signal. Returns its next place, until when, and the signal's name if it waits there.
-- Such a job has been started, so it can't expire any more.
local function wait_for_signal(job, claim, timeout, detail, now)
  local look_back, name = string.match(detail, '^(%d+) (%S+)$')
  call('HDEL', job, 'x')
  local since, till = wait_of(job, name)
  if not since then
    -- What was sent while this attempt ran counts in any case.
    since = math.min(now - tonumber(look_back), tonumber(string.match(claim, '|(%d+)')) or now)
    till = whole(now + timeout)
    write_wait(job, name, since, till)
  end
  local payload = kept_signal(call('HGET', job, 'g:' .. name), now)
  if not payload then
    local of_all, sent = kept_signal(redis.pcall('GET', base .. 'signal:' .. name), now)
    if of_all and sent >= since then payload = of_all end
  end
  if payload then
    deliver(job, name, payload)
    return ''
  elseif till == 'over' or tonumber(till) <= now then
    write_wait(job, name, since, 'over')
    return ''
  end
  return 'awaiting', tonumber(till), name
end

-- Names the signal of a job in `awaiting`.
local function await(job, name)
  call('HSET', base .. 'awaited', job, name)
  call('SADD', base .. 'waiters:' .. name, job)
end
