-- sharing: how reserve hands out the jobs of tenants. Part of reserve, only while such jobs wait.
--
-- needs: tenants
-- from reserve: admit, buried, bytes, lists, reply, room, take, taken

-- Takes these jobs from the head of a set, as far as their bodies fit.
local function take_heads(priority, count)
  local key, left, popped = base .. 'fair:' .. priority, {}, call('ZPOPMIN', base .. 'fair:' .. priority, count)
  for i = 1, #popped, 2 do
    local job, before = popped[i], taken
    if bytes >= MOST_BYTES then
      call('ZADD', key, popped[i + 1], job)
    else
      admit(job)
      local b = taken > before and reply[3 * taken + 1] or read(job, 'b').b
      local tenant = options(b).tenant
      if tenant then left[tenant] = (left[tenant] or 0) + 1 end
    end
  end
  for tenant, jobs in pairs(left) do less_deep(tenant, jobs) end
end

-- The ready jobs of one priority, with and without tenants: those without are one tenant more, of weight 1.
local function take_shared(graves, priority)
  local key, meta = base .. 'fair:' .. priority, base .. 'meta'
  while taken < room and buried < 1000 and bytes < MOST_BYTES do
    local heads = call('ZRANGE', key, 0, room - taken - 1, 'WITHSCORES')
    if #heads == 0 then return take(graves, priority) end
    local virtual, plain = unpack(call('HMGET', meta, 'virtual:' .. priority, 'plain:' .. priority))
    virtual = tonumber(virtual or 0)
    plain = math.max(virtual, tonumber(plain or 0))
    local listed, from_list, from_set = call('LLEN', lists[priority + 1]), 0, 0
    while taken + from_list + from_set < room do
      local start = tonumber(heads[2 * from_set + 2])
      if from_list < listed and (not start or plain <= start) then
        virtual = math.max(virtual, plain)
        from_list, plain = from_list + 1, plain + SHARE
      elseif start then
        virtual = math.max(virtual, start)
        from_set = from_set + 1
      else
        break
      end
    end
    call('HSET', meta, 'virtual:' .. priority, whole(virtual), 'plain:' .. priority, whole(plain))
    call('ZREMRANGEBYSCORE', base .. 'shares:' .. priority, '-inf', whole(virtual))
    if from_set > 0 then take_heads(priority, from_set) end
    if from_list > 0 then
      local whole_room = room
      room = taken + from_list
      take(graves, priority)
      room = whole_room
    end
    close_if_shared_out(priority)
  end
end
