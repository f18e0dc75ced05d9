-- What workers tell, each second: that they live, and the last change that they saw of each server they spoke to.
local function unknown(seen)                      -- does a worker know of changes that this server does not know of?
  for id, changes in pairs(seen) do
    if id ~= (Hands.server.asked or Hands.server.id) then
      local known = call('ZSCORE', P .. 'past', id)
      if not known or changes > tonumber(known) then return true end
    end
  end
end

local function waits(at)                          -- whom does the question wait for? 'dead': one that can tell no more
  local left = call('SMEMBERS', P .. 'asking')
  for _, worker in ipairs(left) do
    if tonumber(call('ZSCORE', P .. 'workers', worker) or 0) <= at then return 'dead' end
  end
  return #left > 0 and 'waits' or nil
end

-- seen: server -> last change; landings: {array, ms until no command sent by now could land any more}..
function Report.report(worker, seen, landings)
  local at = Hands.now()
  Hands.lives(worker, at)
  call('SREM', P .. 'asking', worker)
  local waiting = Hands.server.asked and waits(at)
  if unknown(seen) or waiting == 'dead' then
    Hands.begin_epoch(landings, seen, at)
    Records.event('', 'epoch', '', '', 'the state server lost its last changes')
  elseif Hands.server.asked and not waiting then Hands.trust(Hands.server.asked) end
  return {'ok'}
end

function Report.vouch()                           -- by whoever started the server over its own files: it has lost nothing
  if Hands.server.asked then Hands.trust(Hands.server.asked) end
  return {'ok'}
end

function Report.leave(worker)
  call('ZREM', P .. 'workers', worker)
  return {'ok'}
end

function Report.thaw(array, begun)                 -- its claims have been repaired by lists begun then
  local since = call('HGET', P .. 'frozen', array)
  if not since or tonumber(since) > begun then return {'ok'} end
  call('HDEL', P .. 'frozen', array)
  Records.event('', 'thawed', array, '', 'its claims are repaired')
  Chains.fill(array, Hands.now())
  return {'ok'}
end
