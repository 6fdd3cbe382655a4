-- collecting: jobs that wait for others of their kind, and are handed out together.
--
-- needs: gates, record
--
-- They stand at a gate of their own, `gate:+<type>:<key>`, by priority and then by when they came; 0 for those that were given
-- back. It opens when `up to` jobs wait there, or when the first of them has waited for `within` ms.
--
-- A link `collect <up to> <within ms> +<type>:<key>` says so. If the jobs differ, that of the job at the head decides how many
-- are taken, that of the newest one whether enough wait. The claims of jobs that are handed out together are
-- `<attempt>|<now>|<batch>|l`.

local function collect_of(l)
  local up_to, within, key = string.match(l or '', 'collect (%d+) (%d+) (%S+)')
  return key, tonumber(up_to), tonumber(within)
end

-- Puts a ready job to the others. `at_head`: it has waited before.
local function collect(job, b, l, at_head)
  local key, up_to, within = collect_of(l)
  local gate, now = base .. 'gate:' .. key, now_ms()
  local came = at_head and 0 or now
  if call('ZADD', gate, string.format('%d', priority_of(b) * TURN + came), job) == 1 then
    call('HINCRBY', base .. 'meta', 'parked', 1)
  end
  local opens = call('ZCARD', gate) >= up_to and 0 or came + within
  call('ZADD', base .. 'gates', 'LT', whole(opens), key)
  call('HSET', base .. 'meta', 'gated', 0)
end

-- From which ms on the jobs at a gate are handed out.
local function batch_opens(key, up_to, within)
  local gate, first = base .. 'gate:' .. key, NEVER
  if call('ZCARD', gate) >= up_to then return 0 end
  for priority = 0, 3 do
    local from = priority * TURN
    local head = call('ZRANGEBYSCORE', gate, whole(from), '(' .. whole(from + TURN), 'WITHSCORES', 'LIMIT', 0, 1)
    if head[2] then first = math.min(first, tonumber(head[2]) - from) end
  end
  return first + within
end
