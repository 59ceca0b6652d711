-- Adds ended sessions to the stream KEYS[1], by this server's own clock. ARGV: life in ms, then sid and at for each.
-- Everything older than the longest life of an access token is trimmed, and the whole stream goes when nothing is added for so long.
local life = tonumber(ARGV[1])
local time = redis.call('TIME')
local oldest = time[1] * 1000 + math.floor(time[2] / 1000) - life
for i = 2, #ARGV, 2 do
  redis.call('XADD', KEYS[1], 'MINID', '~', string.format('%.0f', oldest), '*', 'sid', ARGV[i], 'at', ARGV[i + 1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
