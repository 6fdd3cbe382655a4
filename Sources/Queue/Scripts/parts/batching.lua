-- batching: how reserve hands out jobs that were collected. Part of reserve, only while jobs wait at gates.
--
-- needs: collecting
-- from reserve: buried, bytes, claims, may_start, now, odd, reply, room, started, taken, wanted
--
-- A batch takes one slot of the worker, so `room` grows by all its jobs but one.

-- One call hands out at most so many jobs: more arguments than a Lua function can pass on to a command would be needed.
local MOST_TAKEN = 3000

local function take_member(job, batch)
  local f = read(job, 'b', 'a', 'x')
  call('ZREM', base .. 'gate:' .. batch.key, job)
  call('HINCRBY', base .. 'meta', 'parked', -1)
  if not f.b or f.b == '' or f.x and (tonumber(f.x) or now + 1) <= now then
    buried = buried + 1
    odd[#odd + 1] = job
    return false
  end
  local a = f.a or '0 0 0 0 l'
  local claim = (tonumber(string.match(a, '^%d+')) or 0) + 1 .. started .. batch.mark
  claims[2 * taken + 1], claims[2 * taken + 2] = job, claim
  reply[3 * taken + 3], reply[3 * taken + 4], reply[3 * taken + 5] = job, f.b, claim .. ' ' .. a
  taken, bytes = taken + 1, bytes + #f.b
  if f.x then call('ZREM', base .. 'expiring', job) end
  return true
end

-- Looks at the jobs at the gate. Returns true if some of them left it.
local function pass_batch(gate)
  local _, up_to, within = collect_of(read(gate.job, 'l').l)
  if not up_to then up_to, within = 1, 0 end  -- the record of the job at the head was destroyed
  local opens = batch_opens(gate.key, up_to, within)
  if opens > now then
    gate.opens = opens
    return false
  end
  local most = math.min(up_to, may_start - taken, MOST_TAKEN - taken)
  if most <= 0 then return false end
  local before = taken
  local batch = { key = gate.key, mark = string.format('|%d|l', call('HINCRBY', base .. 'meta', 'turn', 1)) }
  for _, job in ipairs(call('ZRANGE', base .. 'gate:' .. gate.key, 0, most - 1)) do
    if bytes >= MOST_BYTES then break end
    take_member(job, batch)
  end
  local more = math.max(0, taken - before - 1)
  room, wanted = math.min(room + more, may_start), wanted + more
  return true
end
