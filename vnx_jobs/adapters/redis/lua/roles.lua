-- Short leases of processes: who sweeps, who watches an array, and which array commands are in flight.
--   role:<name> string owner     slots:<array> zset owner -> when its lease ends
function Roles.lease(name, owner, ms)
  local holder = call('GET', P .. 'role:' .. name)
  if holder and holder ~= owner then return {0} end
  call('SET', P .. 'role:' .. name, owner, 'PX', ms)
  return {1}
end

function Roles.release(name, owner)
  if call('GET', P .. 'role:' .. name) == owner then call('DEL', P .. 'role:' .. name) end
  return {1}
end

function Roles.slot(array, owner, ms, count)
  local at = Hands.now()
  call('ZREMRANGEBYSCORE', P .. 'slots:' .. array, '-inf', at)
  if call('ZCARD', P .. 'slots:' .. array) >= count then return {0} end
  call('ZADD', P .. 'slots:' .. array, at + ms, owner)
  return {1}
end

function Roles.unslot(array, owner)
  call('ZREM', P .. 'slots:' .. array, owner)
  return {1}
end
