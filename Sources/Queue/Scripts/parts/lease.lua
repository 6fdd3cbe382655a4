-- lease: a worker's lease, which covers all its jobs.
--
-- needs: prelude
--
-- `workers` has the end of each lease in ms. A worker that is found dead or lost is condemned: its score becomes DEAD or
-- LOST, it can't renew its lease, and its jobs go elsewhere, some per call.

local DEAD, LOST = 0, 1

-- The end of a lease that holds; otherwise nil.
local function lease_of(worker, now)
  local ends = tonumber(call('ZSCORE', base .. 'workers', worker) or 0)
  if ends > now then return ends end
end

local function lapsed(worker) return redis.error_reply('LAPSED no lease for worker ' .. worker) end
