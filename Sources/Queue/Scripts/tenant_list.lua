-- tenant_list: the tenants that have terms, and those with ready jobs. Only reads.
--
-- flags: no-writes
-- needs: prelude
--
-- ARGV[2]  how many of the tenants with ready jobs at most; those with the most come first
-- returns  { flat pairs of tenant and terms, flat pairs of tenant and how many of its jobs are ready,
--            how many tenants have ready jobs }

local pairs_of, deep = call('HGETALL', base .. 'depths'), {}
for i = 1, #pairs_of, 2 do deep[#deep + 1] = { pairs_of[i], tonumber(pairs_of[i + 1]) } end
table.sort(deep, function(a, b) return a[2] > b[2] or a[2] == b[2] and a[1] < b[1] end)
local depths = {}
for i = 1, math.min(#deep, tonumber(ARGV[2])) do
  depths[2 * i - 1], depths[2 * i] = deep[i][1], deep[i][2]
end
return { call('HGETALL', base .. 'tenants'), depths, #deep }
