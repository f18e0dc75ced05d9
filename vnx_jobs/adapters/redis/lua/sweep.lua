-- What moves jobs that nobody is working on: the watch's answers, and the sweep.
ops.resume = function(ids)
  local at = now()
  for _, id in ipairs(ids) do
    local v = call('HMGET', J(id), 'state', 'array')
    -- one that has ended since the watch asked keeps no array, and is parked nowhere
    if v[2] and v[1] ~= 'PAUSED' and call('HEXISTS', P .. 'parked:' .. v[2], id) == 1 then
      unpark(id, v[2])
      make_due(id, at)
    end
  end
  return {'ok'}
end

ops.progress = function(reports)                  -- {id, percent, ms left or -1}, of parked jobs
  local at = now()
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
    local batch = split(call('HGET', J(id), 'ask')).batch
    if batch then call('ZREM', P .. 'batch:' .. batch, id) end
    call('ZREM', P .. 'ended', id)
    call('DEL', J(id))
  end
end

ops.due = function(count, keep_ms)
  local at = now()
  local todo = call('SPOP', P .. 'todo', 20)
  if #todo > 0 then wake(todo, WAKE_BUDGET) end
  for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'due', '-inf', at, 'LIMIT', 0, count)) do
    local v = call('HMGET', J(id), 'state', 'array', 'admitted', 'st')
    if not v[1] or ENDED[v[1]] or v[1] == 'STUCK' or v[1] == 'PAUSED' or v[3] == '1' and v[4] ~= 'G' then
      call('ZREM', P .. 'due', id)                -- something else moves it
    else
      unpark(id, v[2])                            -- its own time is over before the watch had an answer
      local times = call('HINCRBY', J(id), 'rings', 1)
      make_due(id, at, math.min(LONGEST, PATIENCE * 2 ^ math.min(10, times - 1)))
    end
  end
  remove_ended(at - keep_ms, count)
  return {'ok'}
end
