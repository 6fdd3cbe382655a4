-- purge: forgets dead jobs and releases their idempotency keys. A sequence that one of them halted goes on.
--
--   dead -> (gone)
--
-- flags: allow-oom
-- needs: ending
--
-- ARGV[2]  a job, or '' for the oldest
-- ARGV[3]  how many of the oldest, at most 1,000
-- returns  how many were forgotten

local jobs = ARGV[2] ~= '' and { ARGV[2] } or call('ZRANGE', base .. 'dead', 0, tonumber(ARGV[3]) - 1)
local gone = 0
for _, job in ipairs(jobs) do
  if call('ZSCORE', base .. 'dead', job) then
    leave_dead(job)
    give_up_blocker(job)
    call('ZREM', base .. 'remembered', job)
    call('UNLINK', job)
    gone = gone + 1
  end
end
return gone
