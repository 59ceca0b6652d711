"""The steps that must be one, as Lua. None of them knows the rules: they compare, store, and tell.

Both keys of a login carry the hash tag `{<login>}`, so every script stays on one slot of a Redis Cluster.

    twofactor:{<login>}:open             text `<count><+|-><id>`: how many challenges this login has had, whether
                                         the newest still takes the login's one place, and which it is
    twofactor:{<login>}:challenge:<id>   hash, see `challenge_codec`
"""

# KEYS place. ARGV what stands before an id in the key of a challenge  ->  "" | id, field, value, ... of the newest
LATEST = """
local place = redis.call('GET', KEYS[1])
if not place then return '' end
local packed = string.match(place, '^%d+[+-](.*)$')
local id = string.sub(packed, 2)
if string.sub(packed, 1, 1) == 'u' then
  local bytes = { string.byte(id, 1, 16) }
  id = string.format('%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x', unpack(bytes))
end
local found = redis.call('HGETALL', ARGV[1] .. id)
if #found == 0 then return '' end
return { id, found }
"""

# KEYS place, challenge. ARGV id, at most, ttl (ms), field, value, ...  ->  "" | "many" | id of the one in the place
OPEN = """
local place, count = redis.call('GET', KEYS[1]), 0
if place then
  local had, taken, id = string.match(place, '^(%d+)([+-])(.*)$')
  if taken == '+' then return id end
  count = tonumber(had)
end
if count >= tonumber(ARGV[2]) then return 'many' end
redis.call('SET', KEYS[1], (count + 1) .. '+' .. ARGV[1], 'PX', ARGV[3])
redis.call('HSET', KEYS[2], unpack(ARGV, 4))
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return ''
"""

# KEYS challenge, place. ARGV expected, id, closes (1|0), ttl (ms), channel, message or "", field, value, ...
#   ->  1 moved | 0
MOVE = """
if redis.call('HGET', KEYS[1], 's') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 7))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
local place = redis.call('GET', KEYS[2])
if place then
  local had, taken, id = string.match(place, '^(%d+)([+-])(.*)$')
  if ARGV[3] == '1' and id == ARGV[2] then taken = '-' end
  redis.call('SET', KEYS[2], had .. taken .. id, 'PX', ARGV[4])
end
if ARGV[6] ~= '' then redis.call('PUBLISH', ARGV[5], ARGV[6]) end
return 1
"""

# KEYS challenge. ARGV reference  ->  the reference that is bound, "" if the challenge is gone
BIND = """
if redis.call('EXISTS', KEYS[1]) == 0 then return '' end
redis.call('HSETNX', KEYS[1], 'r', ARGV[1])
redis.call('HSET', KEYS[1], 'd', 'p')
return redis.call('HGET', KEYS[1], 'r')
"""

# KEYS challenge. ARGV delivery's letter
DELIVERED = """
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'd', ARGV[1]) end
return 0
"""

# KEYS challenge. ARGV the statuses in which one may be spent  ->  tries left | -1 if there was none to spend
TAKE_TRY = """
local status, allowed = redis.call('HGET', KEYS[1], 's'), false
for _, each in ipairs(ARGV) do allowed = allowed or status == each end
if not allowed then return -1 end
if tonumber(redis.call('HGET', KEYS[1], 'k')) < 1 then return -1 end
return redis.call('HINCRBY', KEYS[1], 'k', -1)
"""

# KEYS logins. ARGV login, over at (ms), now (ms), ttl (ms)
NOTE_LOGIN = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 0
"""

# KEYS challenge. ARGV the statuses in which one may be spent
GIVE_TRY_BACK = """
local status = redis.call('HGET', KEYS[1], 's')
for _, each in ipairs(ARGV) do
  if status == each then redis.call('HINCRBY', KEYS[1], 'k', 1) end
end
return 0
"""
