-- ended: which jobs have ended or are no longer known. Cheap, for clients that wait.
--
-- flags: allow-oom
-- needs: prelude
--
-- ARGV[2…]  jobs, at most 1,000
-- returns   the positions (from 1) of those that have ended or are unknown
--
-- It only reads, but is not flagged `no-writes`: a server that has become a replica refuses it, and the client reconnects.

local ended = {}
for i = 2, #ARGV do
  if redis.pcall('HSTRLEN', ARGV[i], 'r') ~= 0 or redis.pcall('HEXISTS', ARGV[i], 'b') ~= 1 then
    ended[#ended + 1] = i - 1
  end
end
return ended
