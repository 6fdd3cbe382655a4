-- schedules: the schedules of a queue. Only reads.
--
-- flags: no-writes
-- needs: places
--
-- ARGV[2]  a name, or '' for all
-- returns  { now, per schedule: { name, flat pairs of its hash, state of its last job or '' } }

local reply = { now_ms() }
local names = ARGV[2] ~= '' and { ARGV[2] } or call('SMEMBERS', base .. 'schedules')
for _, name in ipairs(names) do
  local key = base .. 'schedule:' .. name
  local fields = call('HGETALL', key)
  local last = #fields > 0 and call('HGET', key, 'last')
  if #fields > 0 then reply[#reply + 1] = { name, fields, last and state_of(last) or '' } end
end
return reply
