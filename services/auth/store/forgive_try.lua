-- Takes one try back from the tally KEYS[1], and its pause if the free tries (ARGV[1]) are no longer used up.
local count = tonumber(redis.call('HGET', KEYS[1], 'count') or '0')
if count == 0 then return end
redis.call('HSET', KEYS[1], 'count', count - 1)
if count - 1 < tonumber(ARGV[1]) then redis.call('HSET', KEYS[1], 'blocked_until', 0) end
