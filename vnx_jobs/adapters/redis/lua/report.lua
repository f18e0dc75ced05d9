-- What workers tell, each second: that they live, and the last change that they saw of each server they spoke to.
local function lost(seen, at)                     -- may changes be lost? nil: not all have told yet
  if (seen[Hands.server.id] or 0) > tonumber(call('HGET', Hands.SERVER, 'count')) then return true end
  local left = call('SMEMBERS', P .. 'asking')
  for _, worker in ipairs(left) do                -- one that died since: nobody knows what it did last
    if tonumber(call('ZSCORE', P .. 'workers', worker) or 0) <= at then return true end
  end
  if #left == 0 then return false end
end

-- seen: server -> last change; landings: {array, ms until no command sent by now could land any more}..
function Report.report(worker, seen, landings)
  local at = Hands.now()
  call('ZADD', P .. 'workers', at + Hands.TELL, worker)
  if not Hands.server.asked then return {'ok'} end
  call('SREM', P .. 'asking', worker)
  local verdict = lost(seen, at)
  if verdict then
    Hands.begin_epoch(landings, at)
    Records.event('', 'epoch', '', '', 'the state server lost its last changes')
  elseif verdict == false then Hands.trust(Hands.server.asked) end
  return {verdict == nil and 'waits' or 'ok'}
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
