-- ended: which jobs have ended, or are not known any more. For those who wait: it reads no more than it must.
--
-- flags: allow-oom
-- needs: prelude
--
-- ARGV[2…]  jobs, 1,000 at most
-- returns   the positions (from 1) of those that have ended or are unknown
--
-- It only reads, but it is not marked so: a server that has become a replica refuses it, and the connection goes elsewhere.

local ended = {}
for i = 2, #ARGV do
  if redis.pcall('HSTRLEN', ARGV[i], 'r') ~= 0 or redis.pcall('HEXISTS', ARGV[i], 'b') ~= 1 then
    ended[#ended + 1] = i - 1
  end
end
return ended
