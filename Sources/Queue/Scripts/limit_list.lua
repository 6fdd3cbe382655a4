-- limit_list: the limits of a queue, and the keys at which jobs wait. Only reads.
--
-- flags: no-writes
-- needs: prelude
--
-- returns  { now, per key: { key, flat pairs of its hash, how many jobs hold it, how many wait, when its gate opens or '' } }

local keys, reply = {}, { now_ms() }
for _, key in ipairs(call('SMEMBERS', base .. 'limits')) do keys[key] = true end
for _, key in ipairs(call('ZRANGE', base .. 'gates', 0, 9999)) do keys[key] = true end
for key in pairs(keys) do
  reply[#reply + 1] = { key, call('HGETALL', base .. 'limit:' .. key), call('SCARD', base .. 'held:' .. key),
    call('ZCARD', base .. 'gate:' .. key), call('ZSCORE', base .. 'gates', key) or '' }
end
return reply
