-- Takes one try back from each window of KEYS. ARGV: for each key the number of the slice in which it was counted.
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('HGET', key, ARGV[i]) or '0') > 0 then redis.call('HINCRBY', key, ARGV[i], -1) end
end
