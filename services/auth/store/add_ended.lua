-- Adds ended sessions to the stream KEYS[1], by this server's own clock. ARGV: life in ms, the last place that was heard
-- of anywhere (ms, number), then sid and at for each.
-- Everything older than the longest life of an access token is trimmed, and the whole stream goes when nothing is added for so long.
local life, last_ms, last_number = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Ids only grow, for whoever listens asks for what stands behind the last one. A server that took over without the last
-- entries, and with a clock that is behind, would give ids that everybody has passed.
local function place()
  if now > last_ms then return '*' end
  if redis.call('EXISTS', KEYS[1]) == 1 then
    local info = redis.call('XINFO', 'STREAM', KEYS[1])
    for i = 1, #info, 2 do
      if info[i] == 'last-generated-id' then
        local ms, number = string.match(info[i + 1], '^(%d+)-(%d+)$')
        ms, number = tonumber(ms), tonumber(number)
        if ms > last_ms or (ms == last_ms and number >= last_number) then return '*' end
      end
    end
  end
  return string.format('%.0f-%.0f', last_ms, last_number + 1)
end

for i = 4, #ARGV, 2 do
  redis.call('XADD', KEYS[1], 'MINID', '~', string.format('%.0f', now - life), place(), 'sid', ARGV[i], 'at', ARGV[i + 1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
