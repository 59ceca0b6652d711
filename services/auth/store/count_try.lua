-- Counts one try in every tally of KEYS, or in none if one of them is paused. Atomic: a hundred tries at once are a hundred.
-- ARGV: now, then for each key: free, first pause, longest pause, leak (all times in ms). Answers the pause, 0 if there is none.
-- The rule itself is written down in model/lockout.py; tests/contract holds the two to the same answers.
local now = tonumber(ARGV[1])
local empty_at, longest_wait = {}, 0
for i, key in ipairs(KEYS) do
  local kept = redis.call('HMGET', key, 'empty_at', 'blocked_until')
  empty_at[i] = math.max(tonumber(kept[1] or '0'), now)
  longest_wait = math.max(longest_wait, tonumber(kept[2] or '0') - now)
end
if longest_wait > 0 then return longest_wait end

for i, key in ipairs(KEYS) do
  local at = 2 + (i - 1) * 4
  local free, first, longest, leak = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local empty, pause = empty_at[i] + leak, 0
  local count = math.ceil((empty - now) / leak)
  if count >= free then pause = math.min(first * 2 ^ math.min(count - free, 30), longest) end
  redis.call('HSET', key, 'empty_at', string.format('%.0f', empty))
  if pause > 0 then redis.call('HSET', key, 'blocked_until', string.format('%.0f', now + pause))
  else redis.call('HDEL', key, 'blocked_until') end
  redis.call('PEXPIRE', key, math.max(empty - now, pause))
end
return 0
