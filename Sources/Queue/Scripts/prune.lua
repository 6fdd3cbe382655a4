-- prune: forgets ended jobs by age and by bytes, oldest first. Part of reserve; a few entries a call.
--
--   succeeded | cancelled | expired | dead -> (gone)
--
-- A job that was revived after it had ended still stands in an old entry of `done`: `revived` counts these.

local function prune_done(now, keep_ms, keep_bytes)
  for _ = 1, 4 do
    local mark = call('LINDEX', base .. 'done', -1)
    if not mark then return false end
    local state, at, bytes, count = string.match(mark, '^(%a+) (%d+) (%d+) (%d+)$')
    if not state then state, at, bytes, count = 'garbled', 0, 0, 0 end
    local kept = tonumber(call('HGET', base .. 'meta', 'doneBytes') or 0)
    if tonumber(at) > now - keep_ms and kept <= keep_bytes then return false end
    call('RPOP', base .. 'done')
    call('HINCRBY', base .. 'meta', 'doneBytes', 0 - tonumber(bytes))
    local revived = call('EXISTS', base .. 'revived') == 1
    local gone = {}
    for _, id in ipairs(call('RPOP', base .. 'done', count) or {}) do
      if revived and call('HGET', base .. 'revived', id) then
        if call('HINCRBY', base .. 'revived', id, -1) == 0 then call('HDEL', base .. 'revived', id) end
      else
        gone[#gone + 1] = job(id)
      end
    end
    if #gone > 0 then
      call('UNLINK', unpack(gone))
      call('HINCRBY', base .. 'totals', 'pruned:' .. state, #gone)
    end
  end
  return true
end

local function forget_dead(id)
  call('HINCRBY', base .. 'meta', 'deadBytes', 0 - bytes_of(id))
  call('ZREM', base .. 'dead', id)
  if call('EXISTS', base .. 'dead') == 0 then call('HDEL', base .. 'meta', 'deadBytes') end
  call('UNLINK', job(id))
end

local function prune_dead(now, keep_ms, keep_bytes)
  local ids = call('ZRANGE', base .. 'dead', 0, 99, 'WITHSCORES')
  for i = 1, #ids, 2 do
    local bytes = tonumber(call('HGET', base .. 'meta', 'deadBytes') or 0)
    if tonumber(ids[i + 1]) > now - keep_ms and bytes <= keep_bytes then return end
    forget_dead(ids[i])
  end
end
