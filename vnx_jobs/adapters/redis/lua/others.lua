-- What others changed: noted when a list is taken in that shows an object otherwise than jobs, and lists that were settled,
-- had left it. What a job that has not ended may be changing is that job's business.
--   others:<array>  hash  '<kind>:<name>' -> '<ms>|<json of before>', nothing after the bar: it was not there. Kind hlus:
--                         '<host LUN number> <storage group>' -> '<ms>|<LUN number of before>'
--                         since -> lists of before then are compared with nothing: changes of jobs were lost
local NAMED = {luns = {'name', 'volume'}, snaps = {'snapshot', 'snapshot'}, groups = {'group', 'group'}}

local function key(array) return P .. 'others:' .. array end

local function alone(k) return call('ZCOUNT', H(k), '-inf', '(0') > 0 end

local function held(array, uid, number, numbers)  -- a LUN's: by a job that changes it, or that was given its number
  return uid and alone('volume:' .. array .. ':' .. uid) or Claims.live(call('HGET', OWN(numbers), number))
end

local function at_work(array, kind, name, docs, installation)
  local lock, thing = unpack(NAMED[kind])
  if name:match('^vj' .. installation .. '%-%w+%-%a+%d*$') then return true end
  if call('HEXISTS', P .. 'makes:' .. array, thing .. ':' .. name) == 1 then return true end
  if alone(lock .. ':' .. array .. ':' .. name) then return true end
  for _, doc in ipairs(kind == 'luns' and docs or {}) do
    local lun = doc ~= '' and cjson.decode(doc)
    if lun and held(array, lun[3], lun[1], 'numbers:' .. array) then return true end
  end
end

local function plain(value)                       -- members in one order
  if type(value) == 'table' and type(value[1]) == 'number' then table.sort(value) end
  return cjson.encode({value})
end

-- fields: the places of those that make an object another one; what was not known yet differs in nothing
local function same(before, after, fields)
  if before == after then return true end
  if before == '' or after == '' then return false end
  local was, is = cjson.decode(before), cjson.decode(after)
  for _, at in ipairs(fields) do
    if was[at] ~= '' and plain(was[at]) ~= plain(is[at]) then return false end
  end
  return true
end

local function note(array, field, begun, before, back)  -- back: it is again as it was when it was noted first
  if back then call('HDEL', key(array), field)
  else call('HSETNX', key(array), field, begun .. '|' .. before) end
end

local function first(array, field, before)        -- how it was when it was noted first
  local noted = call('HGET', key(array), field)
  return noted and noted:match('^%d+|(.*)$') or before
end

local function object(array, kind, begun, name, before, after, about)
  if same(before, after, about.fields) or at_work(array, kind, name, {before, after}, about.installation) then return end
  local field = kind .. ':' .. name
  note(array, field, begun, before, same(first(array, field, before), after, about.fields))
end

local function under(doc)                         -- host LUN number -> LUN number
  local found = {}
  for _, pair in ipairs(doc and cjson.decode(doc)[2] or {}) do found[tostring(pair[1])] = tostring(pair[2]) end
  return found
end

local function uid_of(array, number)              -- of which nothing but the whole list knows
  for _, stored in ipairs(call('HVALS', P .. 'inv:' .. array .. ':luns')) do
    if stored:find('|[' .. number .. ',', 1, true) then return cjson.decode(stored:match('^%d+|(.*)$'))[3] end
  end
end

local function shown_by_job(array, group, hlu, numbers)
  for _, number in ipairs(numbers) do
    local uid = uid_of(array, number)
    if uid and alone('mapping:' .. array .. ':' .. uid) then return true end
  end
  return Claims.live(call('HGET', OWN('hlus:' .. array .. ':' .. group), hlu))
end

local function mapped(array, begun, group, before, after, changes)
  local was, is = under(before), under(after)
  for _, one in ipairs(changes[group] or {}) do   -- by jobs, since the list of before
    was[one.hlu] = one.lun
    if one.at > begun then is[one.hlu] = one.lun end
  end
  local places = {}
  for hlu in pairs(was) do places[hlu] = true end
  for hlu in pairs(is) do places[hlu] = true end
  for hlu in pairs(places) do
    local lun = was[hlu] or ''
    if lun ~= (is[hlu] or '') and not shown_by_job(array, group, hlu, {was[hlu], is[hlu]}) then
      local field = 'hlus:' .. hlu .. ' ' .. group
      note(array, field, begun, lun, first(array, field, lun) == (is[hlu] or ''))
    end
  end
end

local function changes_by_jobs(array)
  local found, stored = {}, call('HGETALL', P .. 'inv:' .. array .. ':hlus')
  for i = 1, #stored, 2 do
    local hlu, group = stored[i]:match('^(%d+) (.*)$')
    local at, lun = stored[i + 1]:match('^(%d+)|(.*)$')
    found[group] = found[group] or {}
    table.insert(found[group], {hlu = hlu, at = tonumber(at), lun = lun ~= '' and lun or nil})
  end
  return found
end

-- whether a list of a kind can be compared: one was read before, and no change of a job was lost since
function Others.comparable(array, read)
  if Hands.server.asked then return false end
  local frozen = call('HGET', P .. 'frozen', array)
  if frozen then call('HSET', key(array), 'since', frozen) end
  return read > 0 and read >= tonumber(call('HGET', key(array), 'since') or 0)
end

-- compare what is known of a kind, by name, with a list: about has installation and fields
function Others.compare(array, kind, begun, before, after, about)
  local changes = kind == 'sgs' and changes_by_jobs(array)
  local function one(name, was, is)
    if not changes then return object(array, kind, begun, name, was or '', is or '', about) end
    if name ~= '~physical' and (was ~= is or changes[name]) then mapped(array, begun, name, was, is, changes) end
  end
  for name, doc in pairs(after) do one(name, before[name] ~= '' and before[name] or nil, doc) end
  for name, doc in pairs(before) do if doc ~= '' and not after[name] then one(name, doc, nil) end end
end

-- a job shows how an object is by now: what others did to it, under whatever name, was before that
function Others.shown(array, kind, name, doc)
  call('HDEL', key(array), kind .. ':' .. name)
  if kind ~= 'luns' or doc == '' then return end
  local uid, notes = cjson.decode(doc)[3], call('HGETALL', key(array))
  for i = 1, #notes, 2 do
    local before = notes[i]:match('^luns:') and notes[i + 1]:match('^%d+|(.+)$')
    if before and cjson.decode(before)[3] == uid then call('HDEL', key(array), notes[i]) end
  end
end

function Others.settle(array, fields, until_)     -- forget notes of lists that were begun up to a moment
  for _, field in ipairs(fields) do
    local noted = call('HGET', key(array), field)
    if noted and tonumber(noted:match('^(%d+)|')) <= until_ then call('HDEL', key(array), field) end
  end
  return {'ok'}
end

function Others.unmark(array, uid)                 -- forget the access mark of a volume that is no more
  call('HDEL', P .. 'access:' .. array, uid)
  return {'ok'}
end
