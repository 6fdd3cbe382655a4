-- limit_put: sets or removes the limits of a key, or of all keys of a class, such as `tenant:*`.
--
-- flags: allow-oom
-- needs: gates
--
-- ARGV[2]   key
-- ARGV[3…]  field and value of each limit (limits.lua); none to remove all, and a pause with them
-- effect    jobs that wait at its gate are looked at again at once
-- returns   1

local now, key = now_ms(), ARGV[2]
local name = base .. 'limit:' .. key
local tat = tonumber(call('HGET', name, 'tat') or nil)
call('HDEL', name, 'every', 'burst', 'window', 'count', 'atOnce', 'maxWaiting')
if #ARGV == 2 then
  call('DEL', name, base .. 'permits:' .. key)
  call('SREM', base .. 'limits', key)
else
  for i = 3, #ARGV, 2 do call('HSET', name, ARGV[i], ARGV[i + 1]) end
  call('PERSIST', name)
  call('SADD', base .. 'limits', key)
  local every = tonumber(call('HGET', name, 'every') or nil)
  if tat and every then call('HSET', name, 'tat', string.format('%.3f', math.min(tat, now + every))) end
end
local class = string.match(key, '^(.*)%*$')
if class then
  for _, waiting in ipairs(call('ZRANGE', base .. 'gates', 0, -1)) do
    if string.sub(waiting, 1, #class) == class then open_gate(waiting) end
  end
else
  open_gate(key)
end
return 1
