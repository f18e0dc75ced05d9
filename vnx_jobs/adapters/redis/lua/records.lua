-- Job records: one hash a job, and what must change in the same moment as it. For the hash job:<id> see codec.py; while
-- the job lives it holds besides: array, size (steps), keep and makes (JSON lists, for its end), rings (since its last
-- turn), wake (not before).
--   commits string  counts changes            now    string  the latest time that was told, so that time never goes back
--   live    set     jobs that have not ended  ended  zset    id -> when it ended, until its record is removed
--   batches zset    name -> when it was last submitted to
--   batch:<name>  zset  id -> place           key:<key>  hash  job, digest; state, once the job has ended
--   due     zset    id -> when to look at it again: every live job that is not ready and that nothing else will move
--   parked:<array>  hash  id -> condition     deps:<id>  set   jobs that wait for its end
--   makes:<array>   hash  volume:<name>, snapshot:<name> -> the unfinished job that is to make it; detached:<name> -> detach it
--   events  stream  job, event, state, step, why; about the last 20,000
local EVENTS = 20000

function Records.split(r) return r and r ~= '' and cjson.decode(r) or {} end

function Records.event(id, word, state, step, why)
  call('XADD', P .. 'events', 'MAXLEN', '~', EVENTS, '*', 'job', id, 'event', word, 'state', state, 'step', step, 'why', why)
end

function Records.unpark(id, array)
  call('HDEL', P .. 'parked:' .. array, id)
  call('HDEL', J(id), 'cond', 'wake', 'pct', 'eta')
end

function Records.on_grant(request_id)              -- a waiting request was granted
  local id = request_id:match('^(.-)/p$') or request_id
  local at = Hands.now()
  call('HSET', J(id), 'why', '', 'wake', 0, 'moved', at)
  local state = call('HGET', J(id), 'state')
  if id == request_id then call('HSET', J(id), 'again', 1) end
  if id == request_id and state ~= 'PAUSED' then
    state = 'QUEUED'
    call('HSET', J(id), 'state', state)
  end
  Records.event(id, 'granted', state, '', '')
  Chains.make_due(id, at)
end

function Records.step_name(id, cursor)
  return cjson.decode(call('HGET', J(id), 'plan')).steps[tonumber(cursor) + 1] or ''
end

local function set_makes(array, id, names)
  for _, name in ipairs(names) do           -- the first one to make it, or the last one to detach it
    call(name:match('^detached:') and 'HSET' or 'HSETNX', P .. 'makes:' .. array, name, id)
  end
end

function Records.waits_for(id, others)              -- become a dependent of those that have not ended; whether there are any
  local some = false
  for _, before in ipairs(others) do
    if Claims.live(before) then
      call('SADD', P .. 'deps:' .. before, id)
      some = true
    end
  end
  return some
end

function Records.ask(id, claims, fields)          -- ask for a job's claims; a refusal leaves nothing behind
  local refused, r = Claims.request(id, claims, fields)
  if refused then return refused end
  fields.state = r.st == 'G' and 'QUEUED' or 'WAITING'
  fields.why = r.st == 'G' and '' or 'waits for its turn at ' .. claims[r.at][5]
end

function Records.write(id, fields)
  local flat = {}
  for name, value in pairs(fields) do
    flat[#flat + 1] = name
    flat[#flat + 1] = value
  end
  call('HSET', J(id), unpack(flat))
end

local function known(extra, id)                   -- the answer to a submission that was made before
  if extra.key ~= '' then
    local v = call('HMGET', P .. 'key:' .. extra.key, 'job', 'digest', 'state')
    local state = v[1] and (call('HGET', J(v[1]), 'state') or v[3])
    -- the key of a row: the next attempt has it, if the last one ended otherwise than well
    local free = extra.renews and v[1] ~= id and ENDED[state] and state ~= 'SUCCEEDED'
    if free then call('DEL', P .. 'key:' .. extra.key)
    elseif v[1] and v[2] ~= extra.digest then return {'conflict', v[1]}
    elseif v[1] then return {'known', v[1], state} end
  end
  local state = call('HGET', J(id), 'state')       -- this very call again, after an answer was lost
  return state and {'known', id, state}
end

local filled = {}                                 -- batches that this run has submitted to -> when
local function store(id, fields, extra, at)
  fields.created, fields.moved, fields.epoch = at, at, Hands.epoch()
  Records.write(id, fields)
  call('SADD', P .. 'live', id)
  if extra.batch ~= '' then
    local before = extra.like and call('ZSCORE', P .. 'batch:' .. extra.batch, extra.like)
    call('ZADD', P .. 'batch:' .. extra.batch, before or extra.place, id)
    filled[extra.batch] = at
  end
  if extra.key ~= '' then call('HSET', P .. 'key:' .. extra.key, 'job', id, 'digest', extra.digest) end
  set_makes(fields.array, id, extra.makes)
end

local function stored(id, word, fields)           -- the answer to a submission, and its event
  Records.event(id, word, fields.state, '', fields.why or '')
  return {'new', id, fields.state, fields.why or ''}
end

-- fields: the record's fields; extra: key, digest, renews, claims, park, makes, after, batch, place, like: the job whose
-- place it takes in the batch
local function submit(id, fields, extra, gate)
  local before = known(extra, id)
  if before then return before end
  local at = Hands.now()
  local moves = fields.admitted ~= 1
  if fields.admitted == 1 then
    local refused = Records.ask(id, extra.claims, fields)
    if refused then return {'refused', refused} end
    moves = fields.state == 'QUEUED'
  end
  store(id, fields, extra, at)
  if gate then Gates.behind(id, extra.batch) end
  if extra.park ~= '' then call('HSET', P .. 'parked:' .. fields.array, id, extra.park) end
  if Records.waits_for(id, extra.after) or extra.park ~= '' then moves = false end
  if moves then Chains.begin(id, fields.array, extra.batch, at) end
  return stored(id, 'submitted', fields)
end

function Records.remove(id, batch)                 -- nothing is left of a record that has ended
  if batch then
    call('ZREM', P .. 'batch:' .. batch, id)
    if call('EXISTS', P .. 'batch:' .. batch) == 0 then call('ZREM', P .. 'batches', batch) end
  end
  call('ZREM', P .. 'ended', id)
  call('DEL', J(id))
end

-- entries: {id, fields, extra}..; chains: array -> how many at one time; gate: of the batch, or none (see gates.lua).
-- Answers {answer, whom to ring}..
function Records.submit(entries, chains, gate)
  for array, bound in pairs(chains) do
    local cold = Hands.frozen(array)
    if cold then return {'frozen', cold} end
    Chains.bound(array, bound)
  end
  if gate and not Gates.pass(gate, Hands.now()) then return {'taken-back', gate[1]} end
  local answers = {}
  for i, entry in ipairs(entries) do
    rings = {}
    answers[i] = {submit(entry[1], entry[2], entry[3], gate), rings}
  end
  rings = {}
  for batch, at in pairs(filled) do call('ZADD', P .. 'batches', at, batch) end
  return answers
end

function Records.cancel(id, array, at, key_seconds)  -- end a job that has done nothing, as somebody ordered
  local why = 'cancelled by ' .. call('HGET', J(id), 'ordered')
  call('HSET', J(id), 'state', 'CANCELLED', 'why', why, 'code', 'cancelled', 'error', why)
  Records.event(id, 'cancel', 'CANCELLED', '', why)
  Turns.finish(id, 'CANCELLED', array, at, key_seconds)
end

-- the claims of a record that was stored without; fields: what planning found (plan, size, facts, keep, makes)
function Records.admit(id, fields, claims, makes, key_seconds)
  local v = call('HMGET', J(id), 'state', 'array', 'admitted', 'order')
  if not v[1] or ENDED[v[1]] then return {'gone'} end
  if v[3] == '1' then return {'known', id, v[1]} end
  local cold = Hands.frozen(v[2])
  if cold then return {'frozen', cold} end
  local refused = Records.ask(id, claims, fields)
  if refused then return {'refused', refused} end
  fields.admitted, fields.lease, fields.begun, fields.attempts, fields.moved = 1, 0, 0, 0, Hands.now()
  Records.write(id, fields)
  Records.unpark(id, v[2])
  set_makes(v[2], id, makes)
  local answer = stored(id, 'admitted', fields)
  if v[4] == 'cancel' then
    Records.cancel(id, v[2], Hands.now(), key_seconds)
    answer[3], answer[4] = unpack(call('HMGET', J(id), 'state', 'why'))
  elseif fields.state == 'QUEUED' then Chains.make_due(id, Hands.now())
  else
    call('ZREM', P .. 'due', id)
    Chains.rest(id, v[2], Hands.now())
  end
  return answer
end

function Records.blockers(id)
  local out = {}
  for _, request_id in ipairs({id, id .. '/p'}) do
    local r = Claims.load_request(request_id)
    if r and r.st == 'W' then
      for _, c in ipairs(r.c) do
        if not Claims.open(c, r.t) then
          out[#out + 1] = {c[2], call('ZCARD', H(c[2])), Claims.limit(c[2]), Claims.earlier(c[2], r.t), call('ZRANGE', H(c[2]), 0, 9)}
        end
      end
    end
  end
  return out
end

function Records.holdings(keys)                    -- who holds some keys, and who waits for them
  local out = {}
  for i, k in ipairs(keys) do
    out[i] = {call('ZCARD', H(k)), call('ZCOUNT', H(k), '-inf', '(0'), Refusals.lent(k), Claims.limit(k), call('ZCARD', FREE(k)),
      call('ZCARD', Q(k)), call('ZCOUNT', Q(k), '-inf', '(0'), call('ZRANGE', H(k), 0, 9), Refusals.waiters(k)}
  end
  return out
end
