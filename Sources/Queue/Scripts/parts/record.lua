-- record: how a job's hash is read and written.
--
-- needs: prelude
--
--   b   `<created ms> <priority 0-3> <type> <version> <options JSON or nothing>\n<arguments>`; written once
--   a   `<attempts> <failures> <crashes>[ <losses>]`, from the second attempt on; missing numbers are 0. Losses: how often
--       in a row its worker was lost without a sign that it had died (evidence.lua). If the job has links, it exists from
--       the start and ends with ` l` after four numbers
--   r   `<state> <ended ms> <attempt>|<started ms> <worker>[ <more>…]\n<result or error JSON>`; exists if it has ended
--   l   its links (links.lua)
--   e   the last errors, newest first, one per line: `<ms> <attempt> <error JSON>`
--   x   the ms at which it expires if nobody has started it; removed when it is retried after its
--       end, or waits for a signal
--   w   its waits for signals, one per line (signals.lua); g:<name>  a signal that is kept for it
--   f   the ms at which its arguments and result were forgotten while its outcome is still known (keys.lua)

local OPTIONS = { key = 'string', keyStates = 'string', keyPeriod = 'number', debounce = 'string', tenant = 'string' }

-- The options in `b` that scripts use; an option of the wrong type counts as missing.
local function options(b)
  local json = b and string.match(b, '^%d+ %d %S+ %d+ ([^\n]*)\n')
  if not json or json == '' then return {} end
  local read, value = pcall(cjson.decode, json)
  if not read or type(value) ~= 'table' then return {} end
  for name, kind in pairs(OPTIONS) do
    if type(value[name]) ~= kind or value[name] ~= value[name] then value[name] = nil end
  end
  return value
end

-- Fields of a job by name, false if missing. A key that somebody overwrote with another type counts as no record.
local function read(job, ...)
  local values, fields = redis.pcall('HMGET', job, ...), {}
  if overwritten(values) then return fields end
  for i, name in ipairs({ ... }) do fields[name] = values[i] end
  return fields
end

local function priority_of(b) return string.match(b or '', '^%d+ ([0-3]) ') or '2' end

-- Attempts, failures, crashes and losses.
local function counts(a)
  local attempts, failures, crashes, losses = string.match(a or '', '^(%d+) (%d+) (%d+) ?(%d*)')
  return tonumber(attempts or 0), tonumber(failures or 0), tonumber(crashes or 0), tonumber(losses) or 0
end

local function write_counts(job, attempts, failures, crashes, losses)
  local a = string.format('%d %d %d', attempts, failures, crashes)
  if redis.pcall('HEXISTS', job, 'l') == 1 then
    a = string.format('%s %d l', a, losses or 0)
  elseif losses and losses > 0 then
    a = a .. ' ' .. losses
  end
  write(job, 'a', a)
end

-- The number of a job among those with limits or a sequence, in the order in which they were stored.
local function turn_of(l) return tonumber(string.match(l or '', 'turn (%d+)') or 0) end

local function attempt_of(claim) return tonumber(string.match(claim, '^%d+') or 0) end

-- The size of a job with its errors and stored steps. Negate it as 0 - n: Redis can't parse Lua's -0.
local function bytes_of(job)
  local fields, sum = redis.pcall('HKEYS', job), 0
  if overwritten(fields) then return 0 end
  for _, field in ipairs(fields) do sum = sum + call('HSTRLEN', job, field) end
  return sum
end

local function body_bytes(job)
  local bytes = redis.pcall('HSTRLEN', job, 'b')
  return overwritten(bytes) and 0 or bytes
end

local function add_error(job, now, attempt, json)
  local lines, bytes = { string.format('%d %d %s', now, attempt, json) }, #json
  for line in string.gmatch(call('HGET', job, 'e') or '', '[^\n]+') do
    bytes = bytes + #line
    if #lines == 10 or bytes > 16384 then break end
    lines[#lines + 1] = line
  end
  call('HSET', job, 'e', table.concat(lines, '\n'))
end

-- An error found by Packhorse itself, as JSON.
local function failure(type, message, retryable)
  return string.format('{"type":"%s","message":%s,"retryable":%s}', type, cjson.encode(message), tostring(retryable))
end
