-- purge: forgets dead jobs, with the idempotency keys that they hold.
--
--   dead -> (gone)
--
-- flags: allow-oom
-- needs: ending
--
-- ARGV[2]  a job, or '' for the oldest
-- ARGV[3]  how many of these, 1,000 at most
-- returns  how many are gone

local jobs = ARGV[2] ~= '' and { ARGV[2] } or call('ZRANGE', base .. 'dead', 0, tonumber(ARGV[3]) - 1)
local gone = 0
for _, job in ipairs(jobs) do
  if call('ZSCORE', base .. 'dead', job) then
    leave_dead(job)
    call('ZREM', base .. 'remembered', job)
    call('UNLINK', job)
    gone = gone + 1
  end
end
return gone
