-- offer_ticks: gives a worker the ticks that are due. Lua knows no time zones: the worker computes the next tick of each
-- schedule and calls tick.lua. Every worker asks; nobody leads.
--
-- flags: allow-oom
-- needs: prelude
--
-- effect   offers a tick to nobody else for OFFER_MS; if this worker dies, another one makes it then
-- returns  { now, per schedule: name, revision, tick, spec }, at most 20 schedules

local OFFER_MS = 1000
local now = now_ms()
local reply = { now }
for _, name in ipairs(call('ZRANGEBYSCORE', base .. 'ticks', '-inf', now, 'LIMIT', 0, 20)) do
  local revision, tick, spec = unpack(call('HMGET', base .. 'schedule:' .. name, 'revision', 'tick', 'spec'))
  if revision and tick and spec then
    call('ZADD', base .. 'ticks', now + OFFER_MS, name)
    for _, value in ipairs({ name, revision, tick, spec }) do reply[#reply + 1] = value end
  else
    call('ZREM', base .. 'ticks', name)
  end
end
return reply
