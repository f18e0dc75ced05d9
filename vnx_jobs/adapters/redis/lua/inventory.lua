-- What lists showed, and the repair of slots and numbers by them.
--   inv:<array>:luns | :snaps | :sessions | :pools | :groups | :sgs
--                                                    hash  name -> '<ms seen>|<json>'; no JSON: seen to be gone
--   inv:<array>:hlus                                 hash  '<host LUN number> <storage group>' -> '<ms>|<LUN number>':
--                                                    what jobs changed of storage groups; holds against older lists
--   inv:<array>:read                                 hash  kind -> when its last complete list was begun; ticket:<kind>
--                                                    -> the last ticket given out before that
--   access:<array>                                   hash  UID of a volume -> ro | rw, as commits mark it
function Inventory.ticket() return {tonumber(call('GET', P .. 'seq') or 0), Hands.now()} end

function Inventory.settle_hlus(array, begun)      -- what jobs changed before a list was begun, the list shows
  local key = P .. 'inv:' .. array .. ':hlus'
  local changes = call('HGETALL', key)
  for i = 1, #changes, 2 do
    if tonumber(changes[i + 1]:match('^(%d+)|')) <= begun then call('HDEL', key, changes[i]) end
  end
end

-- take in one complete list, but leave alone what was seen after it was begun; about: ticket, installation, and fields, the
-- places of those in a document that others may have changed; none: the list is compared with nothing
function Inventory.listed(array, kind, begun, names, docs, about)
  local key, read, listed = P .. 'inv:' .. array .. ':' .. kind, P .. 'inv:' .. array .. ':read', {}
  local last, known = tonumber(call('HGET', read, kind) or 0), {}
  if begun < last then return {'old'} end
  for i, name in ipairs(names) do listed[name] = docs[i] end
  local before = call('HGETALL', key)
  for i = 1, #before, 2 do
    local seen, doc = before[i + 1]:match('^(%d+)|(.*)$')
    if tonumber(seen) > begun then listed[before[i]] = nil
    else
      known[before[i]] = doc
      if not listed[before[i]] then call('HDEL', key, before[i]) end
    end
  end
  if about.compared and Others.comparable(array, last) then Others.compare(array, kind, begun, known, listed, about) end
  for name, doc in pairs(listed) do call('HSET', key, name, begun .. '|' .. doc) end
  call('HSET', read, kind, begun, 'ticket:' .. kind, about.ticket)
  if kind == 'sgs' then Inventory.settle_hlus(array, begun) end
  return {'ok'}
end

local function maker(member, array, installation) -- the job behind a slot's member, if there may be one
  local number = member:match('^lun:(%d+)$')      -- a mount point without a snapshot
  if number then return call('HGET', OWN('numbers:' .. array), number) end
  return member:match('^vj' .. installation .. '%-(%w+)%-%a+%d*$') or call('HGET', P .. 'makes:' .. array, 'snapshot:' .. member)
end

-- repair slots from a list: sets is {{key, {members..}}, ..}; dry: only say what differs, as {key, member, held: 1 or 0}
function Inventory.repair(before, array, installation, sets, dry)
  local touched, differs = {}, {}
  for _, set in ipairs(sets) do
    local key, present = set[1], {}
    for _, member in ipairs(set[2]) do
      present[member] = true
      local given_back = tonumber(call('ZSCORE', P .. 'gone', key .. '\n' .. member) or 0)
      if not call('ZSCORE', H(key), member) and given_back <= before and not Claims.live(maker(member, array, installation)) then
        if dry then differs[#differs + 1] = {key, member, 0}
        else call('ZADD', H(key), call('INCR', P .. 'seq'), member) end
      end
    end
    local holders = call('ZRANGE', H(key), 0, -1, 'WITHSCORES')
    for i = 1, #holders, 2 do
      local member, ticket = holders[i], tonumber(holders[i + 1])
      if ticket >= 0 and ticket <= before and not present[member] and not Claims.live(maker(member, array, installation)) then
        if dry then differs[#differs + 1] = {key, member, 1}
        else
          call('ZREM', H(key), member)
          touched[#touched + 1] = key
        end
      end
    end
  end
  if dry then return differs end
  Claims.wake(touched, WAKE_BUDGET)
  for _, key in ipairs(touched) do Claims.forget_limit(key) end
  return {'ok'}
end

-- repair LUN numbers from a list: numbers of the private range that the array uses; dry: only say what differs
function Inventory.numbers(before, key, span, used, dry)
  local present, differs = {}, {}
  if not dry then Claims.set_limit({'n', key}, span) end
  for _, number in ipairs(used) do
    present[tostring(number)] = true
    local given_back = tonumber(call('ZSCORE', FREE(key), number) or before + 1)
    local free = given_back < before + 1         -- numbers never used are stamped below 1
    if free and dry then differs[#differs + 1] = {key, tostring(number), 0}
    elseif free then
      call('ZREM', FREE(key), number)
      call('ZADD', H(key), call('INCR', P .. 'seq'), number)
    end
  end
  local holders, given = call('ZRANGE', H(key), 0, -1, 'WITHSCORES'), false
  for i = 1, #holders, 2 do
    local number, ticket = holders[i], tonumber(holders[i + 1])
    if ticket <= before and not present[number] and not Claims.live(call('HGET', OWN(key), number)) then
      if dry then differs[#differs + 1] = {key, number, 1}
      else given = Claims.give_number(key, number) or given end
    end
  end
  if dry then return differs end
  if given then Claims.wake({key}, WAKE_BUDGET) end
  return {'ok'}
end

-- repair the host LUN numbers of storage groups: sets is {{key, {used..}}, ..}. Nobody asked yet for those of a group that
-- shows nothing: then all of them are free
function Inventory.hlus(before, span, sets)
  for _, set in ipairs(sets) do
    if #set[2] > 0 or call('HEXISTS', P .. 'lim', set[1]) == 1 then Inventory.numbers(before, set[1], span, set[2]) end
  end
  return {'ok'}
end

-- note how hosts of a storage group were let see a volume, or forget it
--   attached:<array>                                 hash  '<uid> <storage group>' -> JSON: host LUN number, access mode
function Inventory.attached(array, field, document)
  if document == '' then call('HDEL', P .. 'attached:' .. array, field)
  else call('HSET', P .. 'attached:' .. array, field, document) end
  return {'ok'}
end
