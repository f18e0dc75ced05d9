-- Job records: one hash a job, and what must change in the same moment as it.
--   jobs zset id -> created    ended zset id -> ended    live set       batch:<name> zset id -> place
--   due zset id -> when to look at it again              parked:<array> hash id -> condition
--   deps:<id> set of jobs that wait for its end          makes:<array> hash object name -> job
--   key:<key> hash job, digest                           events stream  commits counter
local ENDED = {SUCCEEDED = true, FAILED = true, CANCELLED = true, ABANDONED = true}
local PATIENCE, LONGEST = 2000, 300000            -- ms until a ring counts as lost; doubled each time, up to LONGEST
local WAKE_BUDGET = 200

local function now()                              -- the state server's clock, never going back
  local time = call('TIME')
  local ms = time[1] * 1000 + math.floor(time[2] / 1000)
  local last = tonumber(call('GET', P .. 'now') or 0)
  if ms <= last then return last end
  call('SET', P .. 'now', ms)
  return ms
end

local function split(r) return r and cjson.decode(r) or {} end

local function event(id, word, state, step, why)
  call('XADD', P .. 'events', 'MAXLEN', '~', 20000, '*', 'job', id, 'event', word, 'state', state, 'step', step, 'why', why)
end

local function ring(id)                           -- the caller rings; if it dies first, the sweep does
  local v = call('HMGET', J(id), 'cursor', 'back', 'size')
  if not v[1] then return end
  rings[#rings + 1] = id
  rings[#rings + 1] = v[1]
  rings[#rings + 1] = v[2] == '1' and 0 or v[3] - 1
end

local function make_due(id, at, patience)
  call('ZADD', P .. 'due', at + (patience or PATIENCE), id)
  ring(id)
end

local function unpark(id, array)
  call('HDEL', P .. 'parked:' .. array, id)
  call('HSET', J(id), 'cond', '', 'wake', 0, 'pct', '', 'eta', '')
end

on_grant = function(request_id)
  local id = request_id:match('^(.-)/p$') or request_id
  local at = now()
  call('HSET', J(id), 'why', '', 'wake', 0, 'moved', at)
  if id == request_id then call('HSET', J(id), 'state', 'QUEUED') end
  make_due(id, at)
end

local function step_name(id, cursor)
  local steps = split(call('HGET', J(id), 'steps'))
  return steps[tonumber(cursor) + 1] or ''
end

local function set_makes(array, id, names)
  for _, name in ipairs(names) do call('HSETNX', P .. 'makes:' .. array, name, id) end
end

local function waits_for(id, after)               -- become a dependent of those that have not ended; how many they are
  local open_ones = 0
  for _, before in ipairs(after) do
    local state = call('HGET', J(before), 'state')
    if state and not ENDED[state] then
      call('SADD', P .. 'deps:' .. before, id)
      open_ones = open_ones + 1
    end
  end
  return open_ones
end

local function ask(id, claims)                    -- ask for a job's claims; a refusal leaves nothing behind
  local refusal, granted = request(id, claims)
  if refusal then return refusal end
  local at = now()
  if granted then
    call('HSET', J(id), 'state', 'QUEUED', 'why', '')
    make_due(id, at)
  else
    call('HSET', J(id), 'state', 'WAITING', 'why', 'waits for its turn at ' .. split(call('HGET', J(id), 'c'))[tonumber(call('HGET', J(id), 'at'))][2])
    call('ZREM', P .. 'due', id)
  end
end

local ops = {}

-- fields: the record's fields; extra: key, digest, claims, park, makes, after, batch, place
ops.submit = function(fields, extra)
  local id = fields.id
  if extra.key ~= '' then
    local known = call('HMGET', P .. 'key:' .. extra.key, 'job', 'digest')
    if known[1] then
      if known[2] ~= extra.digest then return {'conflict', known[1]} end
      return {'known', known[1], call('HGET', J(known[1]), 'state') or 'EXPIRED'}
    end
  end
  local stored = call('HGET', J(id), 'state')      -- this very call again, after an answer was lost
  if stored then return {'known', id, stored} end
  if #extra.claims > 0 and fields.admitted == 1 then
    local refusal = ask(id, extra.claims)
    if refusal then return {'refused', refusal} end
  end
  local at = now()
  local flat = {}
  for name, value in pairs(fields) do
    if name ~= 'id' and not (fields.admitted == 1 and (name == 'state' or name == 'why')) then
      flat[#flat + 1] = name
      flat[#flat + 1] = value
    end
  end
  call('HSET', J(id), 'created', at, 'moved', at, unpack(flat))
  call('ZADD', P .. 'jobs', at, id)
  call('SADD', P .. 'live', id)
  if extra.batch ~= '' then call('ZADD', P .. 'batch:' .. extra.batch, extra.place, id) end
  if extra.key ~= '' then call('HSET', P .. 'key:' .. extra.key, 'job', id, 'digest', extra.digest) end
  set_makes(fields.array, id, extra.makes)
  if fields.admitted == 0 then
    local others = waits_for(id, extra.after)
    if extra.park ~= '' then
      call('HSET', P .. 'parked:' .. fields.array, id, extra.park)
    elseif others == 0 then make_due(id, at) end
  else
    rings = {}
    if call('HGET', J(id), 'st') == 'G' then make_due(id, at) end
  end
  local state, why = unpack(call('HMGET', J(id), 'state', 'why'))
  event(id, 'submitted', state, '', why)
  return {'new', id, state, why}
end

-- the claims of a record that was stored without; fields: what planning found (spec, op, steps, size, drops)
ops.admit = function(id, fields, claims, makes)
  local v = call('HMGET', J(id), 'state', 'array', 'admitted')
  if not v[1] or ENDED[v[1]] then return {'gone'} end
  if v[3] == '1' then return {'known', id, v[1]} end
  local refusal = ask(id, claims)
  if refusal then return {'refused', refusal} end
  for name, value in pairs(fields) do call('HSET', J(id), name, value) end
  call('HSET', J(id), 'admitted', 1, 'lease', 0, 'begun', 0, 'attempts', 0, 'moved', now())
  call('HDEL', P .. 'parked:' .. v[2], id)
  call('HSET', J(id), 'cond', '')
  set_makes(v[2], id, makes)
  rings = {}
  if call('HGET', J(id), 'st') == 'G' then ring(id) end
  local state, why = unpack(call('HMGET', J(id), 'state', 'why'))
  event(id, 'admitted', state, '', why)
  return {'new', id, state, why}
end

ops.take = function(id, cursor, lease, busy, version)
  local at = now()
  local v = call('HMGET', J(id), 'state', 'cursor', 'lease', 'cond', 'wake', 'begun', 'until', 'back', 'v', 'st', 'admitted')
  if not v[1] then return {'no', 'there is no such job'} end
  local state, stored, leased, wake_at, begun, landing = v[1], v[2], tonumber(v[3]), tonumber(v[5]), tonumber(v[6]), tonumber(v[7])
  if ENDED[state] or state == 'STUCK' or state == 'PAUSED' then return {'no', 'the job is ' .. state} end
  if tonumber(v[9]) > version then return {'no', 'the record is of a newer version'} end
  if tonumber(stored) ~= cursor then return {'no', 'duplicate: the job is at another step'} end
  if leased > at then return {'no', 'duplicate: a turn is under way'} end
  if v[11] == '1' and v[10] ~= 'G' then return {'no', 'the job waits for its claims'} end
  if v[4] ~= '' then return {'no', 'the job is parked'} end
  if wake_at > at then return {'no', 'it is not time yet'} end
  if begun > 0 and landing > at then              -- the worker of that turn died: its command could still land
    call('HSET', J(id), 'state', 'WAITING', 'why', 'settling: a command without an answer could still land', 'unsure', 1,
      'wake', landing, 'eta', landing, 'lease', 0)
    call('ZADD', P .. 'due', landing, id)
    event(id, 'settling', 'WAITING', step_name(id, stored), 'a worker died')
    return {'no', 'settling'}
  end
  if begun > 0 and landing > 0 then call('HSET', J(id), 'unsure', 1) end
  call('HINCRBY', J(id), 'fence', 1)
  call('HINCRBY', J(id), 'attempts', 1)
  call('HSET', J(id), 'lease', at + lease, 'begun', begun > 0 and begun or at, 'until', busy > 0 and at + busy or 0,
    'state', v[8] == '1' and 'UNDOING' or (v[11] == '1' and 'RUNNING' or state), 'why', '', 'moved', at, 'rings', 0)
  call('ZADD', P .. 'due', at + lease, id)
  return {'turn', begun > 0 and 1 or 0, call('HGETALL', J(id))}
end

ops.permit = function(id, fence, returning, key, lim)
  if call('HGET', J(id), 'fence') ~= fence then return {'lost'} end
  local request_id = id .. '/p'
  local r = load_request(request_id)
  local granted = r and r.st == 'G'
  if not r then
    local _, given = request(request_id, {{'t', key, id, lim}})
    granted = given
    call('HSET', J(id), 'permit', key)
  end
  if granted then return {'granted'} end
  call('HSET', J(id), 'state', 'WAITING', 'why', 'waits for a place at ' .. key, 'lease', 0, 'until', 0, 'moved', now())
  call('HINCRBY', J(id), 'attempts', -1)
  if returning == 0 then call('HSET', J(id), 'begun', 0) end
  call('ZREM', P .. 'due', id)
  event(id, 'queued', 'WAITING', '', key)
  return {'queued'}
end

local function finish(id, state, array, at, days)
  local keep, v = {}, call('HMGET', J(id), 'keep', 'drops', 'makes', 'key')
  if state == 'SUCCEEDED' then for _, key in ipairs(split(v[1])) do keep[key] = true end end
  call('HDEL', P .. 'parked:' .. array, id)
  call('ZREM', P .. 'due', id)
  call('SREM', P .. 'live', id)
  call('ZADD', P .. 'ended', at, id)
  for _, name in ipairs(split(v[3])) do
    if call('HGET', P .. 'makes:' .. array, name) == id then call('HDEL', P .. 'makes:' .. array, name) end
  end
  leave(id .. '/p', {}, {}, WAKE_BUDGET)
  call('DEL', J(id .. '/p'))
  leave(id, keep, state == 'SUCCEEDED' and split(v[2]) or {}, WAKE_BUDGET)
  for _, waiting in ipairs(call('SMEMBERS', P .. 'deps:' .. id)) do
    call('HSET', J(waiting), 'wake', 0)
    make_due(waiting, at)
  end
  call('DEL', P .. 'deps:' .. id)
  call('HSET', J(id), 'ended', at)
  call('EXPIRE', J(id), days[1] * 86400)
  if v[4] and v[4] ~= '' then call('EXPIRE', P .. 'key:' .. v[4], days[2] * 86400) end
end

-- c: what the turn changes (see store.py); days: how long an ended record, and its key, are kept
ops.commit = function(id, fence, c, days)
  local v = call('HMGET', J(id), 'fence', 'array', 'until', 'cursor', 'state', 'back')
  if v[1] ~= fence or ENDED[v[5]] then return {'lost'} end
  local at, array = now(), v[2]
  local step = step_name(id, v[4])
  call('HSET', J(id), 'state', c.state, 'why', c.why, 'lease', 0, 'moved', at, 'wake', 0)
  if not c.settle then call('HSET', J(id), 'until', 0) end
  for name, value in pairs(c.fields) do call('HSET', J(id), name, value) end
  for _, e in ipairs(c.made) do call('HSET', P .. 'inv:' .. array .. e[1], e[2], at .. '|' .. e[3]) end
  for _, name in ipairs(c.gone) do
    call('HDEL', P .. 'inv:' .. array .. ':luns', name)
    call('HDEL', P .. 'inv:' .. array .. ':snaps', name)
  end
  if c.fields.cursor then                         -- a permit is for one step
    leave(id .. '/p', {}, {}, WAKE_BUDGET)
    call('DEL', J(id .. '/p'))
  end
  event(id, c.event, c.state, step, c.why)
  if ENDED[c.state] then finish(id, c.state, array, at, days)
  elseif c.state == 'STUCK' then call('ZREM', P .. 'due', id)
  elseif c.settle then
    local landing = math.max(tonumber(v[3]), at)
    call('HSET', J(id), 'unsure', 1, 'wake', landing, 'eta', landing)
    call('ZADD', P .. 'due', landing, id)
  elseif c.condition ~= '' then
    call('HSET', J(id), 'cond', c.condition)
    call('HSET', P .. 'parked:' .. array, id, c.condition)
    call('ZREM', P .. 'due', id)
  elseif c.wait >= 0 then
    call('HSET', J(id), 'wake', at + c.wait, 'eta', at + c.wait)
    call('ZADD', P .. 'due', at + c.wait, id)
  elseif c.wait == -2 then call('ZREM', P .. 'due', id)   -- waits for predecessors: their ends make it due
  else
    call('HSET', J(id), 'pct', '', 'eta', '')
    call('ZADD', P .. 'due', at + PATIENCE, id)
    if c.turned then ring(id) end
  end
  return {'ok'}
end

ops.resume = function(ids)
  local at = now()
  for _, id in ipairs(ids) do
    local v = call('HMGET', J(id), 'state', 'array', 'cond')
    if v[1] and not ENDED[v[1]] and v[1] ~= 'PAUSED' and (v[3] ~= '' or call('HEXISTS', P .. 'parked:' .. v[2], id) == 1) then
      unpark(id, v[2])
      make_due(id, at)
    end
  end
  return {'ok'}
end

ops.progress = function(reports)
  local at = now()
  for _, report in ipairs(reports) do
    if call('EXISTS', J(report[1])) == 1 then
      call('HSET', J(report[1]), 'pct', report[2], 'eta', report[3] >= 0 and at + report[3] or '')
    end
  end
  return {'ok'}
end

ops.due = function(count, keep_ms)
  local at = now()
  local todo = call('SPOP', P .. 'todo', 20)
  if #todo > 0 then wake(todo, WAKE_BUDGET) end
  for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'due', '-inf', at, 'LIMIT', 0, count)) do
    local state = call('HGET', J(id), 'state')
    if not state or ENDED[state] or state == 'STUCK' or state == 'PAUSED' then call('ZREM', P .. 'due', id)
    else
      local times = call('HINCRBY', J(id), 'rings', 1)
      make_due(id, at, math.min(LONGEST, PATIENCE * 2 ^ math.min(10, times - 1)))
    end
  end
  for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'ended', '-inf', at - keep_ms, 'LIMIT', 0, count)) do
    call('ZREM', P .. 'ended', id)
    call('ZREM', P .. 'jobs', id)
  end
  return {'ok'}
end

ops.blockers = function(id)
  local out = {}
  for _, request_id in ipairs({id, id .. '/p'}) do
    local r = load_request(request_id)
    if r and r.st == 'W' then
      for _, c in ipairs(r.c) do
        if not open(c, r.t) then
          out[#out + 1] = {c[2], call('ZCARD', H(c[2])), limit(c[2]), earlier(c[2], r.t), call('ZRANGE', H(c[2]), 0, 9)}
        end
      end
    end
  end
  return out
end
