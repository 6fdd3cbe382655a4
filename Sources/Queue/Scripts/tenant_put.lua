-- tenant_put: sets or removes the terms of a tenant, or of all tenants without terms of their own.
--
-- flags: allow-oom
-- needs: prelude
--
-- ARGV[2]  tenant, '*' for all others
-- ARGV[3]  weight, 1 to 1,000; '' to remove the terms
-- ARGV[4]  how many of its jobs may wait, 0 for any number
-- effect   holds for jobs that are enqueued from now on
-- returns  1, or the error TENANTS: as many tenants have terms as may

local key = base .. 'tenants'
if ARGV[3] == '' then
  call('HDEL', key, ARGV[2])
elseif call('HEXISTS', key, ARGV[2]) == 0 and call('HLEN', key) >= 10000 then
  return redis.error_reply('TENANTS 10000')
else
  call('HSET', key, ARGV[2], string.format('%d %d', ARGV[3], ARGV[4]))
end
return 1
