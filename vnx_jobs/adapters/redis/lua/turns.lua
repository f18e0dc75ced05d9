-- Turns: the right to run one step of a job. Taken by compare-and-set on the cursor, committed under a fence.

local function settling(id, v, at, landing)       -- the worker of that turn died: its command could still land
  Chains.rest(id, v.array, at)
  call('HSET', J(id), 'state', 'WAITING', 'why', 'settling: a command without an answer could still land', 'unsure', 1,
    'wake', landing, 'eta', landing, 'lease', 0)
  call('HINCRBY', J(id), 'fence', 1)              -- if it lives after all, its turn is over
  call('ZADD', P .. 'due', landing, id)
  Records.event(id, 'settling', 'WAITING', Records.step_name(id, v.cursor), 'a worker died')
  return 'settling'
end

local function no_turn(v, cursor, at)             -- why the step is not to be run now; nil if it is
  if ENDED[v.state] or v.state == 'STUCK' or v.state == 'PAUSED' then return 'the job is ' .. v.state end
  if tonumber(v.cursor) ~= cursor then return 'duplicate: the job is at another step' end
  if v.lease > at then return 'duplicate: a turn is under way' end
  if v.admitted == '1' and v.st ~= 'G' then return 'the job waits for its claims' end
  if v.cond and v.cond ~= '' then return 'the job is parked' end
  if v.wake > at then return 'it is not time yet' end
end

function Turns.pause(id, array, cursor, by, at)    -- an order to pause takes hold; says why
  local why = 'paused by ' .. by
  Records.unpark(id, array)
  call('HDEL', J(id), 'order', 'ordered')
  call('HSET', J(id), 'state', 'PAUSED', 'why', why, 'moved', at)
  call('ZREM', P .. 'due', id)
  Chains.rest(id, array, at)
  Records.event(id, 'paused', 'PAUSED', Records.step_name(id, cursor), why)
  return why
end

local TAKE = {'state', 'cursor', 'cond', 'back', 'v', 'st', 'admitted', 'lease', 'wake', 'begun', 'until', 'order', 'ordered',
  'array', 'epoch', 'plan', 'fence', 'attempts', 'unsure', 'rings', 'eta', 'pct'}
local NO_WAY_BACK = 'no-way-back'                 -- a place in the list, not a step: the chain's next link has the step

-- arrays: array -> {lease of a reading step, of a changing one, until when its command could land}; steps: name -> 1 if
-- the step changes something: what the worker knows, it leaves all else to others
function Turns.take(id, cursor, arrays, steps, version)
  local at, v = Hands.now(), {}
  for i, value in ipairs(call('HMGET', J(id), unpack(TAKE))) do v[TAKE[i]] = value end
  if not v.state then return {'no', 'there is no such job'} end
  for _, name in ipairs({'lease', 'wake', 'begun', 'until', 'fence', 'attempts'}) do v[name] = tonumber(v[name] or 0) end
  if tonumber(v.v) > version then return {'no', 'the record is of a newer version'} end
  local name = cjson.decode(v.plan).steps[cursor + 1]
  if name == NO_WAY_BACK then return {'no', name} end
  local why = no_turn(v, cursor, at) or Hands.frozen(v.array)
  if why then return {'no', why} end
  local terms, writes = arrays[v.array], steps[name] == 1 and v.admitted == '1'
  if not terms or not steps[name] then return {'no', 'this worker does not know the array or the step'} end
  local lease, busy = terms[writes and 2 or 1], writes and terms[3] or 0
  if v.begun == 0 and cursor == 0 and v.back ~= '1' and call('HEXISTS', P .. 'held', v.array) == 1 then
    Chains.rest(id, v.array, at)
    Chains.make_due(id, at)
    return {'no', 'the array is held: nothing is begun'}
  end
  if v.order == 'pause' then return {'no', Turns.pause(id, v.array, cursor, v.ordered, at)} end
  local landing = v['until']
  if v.begun > 0 and landing > at then return {'no', settling(id, v, at, landing)} end
  local returning = v.begun > 0 or Hands.older(v.epoch)
  local unsure = returning and (v.begun == 0 or landing > 0)
  -- what was read before a command could land no more says nothing of it: so long counts the step as just begun
  call('HSET', J(id), 'lease', at + lease, 'begun', v.begun > 0 and math.max(v.begun, landing) or at,
    'until', busy > 0 and at + busy or 0, 'fence', math.max(v.fence, (Hands.epoch() or 0) * 1e6) + 1,
    'attempts', v.attempts + 1, 'unsure', unsure and 1 or v.unsure or 0,
    'state', v.back == '1' and 'UNDOING' or (v.admitted == '1' and 'RUNNING' or v.state), 'why', '', 'moved', at)
  if v.wake > 0 or v.rings or v.eta or v.pct then call('HDEL', J(id), 'rings', 'wake', 'eta', 'pct') end
  Hands.lives(ARGV[4], at)
  call('ZADD', P .. 'due', at + lease, id)
  if call('ZADD', CHAINS(v.array), 'NX', at, id) == 1 then Chains.not_ready(id, v.array) end
  return {'turn', returning and 1 or 0, call('HGETALL', J(id)), Hands.older(v.epoch) and 1 or 0}
end

local function give_permit_back(id)
  if call('EXISTS', J(id .. '/p')) == 0 then return end
  Claims.leave(id .. '/p', {}, {}, WAKE_BUDGET)
  call('DEL', J(id .. '/p'))
end

-- wanted: {key, limit}..: all of them or none
function Turns.permit(id, fence, returning, wanted)
  if call('HGET', J(id), 'fence') ~= fence then return {'lost', 'the turn is lost'} end
  local request_id = id .. '/p'
  local r = Claims.load_request(request_id)
  if not r then
    local claims = {}
    for i, one in ipairs(wanted) do claims[i] = {'t', one[1], id, one[2]} end
    r = select(2, Claims.request(request_id, claims))
  end
  if r.st == 'G' then return {'granted'} end
  local at, words = Hands.now(), wanted[r.at][3]
  local why = 'waits for a place at ' .. words
  call('HSET', J(id), 'state', 'WAITING', 'why', why, 'lease', 0, 'until', 0, 'moved', at)
  call('HINCRBY', J(id), 'attempts', -1)
  if returning == 0 then call('HSET', J(id), 'begun', 0) end
  call('ZREM', P .. 'due', id)
  Chains.rest(id, call('HGET', J(id), 'array'), at)
  Records.event(id, 'queued', 'WAITING', '', words)
  return {'queued', why}
end

-- what nobody asks an ended record for
local WORKING = {'array', 'batch', 'epoch', 'size', 'keep', 'makes', 'rings', 'wake', 'lease', 'begun', 'until', 'unsure',
  'again', 'cond', 'pct', 'eta', 'moved', 'attempts', 'fence'}

function Turns.finish(id, state, array, at, key_seconds)
  local keep, v = {}, call('HMGET', J(id), 'keep', 'makes', 'plan', 'ask', 'bt')
  local ask = cjson.decode(v[4])
  local key = ask.key
  if state == 'SUCCEEDED' then for _, key in ipairs(Records.split(v[1])) do keep[key] = true end end
  call('HDEL', P .. 'parked:' .. array, id)
  call('ZREM', P .. 'due', id)
  Chains.rest(id, array, at)
  call('SREM', P .. 'live', id)
  call('ZADD', P .. 'ended', at, id)
  for _, name in ipairs(Records.split(v[2])) do
    if call('HGET', P .. 'makes:' .. array, name) == id then call('HDEL', P .. 'makes:' .. array, name) end
  end
  give_permit_back(id)
  Claims.leave(id, keep, state == 'SUCCEEDED' and cjson.decode(v[3]).drops or {}, WAKE_BUDGET)
  for _, waiting in ipairs(call('SMEMBERS', P .. 'deps:' .. id)) do
    if Claims.live(waiting) and call('HEXISTS', P .. 'parked:' .. call('HGET', J(waiting), 'array'), waiting) == 0 then
      call('HDEL', J(waiting), 'wake')
      Chains.make_due(waiting, at)
    end
  end
  call('DEL', P .. 'deps:' .. id)
  if call('HEXISTS', P .. 'asked', id) == 1 then Transfers.job_over(id) end
  if ask.hooks then Hooks.ended(id, ask.hooks, at) end
  if v[5] then Hooks.of_batch(id, ask.batch, state, at) end
  call('HSET', J(id), 'ended', at)
  call('HDEL', J(id), unpack(WORKING))
  if call('HGET', J(id), 'why') == '' then call('HDEL', J(id), 'why') end
  if call('HGET', J(id), 'admitted') == '1' then call('HDEL', J(id), 'admitted') end
  if key then
    call('HSET', P .. 'key:' .. key, 'state', state)
    call('EXPIRE', P .. 'key:' .. key, key_seconds)
  end
end

local function shown(array, e, at, doc)            -- what others had done to it is known to the job
  local key, kind = P .. 'inv:' .. array .. e[1], e[1]:sub(2)
  if call('HEXISTS', P .. 'others:' .. array, kind .. ':' .. e[2]) == 1 then
    local is = doc ~= '' and doc or (call('HGET', key, e[2]) or ''):match('|(.*)$')
    Others.shown(array, kind, e[2], is or '')
  end
  call('HSET', key, e[2], at .. '|' .. doc)
end

local function inventory(array, c, at)            -- what the step showed: to exist, to be gone (a line without JSON)
  for _, e in ipairs(c.made) do shown(array, e, at, e[3]) end
  for _, e in ipairs(c.gone) do
    if call('HEXISTS', P .. 'inv:' .. array .. e[1], e[2]) == 1 then shown(array, e, at, '') end
  end
  for _, e in ipairs(c.access) do                 -- marks of volumes: UID, and ro, rw or nothing
    if e[2] == '' then call('HDEL', P .. 'access:' .. array, e[1]) else call('HSET', P .. 'access:' .. array, e[1], e[2]) end
  end
end

local function forget_makes(id, array, frees)     -- whose name was given back can be made by another
  for _, key in ipairs(frees) do
    local kind, name = key:match('^(%a+):[^:]*:(.*)$')
    local thing = kind == 'name' and 'volume:' .. name or (kind == 'snapshot' or kind == 'group') and kind .. ':' .. name
    if thing and call('HGET', P .. 'makes:' .. array, thing) == id then call('HDEL', P .. 'makes:' .. array, thing) end
  end
end

local function wait(id, at, landing)
  call('HSET', J(id), 'wake', landing, 'eta', landing)
  call('ZADD', P .. 'due', landing, id)
end

function Turns.stir(id, array, at, settled)       -- let a job that rests take a turn, once nothing of it could still land
  if call('HGET', J(id .. '/p'), 'st') == 'W' then give_permit_back(id) end
  Records.unpark(id, array)
  if settled <= at then return Chains.make_due(id, at) end
  wait(id, at, settled)
  Chains.rest(id, array, at)
end

local function go_on(id, c, array, at, landing)   -- where a job that has not ended is found again
  if #c.frees > 0 then
    Claims.give_up(id, c.frees, WAKE_BUDGET)
    forget_makes(id, array, c.frees)
  end
  if c.goes_on and c.state ~= 'STUCK' then
    call('ZADD', P .. 'due', at + PATIENCE, id)
    if c.turned then Chains.start_chain(id, array, at) end
    return
  end
  call('ZREM', P .. 'due', id)
  if c.readmit then                               -- what it was planned on has changed: it asks anew
    Claims.leave(id, {}, {}, WAKE_BUDGET)
    call('HSET', J(id), 'admitted', 0, 'begun', 0, 'until', 0, 'attempts', 0)
    call('HDEL', J(id), 'again', 'nums')
    return Chains.make_due(id, at)
  elseif c.state == 'STUCK' then
    give_permit_back(id)
    if c.settle then call('HSET', J(id), 'unsure', 1) end
  elseif c.settle then
    call('HSET', J(id), 'unsure', 1)
    wait(id, at, math.max(landing, at))
  elseif c.condition ~= '' then
    call('HSET', J(id), 'cond', c.condition)
    call('HSET', P .. 'parked:' .. array, id, c.condition)
    if c.wait >= 0 then wait(id, at, at + c.wait) end
    if c.away ~= '' then call('HSET', P .. 'away', array, c.away) end
  elseif c.behind then                            -- its predecessors' ends make it due; have they ended by now?
    local ask = cjson.decode(call('HGET', J(id), 'ask'))
    local some, more = Records.waits_for(id, ask.after or {}), Records.waits_for(id, ask.behind or {})
    if not (some or more) then return Chains.make_due(id, at) end
  else wait(id, at, at + c.wait) end
  Chains.rest(id, array, at)
end

-- c: what the turn changes (see codec.change); key_seconds: how long an idempotency key outlives its job
function Turns.commit(id, fence, c, key_seconds)
  local v = call('HMGET', J(id), 'fence', 'array', 'until', 'state', 'order')
  if v[1] ~= fence or ENDED[v[4]] then return {'lost'} end
  if not c.from[v[4]] then return {'forbidden', v[4]} end
  local at, array, landing = Hands.now(), v[2], tonumber(v[3] or 0)
  c.fields.state, c.fields.why, c.fields.lease, c.fields.moved = c.state, c.why, 0, at
  if not c.settle then c.fields['until'] = 0 end
  Records.write(id, c.fields)
  inventory(array, c, at)
  if c.fields.cursor then give_permit_back(id) end  -- a permit is for one step
  Records.event(id, c.event, c.state, c.step, c.why)
  if ENDED[c.state] then Turns.finish(id, c.state, array, at, key_seconds)
  else
    go_on(id, c, array, at, landing)
    local back, admitted, order = unpack(v[5] == 'cancel' and call('HMGET', J(id), 'back', 'admitted', 'order') or {})
    if order == 'cancel' and back ~= '1' and c.state == 'WAITING' then
      if admitted == '1' then Turns.stir(id, array, at, c.settle and landing or 0) else Records.cancel(id, array, at, key_seconds) end
    end
  end
  return {'ok'}
end
