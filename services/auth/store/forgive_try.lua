-- Takes one try back from the tally KEYS[1], and its pause if free tries are left. ARGV: now, free, leak (times in ms).
local now, free, leak = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HGET', KEYS[1], 'empty_at')
if not kept then return end
local empty = tonumber(kept) - leak
redis.call('HSET', KEYS[1], 'empty_at', string.format('%.0f', empty))
if math.ceil((empty - now) / leak) < free then redis.call('HDEL', KEYS[1], 'blocked_until') end
