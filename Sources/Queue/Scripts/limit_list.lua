-- limit_list: the limits of a queue, and the keys at which jobs wait. Only reads.
--
-- flags: no-writes
-- needs: prelude
--
-- ARGV[2]  a key, or '' for all
-- ARGV[3]  how many keys at most: first those with limits, by name, then those whose gates open first
-- returns  { now, per key: { key, flat pairs of its hash, how many jobs hold it, how many wait, when its gate opens or '' } }

local most, known, reply = tonumber(ARGV[3]), {}, { now_ms() }

local function add(key)
  if known[key] or #reply > most or string.sub(key, 1, 1) == '+' then return end
  known[key] = true
  reply[#reply + 1] = { key, call('HGETALL', base .. 'limit:' .. key), call('SCARD', base .. 'held:' .. key),
    call('ZCARD', base .. 'gate:' .. key), call('ZSCORE', base .. 'gates', key) or '' }
end

if ARGV[2] ~= '' then
  add(ARGV[2])
else
  local limited = call('SMEMBERS', base .. 'limits')
  table.sort(limited)
  for _, key in ipairs(limited) do add(key) end
  for _, key in ipairs(call('ZRANGE', base .. 'gates', 0, most - 1)) do add(key) end
end
return reply
