-- evidence: distinguishes a worker that died from one that is silent because Redis stalled.
--
-- needs: lease, quiet
--
-- Each worker subscribes to its own channel, and says so in its beats. When a process is killed, the kernel closes its
-- sockets, and Redis knows within milliseconds that the subscription is gone. When Redis stalls, subscriptions stay. This
-- evidence is valid only on the run of the server on which the worker subscribed: after a restart or a failover, the lease
-- alone decides.
--
-- `suspects` has workers by the ms at which a problem was first seen. A beat removes a worker. A problem that lasts for
-- GRACE_MS is taken as real:
--
--   not subscribed, the lease holds    it was killed, unless it reconnects
--   subscribed, the lease has ended    its host is frozen or cut off; after a stall of Redis, it beats or leaves in time
--
-- A worker with neither a lease nor a subscription gets no grace.

local GRACE_MS = 800

-- Whether it is time to look for workers that are gone. `watched`: when that was last done, a field of `meta`.
local function watch_is_due(watched, now)
  watched = tonumber(watched or 0)
  return now - watched >= TIDY_MS or now < watched
end

-- The `run_id` of this server; nil if the user may not ask.
local function server_run()
  local info = redis.pcall('INFO', 'server')
  return type(info) == 'string' and string.match(info, 'run_id:(%x+)') or nil
end

-- What a worker said about itself in its last beat.
local function about(worker)
  local read, said = pcall(cjson.decode, redis.pcall('GET', base .. 'worker:' .. worker))
  return read and type(said) == 'table' and said or {}
end

-- The number of subscribers of each of these workers' channels.
local function listeners(workers)
  local channels, counts = {}, {}
  for i, worker in ipairs(workers) do channels[i] = base .. 'calls:' .. worker end
  local reply = call('PUBSUB', 'NUMSUB', unpack(channels))
  for i = 2, #reply, 2 do counts[i / 2] = reply[i] end
  return counts
end

-- Whether its last beat said that it is subscribed, on this run of the server.
local function said_it_listens(said, run) return run ~= nil and said.listens == run end

-- Since when a worker is a suspect; makes it one if it was not.
local function suspect(worker, now)
  local since = tonumber(call('ZSCORE', base .. 'suspects', worker) or now + 1)
  if since <= now then return since end
  call('ZADD', base .. 'suspects', now, worker)
  return now
end

-- Looks for workers that are gone, and for leases that end too late because the clock was set back. Beats and reserves do
-- this when `watch_is_due`: every TIDY_MS at most, however many workers there are.
local function watch_workers(now, caller)
  call('HSET', base .. 'meta', 'watched', whole(now))
  local workers = call('ZRANGE', base .. 'workers', 0, 999, 'WITHSCORES')
  local names, ends = {}, {}
  for i = 1, #workers, 2 do
    names[#names + 1], ends[#ends + 1] = workers[i], tonumber(workers[i + 1])
  end
  if #names == 0 then return end
  local run
  for i, count in ipairs(listeners(names)) do
    local worker = names[i]
    if ends[i] > LOST and worker ~= caller and (count == 0 or ends[i] > now + 60000) then
      run = run or server_run()
      local said = about(worker)
      local longest = now + (tonumber(said.leaseMs) or math.huge)
      if ends[i] > longest + 1000 then
        call('ZADD', base .. 'workers', longest, worker)
        not_quiet_from(longest)
      end
      if count == 0 and said_it_listens(said, run) and suspect(worker, now) == now then
        not_quiet_from(now + GRACE_MS)
        ring()
      end
    end
  end
end

-- The next worker that is dead or lost, condemned if it was not yet, and the verdict; nil if there is none.
local function condemned(now)
  local worker, ends = unpack(call('ZRANGE', base .. 'workers', 0, 0, 'WITHSCORES'))
  if worker and tonumber(ends) <= LOST then return worker, tonumber(ends) end
  local run
  local function condemn(lost, verdict)
    call('ZADD', base .. 'workers', verdict, lost)
    return lost, verdict
  end
  for _, lost in ipairs(call('ZRANGEBYSCORE', base .. 'workers', '-inf', now, 'LIMIT', 0, 100)) do
    run = run or server_run()
    local said = about(lost)
    -- Its last beat went to another run of the server: this says nothing about the worker.
    if run and type(said.server) == 'string' and said.server ~= '' and said.server ~= run then return condemn(lost, LOST) end
    if not said_it_listens(said, run) or listeners({ lost })[1] == 0 then return condemn(lost, DEAD) end
    if suspect(lost, now) <= now - GRACE_MS then return condemn(lost, LOST) end
  end
  for _, gone in ipairs(call('ZRANGEBYSCORE', base .. 'suspects', '-inf', now - GRACE_MS, 'LIMIT', 0, 100)) do
    run = run or server_run()
    if not call('ZSCORE', base .. 'workers', gone) then
      call('ZREM', base .. 'suspects', gone)
    elseif said_it_listens(about(gone), run) and listeners({ gone })[1] == 0 then
      return condemn(gone, DEAD)
    elseif lease_of(gone, now) then
      call('ZREM', base .. 'suspects', gone)
    end
  end
end

-- When the grace of the first suspect ends; nil if there is none.
local function suspicion_ends()
  local first, since = unpack(call('ZRANGE', base .. 'suspects', 0, 0, 'WITHSCORES'))
  return first and tonumber(since) + GRACE_MS
end
