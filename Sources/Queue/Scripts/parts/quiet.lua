-- quiet: until when reserve may skip its housekeeping.
--
-- needs: prelude
--
-- Two fields of `meta`, which only housekeeping raises. Without them, reserve does its housekeeping:
--
--   quietUntil  before this ms nothing in a place for later is due, no lease ends, and there are no tombstones
--   tidyAt      before this ms no ended job is too old, their bytes are within the limits, and it is not time to look for
--               workers that are gone

-- There is something to do from this time on.
local function lower(field, at)
  local known = call('HGET', base .. 'meta', field)
  if known and tonumber(known) > at then call('HSET', base .. 'meta', field, whole(at)) end
end
