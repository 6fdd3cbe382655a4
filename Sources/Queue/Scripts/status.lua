-- status: what is known of jobs. Only reads.
--
-- flags: no-writes
-- needs: places
--
-- ARGV[2…]  jobs
-- returns   per job { state, b, a, r, e, p, cancel, due ms, worker, claim, x, what it waits for, the job that it waits for };
--           '' where there is nothing, and a state of '' for an unknown job. What it waits for is the key of a limit,
--           `signal:<name>`, `sequence:<key>` or `collect:<type>:<key>`. Answers only the first jobs, at least one, if
--           all exceed MOST_BYTES

local reply, bytes = {}, 0
for i = 2, #ARGV do
  if bytes >= MOST_BYTES then break end
  local job = ARGV[i]
  local f = redis.pcall('HMGET', job, 'b', 'a', 'r', 'e', 'p', 'cancel', 'x')
  if f.err then f = {} end
  local state, place, due = state_of(job)
  local row = { state or '' }
  for k = 1, 6 do
    row[k + 1] = f[k] or ''
    bytes = bytes + #row[k + 1]
  end
  row[8], row[9], row[10], row[11] = due or '', '', '', f[7] or ''
  local sequence = string.match(place or '', '^sequence:(.*)$')
  local gate = string.match(place or '', '^gate:(.*)$') or ''
  row[12] = sequence and place or string.gsub(gate, '^%+', 'collect:')
  row[13] = sequence and blocker_of(sequence) or ''
  if place == 'awaiting' then row[12] = 'signal:' .. (call('HGET', base .. 'awaited', job) or '') end
  if state == 'running' then row[9], row[10] = holder(job) end
  reply[i - 1] = row
end
return reply
