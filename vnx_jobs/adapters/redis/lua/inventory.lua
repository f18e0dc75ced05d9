-- What lists showed: inv:<array>:luns | :snaps | :sessions | :pools, hashes name -> '<ms seen>|<json>'; inv:<array>:read,
-- hash kind -> when its last complete list was begun. gone: zset '<key>\n<member>' -> ticket of slots given back.
ops.ticket = function() return {tonumber(call('GET', P .. 'seq') or 0), now()} end

-- take in one complete list, but leave alone what was seen after it was begun
ops.listed = function(array, kind, begun, names, docs)
  local key, listed = P .. 'inv:' .. array .. ':' .. kind, {}
  for i, name in ipairs(names) do listed[name] = docs[i] end
  local known = call('HGETALL', key)
  for i = 1, #known, 2 do
    local seen = tonumber(known[i + 1]:match('^(%d+)|'))
    if seen > begun then listed[known[i]] = nil
    elseif not listed[known[i]] then call('HDEL', key, known[i]) end
  end
  for name, doc in pairs(listed) do call('HSET', key, name, begun .. '|' .. doc) end
  local last = tonumber(call('HGET', P .. 'inv:' .. array .. ':read', kind) or 0)
  if begun > last then call('HSET', P .. 'inv:' .. array .. ':read', kind, begun) end
  return {'ok'}
end

local function live(id)
  local state = id and call('HGET', J(id), 'state')
  return state and not ENDED[state]
end

local function maker(member, installation)
  return member:match('^vj' .. installation .. '%-(%w+)%-%a+$')
end

-- repair slots from a list: sets is {{key, {members..}}, ..}
ops.repair = function(before, installation, sets)
  local touched = {}
  for _, set in ipairs(sets) do
    local key, present = set[1], {}
    for _, member in ipairs(set[2]) do
      present[member] = true
      local dropped = tonumber(call('ZSCORE', P .. 'gone', key .. '\n' .. member) or 0)
      if not call('ZSCORE', H(key), member) and dropped <= before and not live(maker(member, installation)) then
        call('ZADD', H(key), call('INCR', P .. 'seq'), member)
      end
    end
    local holders = call('ZRANGE', H(key), 0, -1, 'WITHSCORES')
    for i = 1, #holders, 2 do
      local member, ticket = holders[i], tonumber(holders[i + 1])
      if ticket >= 0 and ticket <= before and not present[member] and not live(maker(member, installation)) then
        call('ZREM', H(key), member)
        touched[#touched + 1] = key
      end
    end
  end
  call('ZREMRANGEBYRANK', P .. 'gone', 0, -10001)
  wake(touched, WAKE_BUDGET)
  return {'ok'}
end

-- repair LUN numbers from a list: numbers of the private range that the array uses
ops.numbers = function(before, key, range, used)
  set_limit({'n', key}, range)
  local present = {}
  for _, number in ipairs(used) do
    present[tostring(number)] = true
    if call('ZREM', FREE(key), number) == 1 then
      call('ZADD', H(key), call('INCR', P .. 'seq'), number)
      call('HSET', OWN(key), number, 'array')
    end
  end
  local holders, given = call('ZRANGE', H(key), 0, -1, 'WITHSCORES'), false
  for i = 1, #holders, 2 do
    local number, ticket = holders[i], tonumber(holders[i + 1])
    if ticket <= before and not present[number] and not live(call('HGET', OWN(key), number)) then
      given = give_number(key, number) or given
    end
  end
  if given then wake({key}, WAKE_BUDGET) end
  return {'ok'}
end
