-- status: what is known of jobs. Reads only.
--
-- ARGV[2…]  ids
-- returns   per id { state, b, a, r, e, p, cancel, due ms, worker, claim }; '' where there is nothing,
--           and a state of '' for an unknown job

local reply = {}
for i = 2, #ARGV do
  local id = ARGV[i]
  local f = redis.pcall('HMGET', job(id), 'b', 'a', 'r', 'e', 'p', 'cancel')
  if f.err then f = {} end
  local state, place = state_of(id)
  local row = { state or '' }
  for k = 1, 6 do row[k + 1] = f[k] or '' end
  row[8], row[9], row[10] = '', '', ''
  if place == 'scheduled' or place == 'retrying' or place == 'unclaimed' then
    row[8] = call('ZSCORE', base .. place, id)
  elseif state == 'running' then
    row[9], row[10] = holder(id)
  end
  reply[i - 1] = row
end
return reply
