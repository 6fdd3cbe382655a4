-- prune: forgets ended jobs by age and by bytes, oldest first. Part of reserve.
--
--   succeeded | cancelled | expired | dead -> (gone)
--
-- needs: ending, keys
--
-- A job that was retried after its end is still in an old group of `done`: `revived` counts these void entries.
-- A call forgets at most `pace` groups, and starts no further group after a thousand jobs. The pace is at least the number
-- of jobs that the reserve has room for, so that pruning keeps up with their ends.

local function prune_done(now, keep_ms, keep_bytes, kept, pace)
  local forgotten = 0
  for _ = 1, pace do
    if forgotten >= 1000 then return true end
    local mark = call('LINDEX', base .. 'done', -1)
    if not mark then
      call('HDEL', base .. 'meta', 'doneBytes')
      return false
    end
    local state, at, bytes, count = string.match(mark, '^(%a+) (%d+) (%d+) (%d+)$')
    if not state then state, at, bytes, count = 'garbled', 0, 0, 0 end
    if tonumber(at) > now - keep_ms and kept <= keep_bytes then return false end
    call('RPOP', base .. 'done')
    kept = call('HINCRBY', base .. 'meta', 'doneBytes', 0 - tonumber(bytes))
    local retried = call('EXISTS', base .. 'revived') == 1
    local gone = {}
    for _, job in ipairs(call('RPOP', base .. 'done', count) or {}) do
      if retried and call('HGET', base .. 'revived', job) then
        if call('HINCRBY', base .. 'revived', job, -1) == 0 then call('HDEL', base .. 'revived', job) end
      else
        gone[#gone + 1] = job
      end
    end
    forgotten = forgotten + #gone
    if #gone > 0 then
      forget(gone, now)
      call('HINCRBY', base .. 'totals', 'pruned:' .. state, #gone)
    end
  end
  return true
end

local function prune_dead(now, keep_ms, keep_bytes, kept, pace)
  for _ = 1, pace do
    local oldest, at = unpack(call('ZRANGE', base .. 'dead', 0, 0, 'WITHSCORES'))
    if not oldest then
      call('HDEL', base .. 'meta', 'deadBytes')
      return false
    end
    if tonumber(at) > now - keep_ms and kept <= keep_bytes then return false end
    leave_dead(oldest)
    forget({ oldest }, now)
    kept = tonumber(call('HGET', base .. 'meta', 'deadBytes') or 0)
  end
  return true
end
