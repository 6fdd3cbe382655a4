-- tenants: ready jobs that have a tenant, in an order that is fair between tenants.
--
-- needs: gates, record
--
-- Start-time fair queueing (Goyal, Vin, Cheng: SIGCOMM 1996). Each job gets a start tag in virtual time: where its tenant's
-- job before ended, but not before the virtual time of now, which is the tag of the job that was taken last. A job moves its
-- tenant's next one by SHARE / weight. So between two jobs of a tenant, each other tenant gets at most its weight: the
-- promise of deficit round robin, with one command for a whole batch and no ring to turn.
--
-- fair:<p>    ZSET of ready jobs with a tenant, by start tag; one set a priority, as with the lists
-- shares:<p>  ZSET tenant -> the start tag of its next job; without those that virtual time has overtaken
-- depths      HASH tenant -> how many of its jobs are in these sets
-- tenants     HASH tenant -> `<weight> <most jobs that may wait, 0 for any number>`; '*' for all others
-- meta        virtual:<p>: the virtual time; plain:<p>: the start tag of the next job without a tenant

local SHARE = 1000
local known_tenants = {}

-- The weight of a tenant, and how many of its jobs may wait.
local function tenant_terms(tenant)
  local terms = known_tenants[tenant]
  if not terms then
    local own, others = unpack(call('HMGET', base .. 'tenants', tenant, '*'))
    local weight, most = string.match(own or others or '1 0', '^(%d+) (%d+)$')
    terms = { weight = tonumber(weight), most = tonumber(most) }
    known_tenants[tenant] = terms
  end
  return terms
end

local function cost_of(tenant) return math.ceil(SHARE / tenant_terms(tenant).weight) end

local function fair_sets() return base .. 'fair:0', base .. 'fair:1', base .. 'fair:2', base .. 'fair:3' end

-- Lines up a ready job; at the head if it has been taken before.
local function share(job, tenant, priority, at_head)
  local now_virtual = tonumber(call('HGET', base .. 'meta', 'virtual:' .. priority) or 0)
  local start = now_virtual - 1
  if not at_head then
    local shares = base .. 'shares:' .. priority
    start = math.max(now_virtual, tonumber(call('ZSCORE', shares, tenant) or 0))
    call('ZADD', shares, whole(start + cost_of(tenant)), tenant)
  end
  call('ZADD', base .. 'fair:' .. priority, whole(start), job)
  call('HINCRBY', base .. 'depths', tenant, 1)
  call('HSET', base .. 'meta', 'gated', 0)
end

-- These jobs of a tenant no longer wait.
local function less_deep(tenant, jobs)
  if call('HINCRBY', base .. 'depths', tenant, -jobs) <= 0 then call('HDEL', base .. 'depths', tenant) end
end

-- Without waiting jobs, all tenants are equal again.
local function close_if_shared_out(priority)
  if call('EXISTS', base .. 'fair:' .. priority) == 1 then return end
  call('DEL', base .. 'shares:' .. priority)
  call('HDEL', base .. 'meta', 'virtual:' .. priority, 'plain:' .. priority)
  if call('EXISTS', fair_sets()) == 0 then call('DEL', base .. 'depths') end
  close_gates()
end

-- The priority of the set in which a job waits; nil if it is in none.
local function shared_priority(job)
  for priority = 0, 3 do
    if call('ZSCORE', base .. 'fair:' .. priority, job) then return priority end
  end
end

local function unshare(job, tenant, priority)
  if call('ZREM', base .. 'fair:' .. priority, job) == 0 then return end
  if tenant then less_deep(tenant, 1) end
  close_if_shared_out(priority)
end
