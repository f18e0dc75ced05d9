-- What moves jobs that nobody is working on: the watch's answers, and the sweep.
local TRIES = 4                                   -- lost rings until a job gives its chain's place to others

function Sweep.resume(ids)
  local at = Hands.now()
  for _, id in ipairs(ids) do
    local v = call('HMGET', J(id), 'state', 'array')
    -- one that has ended since the watch asked keeps no array, and is parked nowhere
    if v[2] and v[1] ~= 'PAUSED' and call('HEXISTS', P .. 'parked:' .. v[2], id) == 1 then
      Records.unpark(id, v[2])
      Chains.make_due(id, at)
    end
  end
  return {'ok'}
end

function Sweep.progress(reports)                  -- {id, percent, ms left or -1}, of parked jobs
  local at = Hands.now()
  for _, report in ipairs(reports) do
    local array = call('HGET', J(report[1]), 'array')
    if array and call('HEXISTS', P .. 'parked:' .. array, report[1]) == 1 then
      call('HSET', J(report[1]), 'pct', report[2], 'eta', report[3] >= 0 and at + report[3] or '')
    end
  end
  return {'ok'}
end

local function remove_ended(before, count)
  for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'ended', '-inf', before, 'LIMIT', 0, count)) do
    Records.remove(id, Records.split(call('HGET', J(id), 'ask')).batch)
  end
end

local function overdue(id, at)                    -- its time is over, its ring was lost, or its worker died
  local v = call('HMGET', J(id), 'state', 'array', 'admitted', 'st')
  if not v[1] or ENDED[v[1]] or v[1] == 'STUCK' or v[1] == 'PAUSED' or v[3] == '1' and v[4] ~= 'G' then
    call('ZREM', P .. 'due', id)                  -- something else moves it
    return v[2] and Chains.rest(id, v[2], at)
  end
  if Hands.frozen(v[2]) then return call('ZADD', P .. 'due', at + PATIENCE, id) end
  Records.unpark(id, v[2])                        -- its own time is over before the watch had an answer
  if call('ZSCORE', CHAINS(v[2]), id) and call('HINCRBY', J(id), 'rings', 1) >= TRIES then
    call('ZREM', CHAINS(v[2]), id)                -- perhaps no worker knows how to serve it: others first
  end
  Chains.make_due(id, at)
end

-- bounds: {array, how many chains}..
function Sweep.due(count, keep_ms, bounds)
  local at = Hands.now()
  local todo = call('SPOP', P .. 'todo', 20)
  if #todo > 0 then Claims.wake(todo, WAKE_BUDGET) end
  for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'due', '-inf', at, 'LIMIT', 0, count)) do overdue(id, at) end
  Gates.sweep(at, 100)
  if call('ZCOUNT', P .. 'copying', '-inf', at) > 0 then Transfers.bury(at) end
  for _, bound in ipairs(bounds) do
    Chains.bound(bound[1], bound[2])
    Chains.fill(bound[1], at)
  end
  remove_ended(at - keep_ms, count)
  return {'ok'}
end

-- what a person or the watch says of a whole array
function Sweep.hold(array, by)
  if call('HSETNX', P .. 'held', array, by) == 0 then return {0, call('HGET', P .. 'held', array)} end
  Records.event('', 'held', array, '', 'held by ' .. by)
  return {1, by}
end

function Sweep.unhold(array, by)
  if call('HDEL', P .. 'held', array) == 0 then return {0, ''} end
  Records.event('', 'unheld', array, '', 'unheld by ' .. by)
  Chains.fill(array, Hands.now())
  return {1, by}
end

function Sweep.back(array)                        -- it answers again
  if call('HDEL', P .. 'away', array) == 1 then Records.event('', 'back', array, '', 'it answers again') end
  Chains.fill(array, Hands.now())
  return {'ok'}
end

function Sweep.standing(array)
  local ready = 0
  for _, batch in ipairs(call('ZRANGE', READY(array), 0, -1)) do ready = ready + call('ZCARD', READY(array, batch)) end
  local v = {call('HGET', P .. 'held', array) or '', call('HGET', P .. 'away', array) or '', Hands.frozen(array) or ''}
  return {v[1], v[2], v[3], tonumber(call('HGET', P .. 'frozen', array) or 0), call('ZCARD', CHAINS(array)), ready}
end
