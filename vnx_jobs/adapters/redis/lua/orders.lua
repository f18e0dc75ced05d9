-- Orders of people to one job: cancel, pause, resume, undo, abandon. One that cannot take hold at once is noted in the
-- record (order, ordered: by whom) and takes hold at the next turn.
local function past(j, marker)                    -- behind its table's point of no return?
  local steps = cjson.decode(call('HGET', J(j.id), 'plan')).steps
  for place = 1, j.cursor do if steps[place] == marker then return true end end
  return false
end

local function said(j, state, why)                -- what became of the job, in record and stream
  call('HSET', J(j.id), 'state', state, 'why', why, 'moved', j.at)
  Records.event(j.id, j.word, state, Records.step_name(j.id, j.cursor), why)
  return {'done', state, why}
end

local function note(j)
  call('HSET', J(j.id), 'order', j.word, 'ordered', j.by)
  Records.event(j.id, j.word, j.state, Records.step_name(j.id, j.cursor), 'ordered by ' .. j.by)
  return {'noted', j.state, 'takes hold at its next step'}
end

local function end_now(j, state, why)
  local answer = said(j, state, why)
  Turns.finish(j.id, state, j.array, j.at, j.key_seconds)
  return answer
end

local function go_again(j, state, why)            -- a fresh start of the step at the cursor, in whatever direction
  call('HSET', J(j.id), 'attempts', 0)
  if j.begun > 0 then call('HSET', J(j.id), 'begun', j.at) end  -- what was seen of it before says nothing any more
  call('HDEL', J(j.id), 'left', 'order', 'ordered')
  local answer = said(j, state, why)
  Chains.make_due(j.id, j.at)
  return answer
end

local function lose_turn(j)                       -- a worker that outlived its lease finds its turn over
  if j.lease > 0 and j.lease <= j.at then
    call('HINCRBY', J(j.id), 'fence', 1)
    call('HSET', J(j.id), 'lease', 0)
  end
end

local orders = {}

orders.cancel = function(j, marker)
  if j.state == 'STUCK' and past(j, marker) then
    return {'refused', 'it is stuck past its point of no return: resume or abandon it'}
  end
  if j.state == 'STUCK' then return {'refused', 'it is stuck: undo or abandon it'} end
  if j.back == '1' then return {'refused', 'it is being undone already'} end
  if past(j, marker) then return {'refused', 'it is past its point of no return and can only go forward'} end
  local untouched = j.admitted ~= '1' or j.begun == 0 and j.cursor == 0
  if j.lease <= j.at and untouched then
    local why = 'cancelled by ' .. j.by
    call('HSET', J(j.id), 'code', 'cancelled', 'error', why)
    return end_now(j, 'CANCELLED', why)
  end
  local answer = note(j)
  if j.lease <= j.at then
    lose_turn(j)
    call('HSET', J(j.id), 'state', 'WAITING')
    Turns.stir(j.id, j.array, j.at, j.settled)
  end
  return answer
end

orders.pause = function(j)
  if j.state == 'STUCK' then return {'refused', 'it is stuck and does nothing'} end
  if j.state == 'PAUSED' then return {'refused', 'it is paused already'} end
  if j.order == 'cancel' and j.back ~= '1' then return {'refused', 'it is being cancelled'} end
  if j.lease > j.at then return note(j) end
  lose_turn(j)
  return {'done', 'PAUSED', Turns.pause(j.id, j.array, j.cursor, j.by, j.at)}
end

orders.resume = function(j)
  if j.order == 'pause' and j.state ~= 'STUCK' then
    call('HDEL', J(j.id), 'order', 'ordered')
    return said(j, j.state, 'resumed by ' .. j.by)
  end
  if j.state == 'STUCK' and j.back ~= '1' then call('HDEL', J(j.id), 'code', 'error') end
  if j.state == 'STUCK' then return go_again(j, j.back == '1' and 'UNDOING' or 'RUNNING', 'resumed by ' .. j.by) end
  if j.state ~= 'PAUSED' then return {'refused', 'it is neither paused nor stuck'} end
  local answer = said(j, 'WAITING', 'resumed by ' .. j.by)
  if j.admitted ~= '1' or j.st == 'G' then Chains.make_due(j.id, j.at) end
  return answer
end

orders.undo = function(j, marker)
  if j.state ~= 'STUCK' then return {'refused', 'only a stuck job is undone by hand: cancel it'} end
  if past(j, marker) then return {'refused', 'it is past its point of no return: resume or abandon it'} end
  call('HSET', J(j.id), 'back', 1)
  if call('HEXISTS', J(j.id), 'goal') == 0 then call('HSET', J(j.id), 'goal', 'FAILED') end
  return go_again(j, 'UNDOING', 'undone by ' .. j.by)
end

orders.abandon = function(j)
  if j.state ~= 'STUCK' then return {'refused', 'only a stuck job can be abandoned: cancel it'} end
  return end_now(j, 'ABANDONED', 'abandoned by ' .. j.by)
end

function Orders.order(id, word, by, marker, key_seconds, version)
  local v = call('HMGET', J(id), 'state', 'array', 'cursor', 'back', 'admitted', 'st', 'lease', 'begun', 'until', 'order', 'v')
  if not v[1] then return {'refused', 'there is no such job'} end
  if tonumber(v[11]) > version then return {'refused', 'its record is of a newer version'} end
  if ENDED[v[1]] then return {'refused', 'it has ended ' .. v[1]} end
  return orders[word]({id = id, word = word, by = by, key_seconds = key_seconds, at = Hands.now(), state = v[1], array = v[2],
    cursor = tonumber(v[3] or 0), back = v[4], admitted = v[5], st = v[6], lease = tonumber(v[7] or 0),
    begun = tonumber(v[8] or 0), settled = tonumber(v[9] or 0), order = v[10]}, marker)
end
