-- Counts one try in every window of KEYS, or in none if one of them is full. Atomic: a hundred tries at once are a hundred.
-- ARGV: now (ms), slices in a window, then for each key: amount, length of a slice (ms).
-- A window is a hash: number of the slice of time -> tries in it. A slice counts until its last moment is a whole window
-- ago, so no stretch of time as long as the window ever holds more than the amount.
-- Answers 1 or 0 for counted or not, then for each key: tries left, ms until there is one more.
local now, slices = tonumber(ARGV[1]), tonumber(ARGV[2])
local windows, admitted = {}, 1
for i, key in ipairs(KEYS) do
  local amount, slice = tonumber(ARGV[1 + 2 * i]), tonumber(ARGV[2 + 2 * i])
  local current = math.floor(now / slice)
  local used, live, gone = 0, {}, {}
  local kept = redis.call('HGETALL', key)
  for j = 1, #kept, 2 do
    local at, tries = tonumber(kept[j]), tonumber(kept[j + 1])
    if at < current - slices then
      gone[#gone + 1] = kept[j]
    elseif tries > 0 then
      used = used + tries
      live[#live + 1] = { at, tries }
    end
  end
  table.sort(live, function(one, other) return one[1] < other[1] end)
  windows[i] = { key = key, amount = amount, slice = slice, current = current, used = used, live = live, gone = gone }
  if used >= amount then admitted = 0 end
end

local answer = { admitted }
for _, window in ipairs(windows) do
  if admitted == 1 then
    redis.call('HINCRBY', window.key, string.format('%.0f', window.current), 1)
    if #window.gone > 0 then redis.call('HDEL', window.key, unpack(window.gone)) end
    redis.call('PEXPIRE', window.key, (slices + 1) * window.slice)
    window.used = window.used + 1
    if #window.live == 0 then window.live[1] = { window.current, 1 } end
  end
  -- How many have to leave before one more fits: one, unless the amount has been lowered meanwhile.
  local missing, more_at = math.max(window.used + 1 - window.amount, 1), now
  for _, one in ipairs(window.live) do
    if missing > 0 then
      missing = missing - one[2]
      more_at = (one[1] + slices + 1) * window.slice
    end
  end
  answer[#answer + 1] = math.max(window.amount - window.used, 0)
  answer[#answer + 1] = math.max(more_at - now, 0)
end
return answer
