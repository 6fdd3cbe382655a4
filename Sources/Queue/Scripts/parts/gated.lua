-- gated: the end of a reserve that has no housekeeping to do while jobs wait at gates.
--
-- needs: admitting
-- from reserve: hand_over, is_quiet, now, odd, opens, quiet, reply

if is_quiet then
  opens = take_all(false)
  reply[2] = math.max(0, math.min(tonumber(quiet), opens) - now)
  if #odd == 0 then return hand_over() end
end
