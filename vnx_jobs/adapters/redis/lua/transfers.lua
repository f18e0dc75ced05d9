-- Transfers: what jobs ask of backup hosts, and what copiers answer. A transfer is asked for, or some copier is at it (it
-- has a token then), or it has ended (it has an ending).
--   transfer:<id>     hash  ask (JSON), host, array, store (which repository), size, at (when it was asked for), deaths,
--                           before (JSON: the copier that died last); token, lease, copier (JSON), done, left, stop;
--                           ending (JSON), over (when), by (the token that ended it)
--   transfers:<host>  zset  id -> when it was asked for: those that nobody is at
--   copying           zset  id -> when its copier counts as dead
--   asked             hash  job -> the places of its transfers
local MAX_DEATHS = 5                              -- as in model/transfer.py
local DIED = '{"failed": {"why": "its copier died ' .. MAX_DEATHS .. ' times: see the log of the backup host", "code": "copier-died"}}'
local WORKING = {'token', 'lease', 'copier', 'done', 'left', 'stop'}
local function T(id) return P .. 'transfer:' .. id end
local function job_of(id) return id:match('^(.-)/') end
local function places(job) return Records.split(call('HGET', P .. 'asked', job)) end

local function read(id, ...)
  local v = {}
  for i, value in ipairs(call('HMGET', T(id), ...)) do v[({...})[i]] = value or nil end
  return v
end

local function remove(id)
  local job, rest = job_of(id), {}
  call('ZREM', P .. 'copying', id)
  call('ZREM', P .. 'transfers:' .. (call('HGET', T(id), 'host') or ''), id)
  call('DEL', T(id))
  for _, place in ipairs(places(job)) do
    if job .. '/' .. place ~= id then rest[#rest + 1] = place end
  end
  if #rest > 0 then call('HSET', P .. 'asked', job, cjson.encode(rest)) else call('HDEL', P .. 'asked', job) end
end

local function wait_again(id)                     -- nobody is at it any more
  call('ZREM', P .. 'copying', id)
  call('HDEL', T(id), unpack(WORKING))
  local v = read(id, 'host', 'at')
  call('ZADD', P .. 'transfers:' .. v.host, v.at, id)
end

local function finished(id, ending, by)
  wait_again(id)
  call('ZREM', P .. 'transfers:' .. call('HGET', T(id), 'host'), id)
  call('HSET', T(id), 'ending', ending, 'by', by, 'over', Hands.now())
end

local function died(id)
  local v = read(id, 'copier', 'stop')
  if v.copier then call('HSET', T(id), 'before', v.copier) end
  if v.stop then remove(id)
  elseif call('HINCRBY', T(id), 'deaths', 1) >= MAX_DEATHS then finished(id, DIED, '')
  else return wait_again(id) end
  Sweep.resume({job_of(id)})
end

function Transfers.bury(at)                       -- copiers whose lease is over
  for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'copying', '-inf', at)) do died(id) end
end

-- asked: ask, host, array, store, size
function Transfers.ask(job, place, asked)
  if not Claims.live(job) then return {'gone'} end
  local at, id = Hands.now(), job .. '/' .. place
  Transfers.bury(at)
  local v = read(id, 'ask', 'token', 'ending', 'before')
  if v.token then return {'running'} end
  if v.ask == asked.ask then
    if not v.ending then return {'known'} end        -- its copiers look by themselves, if they missed the ring
    if not cjson.decode(v.ending).failed then return {'done'} end
  end
  if v.ask then remove(id) end
  asked.at = at
  asked.before = v.before                         -- what it left may still be there
  for name, value in pairs(asked) do call('HSET', T(id), name, value) end
  call('ZADD', P .. 'transfers:' .. asked.host, at, id)
  local mine = places(job)
  mine[#mine + 1] = place
  call('HSET', P .. 'asked', job, cjson.encode(mine))
  return {'waits'}
end

function Transfers.stands(id)
  Transfers.bury(Hands.now())
  return call('HGETALL', T(id))
end

function Transfers.stop(id)                       -- 1: nothing of it is under way
  Transfers.bury(Hands.now())
  local v = read(id, 'ask', 'token', 'ending')
  if v.token then
    call('HSET', T(id), 'stop', 1)
    return {0}
  end
  if v.ask and not v.ending then remove(id) end
  return {1}
end

function Transfers.drop(job)
  for _, place in ipairs(places(job)) do
    local id = job .. '/' .. place
    if call('HEXISTS', T(id), 'token') == 0 then remove(id) end
  end
  return {1}
end

function Transfers.job_over(job)                  -- what still runs for it is of no use to anybody
  Transfers.drop(job)
  for _, place in ipairs(places(job)) do Transfers.stop(job .. '/' .. place) end
end

function Transfers.queue(host, limit)
  Transfers.bury(Hands.now())
  return call('ZRANGE', P .. 'transfers:' .. host, 0, limit - 1)
end

function Transfers.running(host)
  Transfers.bury(Hands.now())
  local found = {}
  for _, id in ipairs(call('ZRANGE', P .. 'copying', 0, -1)) do
    if host == '' or call('HGET', T(id), 'host') == host then found[#found + 1] = {id, call('HGETALL', T(id))} end
  end
  return found
end

local function room(v, on_host, on_array)         -- may one more run on its host, of its array, in its repository?
  local of_host, of_array = 0, 0
  for _, id in ipairs(call('ZRANGE', P .. 'copying', 0, -1)) do
    local other = read(id, 'host', 'array', 'store')
    if other.store == v.store then return false end
    if other.host == v.host then of_host = of_host + 1 end
    if other.array == v.array then of_array = of_array + 1 end
  end
  return of_host < on_host and of_array < on_array
end

function Transfers.engage(id, token, on_host, on_array, lease)
  local at = Hands.now()
  Transfers.bury(at)
  local v = read(id, 'ask', 'host', 'array', 'store', 'before', 'token', 'ending')
  if v.token == token then return {'taken', v.ask, v.before or ''} end     -- once more, after an answer was lost
  if not v.ask or v.token or v.ending or not room(v, on_host, on_array) then return {'no'} end
  call('ZREM', P .. 'transfers:' .. v.host, id)
  call('ZADD', P .. 'copying', at + lease, id)
  call('HSET', T(id), 'token', token, 'lease', at + lease, 'done', 0)
  return {'taken', v.ask, v.before or ''}
end

function Transfers.identify(id, token, copier)
  if read(id, 'token').token ~= token then return {0} end
  call('HSET', T(id), 'copier', copier)
  return {1}
end

local function show(job)                          -- how far all transfers of a job are together
  local done, size, left = 0, 0, -1
  for _, place in ipairs(places(job)) do
    local v = read(job .. '/' .. place, 'done', 'size', 'left', 'ending')
    size = size + tonumber(v.size)
    done = done + (v.ending and tonumber(v.size) or tonumber(v.done or 0))
    left = math.max(left, tonumber(v.left or -1))
  end
  if size > 0 then Sweep.progress({{job, math.min(100, math.floor(100 * done / size)), left}}) end
end

function Transfers.beat(id, token, done, left, lease)
  local v = read(id, 'token', 'stop')
  if v.token ~= token then return {0} end
  local at = Hands.now()
  call('ZADD', P .. 'copying', at + lease, id)
  call('HSET', T(id), 'lease', at + lease, 'done', done, 'left', left)
  show(job_of(id))
  return {v.stop and 0 or 1}
end

function Transfers.over(id, token, ending)
  local v = read(id, 'token', 'stop', 'by')
  if v.by == token then return {1} end            -- once more, after an answer was lost
  if v.token ~= token then return {0} end
  local useless = v.stop and (cjson.decode(ending).failed or not Claims.live(job_of(id)))
  if useless then remove(id) else finished(id, ending, token) end
  Sweep.resume({job_of(id)})
  return {1}
end

function Transfers.giveback(id, token, dead)      -- back to those that wait; dead: '1' if its processes were killed
  local v = read(id, 'token', 'stop')
  if v.token ~= token then return {0} end
  if tonumber(dead) == 1 then
    died(id)
    return {1}
  end
  if not v.stop then
    wait_again(id)
    return {1}
  end
  remove(id)
  Sweep.resume({job_of(id)})
  return {1}
end
