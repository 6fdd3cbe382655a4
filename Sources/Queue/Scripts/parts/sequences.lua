-- sequences: jobs with the same sequence key run one after the other, in the order in which they were stored.
--
-- needs: record
--
-- sequence:<key>  ZSET of the jobs that wait for their turn, by the number of their turn
-- sequences       HASH key -> its head: the job whose turn it is, until that has ended
-- heads           HASH job -> key, the same the other way round: a job whose record was destroyed does not say its key
-- halted          HASH key -> the head that has died and halted the sequence
-- meta            following: how many jobs wait for their turn
--
-- A link `sequence <halt or goOn> <key>` says what follows when the job dies. A job joins when it becomes ready: one that waits
-- for its time keeps nobody waiting.

local function sequence_of(l) return string.match(l or '', 'sequence (%a+) (%S+)') end

-- The job that a sequence waits for, and whether it has died.
local function blocker_of(key)
  local head = call('HGET', base .. 'sequences', key)
  local dead = not head and call('HGET', base .. 'halted', key)
  return head or dead, not head and dead ~= false
end

local function sequence_keys()
  local keys = call('HKEYS', base .. 'sequences')
  for _, key in ipairs(call('HKEYS', base .. 'halted')) do keys[#keys + 1] = key end
  return keys
end

local function become_head(job, key)
  call('HSET', base .. 'sequences', key, job)
  call('HSET', base .. 'heads', job, key)
  call('HDEL', base .. 'halted', key)
end

-- Makes a ready job the head if it is its turn; else it waits.
local function takes_turn(job, key, l)
  local blocker, dead = blocker_of(key)
  if blocker == job and not dead then return true end
  if not blocker or blocker == job then
    become_head(job, key)
    return true
  end
  if call('ZADD', base .. 'sequence:' .. key, turn_of(l), job) == 1 then
    call('HINCRBY', base .. 'meta', 'following', 1)
  end
  return false
end

local function leave_sequence(job, key)
  if call('ZREM', base .. 'sequence:' .. key, job) == 1 then call('HINCRBY', base .. 'meta', 'following', -1) end
end

-- The key of the sequence in which a job waits for its turn.
local function follows_in(job, l)
  local _, key = sequence_of(l)
  if key and call('ZSCORE', base .. 'sequence:' .. key, job) then return key end
end
