-- quiet: until when reserve may skip its housekeeping.
--
-- needs: prelude
--
-- Two times in `meta`, which housekeeping sets. Without them, reserve does its housekeeping:
--
--   quietUntil  before this ms nothing in a place for later is due, no lease ends, and there are no tombstones
--   tidyAt      from this ms on, reserve forgets ended jobs that are too old or too many, and looks for workers that are
--               gone: TIDY_MS after it last did

-- There is something to do from this time on.
local function not_quiet_from(at)
  local quiet = call('HGET', base .. 'meta', 'quietUntil')
  if quiet and tonumber(quiet) > at then call('HSET', base .. 'meta', 'quietUntil', whole(at)) end
end
