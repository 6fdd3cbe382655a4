-- admitting: how reserve hands out jobs with limits. Part of reserve, only while jobs wait at gates.
--
-- needs: batching, gates, sharing
-- from reserve: buried, bytes, claims, now, odd, reply, room, started, take, taken
--
-- For each priority from the top: the jobs at open gates, one from each key in turn, and the ready jobs of the list and of
-- the tenants. In even milliseconds the latter come first, so that neither side starves. A job is handed out when all its keys
-- have permits; all are taken in this call. Otherwise it moves to the gate of the key that it lacks and holds nothing.

-- Looks at the job at the head of a gate. Returns true if it left the gate.
local function pass(gate)
  local job, key = gate.job, gate.key
  local f = read(job, 'b', 'a', 'x', 'l')
  local late = f.x and (tonumber(f.x) or now + 1) <= now
  if not f.b or f.b == '' or late then
    call('ZREM', base .. 'gate:' .. key, job)
    call('HINCRBY', base .. 'meta', 'parked', -1)
    buried = buried + 1
    odd[#odd + 1] = job
    return true
  end
  for other, cost in limits_in(f.l) do
    local at = opens_at(other, tonumber(cost))
    if at > now then
      if other == key then
        gate.opens = at
        return false
      end
      call('ZREM', base .. 'gate:' .. key, job)
      call('HINCRBY', base .. 'meta', 'parked', -1)
      park(job, other, gate.score, at)
      return true
    end
  end
  call('ZREM', base .. 'gate:' .. key, job)
  call('HINCRBY', base .. 'meta', 'parked', -1)
  local spaced = ''
  for other, cost in limits_in(f.l) do
    take_permits(other, tonumber(cost), now, now)
    hold_place(other, job)
    if is_spaced(other) then spaced = ' spaced' end
  end
  local a = f.a or '0 0 0 0 l'
  local claim = (tonumber(string.match(a, '^%d+')) or 0) + 1 .. started .. '|l'
  claims[2 * taken + 1], claims[2 * taken + 2] = job, claim
  reply[3 * taken + 3], reply[3 * taken + 4], reply[3 * taken + 5] = job, f.b, claim .. ' ' .. a .. spaced
  taken, bytes = taken + 1, bytes + #f.b
  if f.x then call('ZREM', base .. 'expiring', job) end
  return true
end

local function head_of(gate)
  local head = call('ZRANGE', base .. 'gate:' .. gate.key, 0, 0, 'WITHSCORES')
  gate.job, gate.score = head[1], tonumber(head[2])
end

-- Hands out what waits at open gates with this priority.
local function take_gated(gates, priority)
  local progress, moves = true, 0
  while progress and taken < room and bytes < MOST_BYTES do
    progress = false
    for _, gate in ipairs(gates) do
      if gate.job and not gate.opens and math.floor(gate.score / TURN) == priority and taken < room
        and bytes < MOST_BYTES and moves < 1000 and gate.pass(gate) then
        progress, moves = true, moves + 1
        head_of(gate)
      end
    end
  end
end

-- The same as `take`, with the gates. Returns the ms at which the next gate opens, or NEVER.
local function take_all(graves)
  if room == 0 then return NEVER end
  local gates = {}
  for _, key in ipairs(call('ZRANGEBYSCORE', base .. 'gates', '-inf', now, 'LIMIT', 0, 100)) do
    local gate = { key = key, pass = string.sub(key, 1, 1) == '+' and pass_batch or pass }
    head_of(gate)
    gates[#gates + 1] = gate
  end
  if #gates == 0 and call('EXISTS', fair_sets()) == 0 then
    take(graves)
  else
    local list_first = now % 2 == 0
    for priority = 0, 3 do
      if list_first then take_shared(graves, priority) end
      take_gated(gates, priority)
      if not list_first then take_shared(graves, priority) end
    end
    for _, gate in ipairs(gates) do
      if not close_if_empty(gate.key) then
        call('ZADD', base .. 'gates', string.format('%d', math.ceil(gate.opens or 0)), gate.key)
      end
    end
  end
  local first = tonumber(call('ZRANGE', base .. 'gates', 0, 0, 'WITHSCORES')[2] or nil)
  -- Until then the lists are all that there is.
  if first and first > now and call('EXISTS', fair_sets()) == 0 then
    call('HSET', base .. 'meta', 'gated', string.format('%d', first))
  end
  return first or NEVER
end
