-- The catalogue of backups. What an entry says never changes; its marks do, and stand beside it.
--   backup:<archive>                                 hash  entry (JSON), verified, proved (ms), pinned (1)
--   backups:<array> | backups:<array>:<uid>          zset  archive -> its instant: of an array, of a volume
--   backed                                           hash  '<array> <uid>' -> '<ms first backed up> <ms last proved, or 0> <name>'
local function entry(archive)
  local stored = call('HGET', P .. 'backup:' .. archive, 'entry')
  return stored and cjson.decode(stored)
end

local function indexes(one) return {P .. 'backups:' .. one.array, P .. 'backups:' .. one.array .. ':' .. one.uid} end

local function volume(one)                        -- when its first backup was, when one was last proved, its name
  local stored = call('HGET', P .. 'backed', one.array .. ' ' .. one.uid) or ''
  local first, proved, name = stored:match('^(%d+) (%d+) (.*)$')
  return tonumber(first), tonumber(proved), name
end

local function tell(one, first, proved)           -- a volume is called as its newest backup calls it, and forgotten with its last
  local newest = call('ZREVRANGE', indexes(one)[2], 0, 0)[1]
  if newest then
    call('HSET', P .. 'backed', one.array .. ' ' .. one.uid, string.format('%.0f %.0f %s', first, proved, entry(newest).volume))
  else call('HDEL', P .. 'backed', one.array .. ' ' .. one.uid) end
end

local function take_out(archive, one)
  for _, key in ipairs(indexes(one)) do call('ZREM', key, archive) end
  tell(one, volume(one))
end

local function later(archive, mark, at)
  local key = P .. 'backup:' .. archive
  if at > tonumber(call('HGET', key, mark) or 0) then call('HSET', key, mark, at) end
end

function Catalogue.entered(archive, document, instant, verified, proved, pinned)
  local before, one = entry(archive), cjson.decode(document)
  if before and (before.array ~= one.array or before.uid ~= one.uid) then take_out(archive, before) end
  call('HSET', P .. 'backup:' .. archive, 'entry', document)
  later(archive, 'verified', verified)
  later(archive, 'proved', proved)
  if pinned == 1 then call('HSET', P .. 'backup:' .. archive, 'pinned', 1) end
  for _, key in ipairs(indexes(one)) do call('ZADD', key, instant, archive) end
  local first, last = volume(one)
  tell(one, math.min(first or instant, instant), math.max(last or 0, proved))
  return {1}
end

function Catalogue.marked(archive, mark, at)
  if call('EXISTS', P .. 'backup:' .. archive) == 0 then return {0} end
  later(archive, mark, at)
  local one = entry(archive)
  local first, proved = volume(one)
  if mark == 'proved' then tell(one, first, math.max(proved, at)) end
  return {1}
end

function Catalogue.pinned(archive, on)
  local key = P .. 'backup:' .. archive
  if call('EXISTS', key) == 0 then return {0} end
  if on == 1 then call('HSET', key, 'pinned', 1) else call('HDEL', key, 'pinned') end
  return {1}
end

function Catalogue.forgotten(archives)
  for _, archive in ipairs(archives) do
    local one = entry(archive)
    if one then
      call('DEL', P .. 'backup:' .. archive)
      take_out(archive, one)
    end
  end
  return {1}
end

local function meant(array, volume)               -- the indexes of an array ('' for all), or of the volumes of one name
  local keys, seen, backed = {}, {}, call('HGETALL', P .. 'backed')
  for i = 1, #backed, 2 do
    local its, uid = backed[i]:match('^(%S+) (.+)$')
    local key = P .. 'backups:' .. its .. (volume == '' and '' or ':' .. uid)
    if (array == '' or its == array) and (volume == '' or backed[i + 1]:match('^%d+ %d+ (.*)$') == volume) and not seen[key] then
      seen[key] = true
      keys[#keys + 1] = key
    end
  end
  return keys
end

-- the newest archives, newest first; limit 0: all
function Catalogue.newest(array, volume, limit)
  local found, names = {}, {}
  for _, key in ipairs(meant(array, volume)) do
    local some = call('ZREVRANGE', key, 0, limit - 1, 'WITHSCORES')
    for i = 1, #some, 2 do found[#found + 1] = {some[i], tonumber(some[i + 1])} end
  end
  table.sort(found, function(a, b) if a[2] == b[2] then return a[1] > b[1] end return a[2] > b[2] end)
  for i = 1, limit == 0 and #found or math.min(limit, #found) do names[i] = found[i][1] end
  return names
end
