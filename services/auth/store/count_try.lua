-- Counts one try in every tally of KEYS, or in none if one of them is paused. Atomic: a hundred tries at once are a hundred.
-- ARGV: now, then for each key: free, first pause, longest pause, memory (all times in ms). Answers the pause, 0 if there is none.
-- The rule itself is written down in model/lockout.py; tests/contract holds the two to the same answers.
local now = tonumber(ARGV[1])
local tallies, longest_wait = {}, 0
for i, key in ipairs(KEYS) do
  local kept = redis.call('HMGET', key, 'count', 'blocked_until', 'forget_at')
  local count, blocked_until = tonumber(kept[1] or '0'), tonumber(kept[2] or '0')
  if now >= tonumber(kept[3] or '0') then count, blocked_until = 0, 0 end
  tallies[i] = count
  longest_wait = math.max(longest_wait, blocked_until - now)
end
if longest_wait > 0 then return longest_wait end

for i, key in ipairs(KEYS) do
  local at = 2 + (i - 1) * 4
  local free, first, longest, memory = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local count, pause = tallies[i] + 1, 0
  if count >= free then pause = math.min(first * 2 ^ math.min(count - free, 30), longest) end
  redis.call('HSET', key, 'count', count,
    'blocked_until', string.format('%.0f', now + pause), 'forget_at', string.format('%.0f', now + pause + memory))
  redis.call('PEXPIRE', key, pause + memory)
end
return 0
