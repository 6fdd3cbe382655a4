-- enqueue_with_rules: stores jobs some of which are due later, expire, or have an idempotency or debounce key.
--
--   (new) -> queued | scheduled
--   a waiting job past its expiry, if a new job has the same idempotency key -> expired (expire.lua)
--
-- needs: caps, debouncing, expire, keys
--
-- ARGV[2…]  per job: the job, `b` (record.lua), rules
--           rules  '' for none, otherwise JSON: due | delay (ms), expiresAt | ttl (ms), key, keyPeriod (ms), tenant,
--                  limits [[key, cost], …], sequence [key, halt | goOn], collect [`+<type>:<key>`,
--                  up to, within ms] without limits, sequence and tenant, debounce (name), maxWait (ms), with delay and without key
-- effect    does not change a job that is already known, so the call may be repeated after a lost reply
-- returns   per job that was not stored: its position (from 1) and the existing job: itself, the holder of its key,
--           or the job that it replaced because that waits for the same debounce key (debouncing.lua)
--           or the error MAXKEYS: nothing was stored, because `maxKeys` idempotency keys outlive their jobs (config.lua)
--           or the error CAP: nothing was stored (caps.lua)

local now, args = now_ms(), ARGV
local ready, skipped, stored, size, bell = {}, {}, 0, 0, false

-- All rules are checked before anything is written: a script that fails halfway would lose the jobs that it has stored.
local function is_ms(value) return value == nil or type(value) == 'number' and value >= 0 and value < 1e15 end

local function is_debounce(rules)
  if rules.debounce == nil then return rules.maxWait == nil end
  return type(rules.debounce) == 'string' and rules.debounce ~= '' and rules.delay ~= nil and rules.maxWait ~= nil
    and is_ms(rules.maxWait) and rules.due == nil and rules.key == nil
end

local function are_limits(limits)
  if limits == nil then return true end
  if type(limits) ~= 'table' or #limits < 1 or #limits > 8 then return false end
  for _, limit in ipairs(limits) do
    if type(limit) ~= 'table' or type(limit[1]) ~= 'string' or not string.find(limit[1], '^%S+$')
      or type(limit[2]) ~= 'number' or limit[2] < 1 or limit[2] > 1000000 then
      return false
    end
  end
  return true
end

local function is_sequence(sequence)
  return sequence == nil or type(sequence) == 'table' and type(sequence[1]) == 'string' and string.find(sequence[1], '^%S+$')
    and (sequence[2] == 'halt' or sequence[2] == 'goOn')
end

local function is_collect(rules)
  local collect = rules.collect
  return collect == nil or type(collect) == 'table' and type(collect[1]) == 'string' and string.find(collect[1], '^%+%S+$')
    and type(collect[2]) == 'number' and collect[2] >= 1 and collect[2] <= 1000 and type(collect[3]) == 'number'
    and is_ms(collect[3]) and rules.limits == nil and rules.sequence == nil and rules.tenant == nil
end

-- For the same reason, a place that somebody overwrote must fail here.
for priority = 0, 3 do call('LLEN', list(priority)) end
for _, place in ipairs({ 'scheduled', 'expiring', 'gates' }) do call('ZCARD', base .. place) end

local full
local function no_key_fits()
  if full == nil then
    while forget_keys(now) do end
    full = call('ZCARD', base .. 'remembered') >= tonumber(call('HGET', base .. 'meta', 'maxKeys') or 1000000)
  end
  return full
end

-- So many jobs may wait for their turn in one sequence.
local MOST_FOLLOWING = 100000

-- How many new jobs there are, their bytes, and how many of them want a tenant's turn, a key's permit, or join a sequence.
local fresh, bytes, of_tenant, of_key, of_sequence = 0, 0, {}, {}, {}
local function count_in(counts, name) counts[name] = (counts[name] or 0) + 1 end

local function count_fresh(job, b, rules)
  if redis.pcall('HEXISTS', job, 'b') ~= 0 or rules.key and holder_of_key(rules.key) then return end
  fresh, bytes = fresh + 1, bytes + #b
  for _, limit in ipairs(rules.limits or {}) do count_in(of_key, limit[1]) end
  if rules.tenant and not rules.limits then count_in(of_tenant, rules.tenant) end
  if rules.sequence then count_in(of_sequence, rules.sequence[1]) end
end

-- The refusal of all new jobs; nil if they fit.
local function over_a_cap()
  for tenant, jobs in pairs(of_tenant) do
    local most = tenant_terms(tenant).most
    if most > 0 and tonumber(call('HGET', base .. 'depths', tenant) or 0) + jobs > most then
      return redis.error_reply('CAP tenant ' .. whole(most) .. ' ' .. tenant)
    end
  end
  for key, jobs in pairs(of_key) do
    local most = limit_of(key).maxWaiting
    if most and call('ZCARD', base .. 'gate:' .. key) + jobs > most then
      return redis.error_reply('CAP key ' .. whole(most) .. ' ' .. key)
    end
  end
  for key, jobs in pairs(of_sequence) do
    if call('ZCARD', base .. 'sequence:' .. key) + jobs > MOST_FOLLOWING then
      return redis.error_reply('CAP sequence ' .. whole(MOST_FOLLOWING) .. ' ' .. key)
    end
  end
  return call('HGET', base .. 'meta', 'capped') and refusal(fresh, bytes)
end

local rules_of = {}
for i = 2, #args, 3 do
  local rules = args[i + 2] ~= '' and cjson.decode(args[i + 2]) or {}
  if type(rules) ~= 'table' or not (is_ms(rules.due) and is_ms(rules.delay) and is_ms(rules.keyPeriod)
    and is_ms(rules.expiresAt) and is_ms(rules.ttl)) or rules.key ~= nil and type(rules.key) ~= 'string'
    or not is_debounce(rules) or not are_limits(rules.limits) or not is_sequence(rules.sequence)
    or not is_collect(rules)
    or rules.tenant ~= nil and type(rules.tenant) ~= 'string' then
    return redis.error_reply('INVALID rules of job ' .. args[i])
  end
  -- A known key is answered even when there is no room for another one.
  if rules.keyPeriod and rules.key and no_key_fits() and not holder_of_key(rules.key) then
    return redis.error_reply('MAXKEYS as many idempotency keys as may outlive their jobs')
  end
  rules_of[i] = rules
  count_fresh(args[i], args[i + 1], rules)
end
local refused = over_a_cap()
if refused then return refused end

local function line_up()
  for priority, jobs in pairs(ready) do
    if call('LPUSH', list(priority), unpack(jobs)) == #jobs then bell = true end
  end
  ready = {}
end

-- The job that holds a key. A job past its expiry no longer holds it, even if no housekeeping has ended that job yet.
local function keeper_of(key)
  local job = holder_of_key(key)
  local ends = job and call('ZSCORE', base .. 'expiring', job)
  if not ends or tonumber(ends) > now then return job end
  line_up()
  expire(job, now)
  return holder_of_key(key)
end

-- The links of a new job; nil if it has none.
local function links_of(rules)
  if rules.collect then return string.format('collect %d %d %s', rules.collect[2], rules.collect[3], rules.collect[1]) end
  if not rules.limits and not rules.sequence then return nil end
  local lines = { string.format('turn %d', call('HINCRBY', base .. 'meta', 'turn', 1)) }
  if rules.sequence then lines[2] = string.format('sequence %s %s', rules.sequence[2], rules.sequence[1]) end
  for _, limit in ipairs(rules.limits or {}) do lines[#lines + 1] = string.format('limit %s %d', limit[1], limit[2]) end
  return table.concat(lines, '\n')
end

-- Stores a job, or returns the existing job: itself, or the holder of its key.
local function store(job, b, rules)
  local known = redis.pcall('HEXISTS', job, 'b')
  if overwritten(known) or known == 1 then return job end
  local other = rules.key and keeper_of(rules.key)
  if not other and rules.debounce then
    other = debounce(job, b, rules, now)
    bell = bell or other ~= nil
  end
  if other then return other end
  call('HSET', job, 'b', b)
  stored, size = stored + 1, size + #b
  if rules.key then hold_key(job, rules.key, rules.keyPeriod) end
  local l = links_of(rules)
  if l then call('HSET', job, 'l', l, 'a', '0 0 0 0 l') end
  local expires = rules.expiresAt or rules.ttl and now + rules.ttl
  if expires then
    call('HSET', job, 'x', string.format('%d', expires))
    mind_expiry(job)
    bell = true
  end
  local due = rules.due or rules.delay and now + rules.delay or 0
  if due > now then
    put_off(job, 'scheduled', due)
    bell = true
  elseif l or rules.tenant then
    if rules.sequence then line_up() end
    make_ready(job, b, l)
    bell = true
  else
    local priority = priority_of(b)
    ready[priority] = ready[priority] or {}
    table.insert(ready[priority], job)
  end
end

for i = 2, #args, 3 do
  local other = store(args[i], args[i + 1], rules_of[i])
  if other then
    skipped[#skipped + 1] = (i + 1) / 3
    skipped[#skipped + 1] = other
  end
end

line_up()
if stored > 0 then
  call('HINCRBY', base .. 'totals', 'enqueued', stored)
  call('HINCRBY', base .. 'meta', 'liveBytes', size)
end
if bell then ring() end
return skipped
