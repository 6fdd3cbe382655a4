-- sequence_list: the sequences in which a job has its turn, or which a dead job has halted. Only reads.
--
-- flags: no-writes
-- needs: sequences
--
-- ARGV[2]  a key, or '' for all
-- ARGV[3]  how many at most, by key
-- returns  per sequence: { key, the job that it waits for, 1 if that is dead, how many jobs wait for their turn }

local keys, reply = { ARGV[2] }, {}
if ARGV[2] == '' then
  keys = sequence_keys()
  table.sort(keys)
end
for _, key in ipairs(keys) do
  local blocker, dead = blocker_of(key)
  if #reply == tonumber(ARGV[3]) then break end
  if blocker then reply[#reply + 1] = { key, blocker, dead and 1 or 0, call('ZCARD', base .. 'sequence:' .. key) } end
end
return reply
