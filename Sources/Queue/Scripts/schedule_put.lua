-- schedule_put: makes or changes a schedule. Repeated with the same spec, it changes nothing.
--
-- needs: links
--
-- ARGV[2]  name
-- ARGV[3]  spec      JSON
-- ARGV[4]  revision  of the spec
-- ARGV[5]  timing    of the spec
-- ARGV[6]  source    the file that asks for it, '' for a request at run time
-- ARGV[7]  overlap
-- ARGV[8]  pauseAfter, 0 for never
-- ARGV[9]  its first tick in ms, '' for none
-- effect   keeps the next tick while the timing stays the same, so a restart neither delays nor repeats it.
--          A schedule that was made or changed at run time is no longer its file's
-- returns  'added' | 'changed' | 'same', or the error MAXSCHEDULES

local name, spec, revision, timing, source = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local key = schedule_key(name)
local old = {}
old.revision, old.timing, old.source, old.paused = unpack(call('HMGET', key, 'revision', 'timing', 'source', 'paused'))
if not old.revision and call('SCARD', base .. 'schedules') >= 1000 then
  return redis.error_reply('MAXSCHEDULES 1000')
end
if not old.revision or source == '' then call('HSET', key, 'source', source) end
if old.revision == revision then return 'same' end

call('HSET', key, 'spec', spec, 'revision', revision, 'timing', timing, 'overlap', ARGV[7], 'pauseAfter', ARGV[8])
call('SADD', base .. 'schedules', name)
if old.timing ~= timing then
  if ARGV[9] == '' or old.paused then drop_tick(name) else set_tick(name, ARGV[9]) end
end
return old.revision and 'changed' or 'added'
