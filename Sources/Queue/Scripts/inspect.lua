-- inspect: where jobs are, all places at one moment. Only reads. LPOS scans the lists: pass few jobs.
--
-- flags: no-writes
-- needs: places
--
-- ARGV[2]   'record' for the record only, 'places' for everything
-- ARGV[3…]  jobs
-- returns   per job { type of its key, first line of b, bytes of b, first line of r, bytes of r, a, cancel, x, f }
--           and, with 'places', also { sorted sets that it is in, each with its score }, how often it is in the lists,
--           1 for a tombstone, its key in `keyed`, the holder of that key, its void entries, { state of each `done` entry }
--           or -1 if `done` is too long, { worker, claim, 1 if the worker was told to cancel … }

-- Per job the states of its marks in `done`; nil if `done` is too long to scan.
local ended
if ARGV[2] == 'places' and call('LLEN', base .. 'done') <= 20000 then
  ended = {}
  local jobs = {}
  for _, element in ipairs(call('LRANGE', base .. 'done', 0, -1)) do
    local state = string.match(element, '^(%a+) ')
    if state then
      for _, job in ipairs(jobs) do
        ended[job] = ended[job] or {}
        table.insert(ended[job], state)
      end
      jobs = {}
    else
      jobs[#jobs + 1] = element
    end
  end
end

local function head(text) return text and string.match(text, '^[^\n]*\n?') or '' end

local function record_of(job)
  local kind = call('TYPE', job).ok
  local f = kind == 'hash' and call('HMGET', job, 'b', 'r', 'a', 'cancel', 'x', 'f') or {}
  return { kind, head(f[1]), f[1] and #f[1] or -1, head(f[2]), f[2] and #f[2] or -1, f[3] or '', f[4] or '', f[5] or '',
    f[6] or '' }
end

local function places(job, row)
  local scores = {}
  local function look_in(place)
    local score = call('ZSCORE', base .. place, job)
    if score then scores[#scores + 1], scores[#scores + 2] = place, score end
  end
  for _, later in ipairs(LATER) do look_in(later.place) end
  for _, place in ipairs({ 'dead', 'expiring', 'remembered' }) do look_in(place) end
  for priority = 0, 3 do look_in('fair:' .. priority) end
  local l = read(job, 'l').l
  for key in limits_in(l) do look_in('gate:' .. key) end
  local _, sequence = sequence_of(l)
  local kind = collect_of(l)
  if kind then look_in('gate:' .. kind) end
  if sequence then look_in('sequence:' .. sequence) end
  local listed = 0
  for priority = 0, 3 do listed = listed + #call('LPOS', list(priority), job, 'COUNT', 0) end
  local name = call('HGET', base .. 'keyed', job) or ''
  local entries = ended and (ended[job] or {}) or -1
  local holders = {}
  for _, worker in ipairs(call('ZRANGE', base .. 'workers', 0, -1)) do
    local claim = call('HGET', base .. 'claims:' .. worker, job)
    local told = call('SISMEMBER', base .. 'cancels:' .. worker, job)
    if claim or told == 1 then
      holders[#holders + 1] = worker
      holders[#holders + 1] = claim or ''
      holders[#holders + 1] = told
    end
  end
  for _, value in ipairs({ scores, listed, call('SISMEMBER', base .. 'tombstones', job), name,
    name ~= '' and call('GET', base .. 'key:' .. name) or '', tonumber(call('HGET', base .. 'revived', job) or 0),
    entries, holders }) do
    row[#row + 1] = value
  end
end

local reply = {}
for i = 3, #ARGV do
  local row = record_of(ARGV[i])
  if ARGV[2] == 'places' then places(ARGV[i], row) end
  reply[i - 2] = row
end
return reply
