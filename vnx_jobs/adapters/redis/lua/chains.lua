-- Chains: how many jobs of an array are rung at one time, and whose turn is next. A job that can go on is rung if its
-- array has a place for one more chain, else it is ready: it gets the next place that its batch is served with.
--   chains:<array>  zset  job -> when it was rung; it keeps the place until it rests or ends. Each of them is in due too
--   ready:<array>   zset  batch -> when its turn is, among the batches that have jobs to be rung
--   ready:<array>:<batch>  zset  job -> place: what has begun first, then first come first served
--   bounds  hash  array -> how many chains at one time, as the last submission or sweep told
--   held    hash  array -> who held it: what has begun goes on, nothing is begun
--   away    hash  array -> why: it does not answer, so nothing is rung until the watch has had an answer
local LONGEST = 300000                            -- ms until a ring counts as lost at most; at first PATIENCE, then doubled
local BOUND = 4                                   -- chains of an array that nobody has told a number for
local BEGUN = -1e14                               -- earlier than any time: the places of jobs that have begun

function Chains.start_chain(id, array, at)          -- the caller rings; if it dies first, the sweep does
  local v = call('HMGET', J(id), 'cursor', 'back', 'size', 'rings')
  rings[#rings + 1] = id
  rings[#rings + 1] = v[1]
  rings[#rings + 1] = v[2] == '1' and 0 or v[3] - 1
  call('ZADD', CHAINS(array), at, id)
  call('ZADD', P .. 'due', at + math.min(LONGEST, PATIENCE * 2 ^ math.min(10, v[4] or 0)), id)
end

local rooms = {}                                  -- array -> how many chains it may have, as far as this run has asked
local function room(array)                        -- how many chains more; none while the array is away, or frozen
  if not rooms[array] then
    local shut = call('HEXISTS', P .. 'away', array) == 1 or Hands.frozen(array)
    rooms[array] = shut and 0 or tonumber(call('HGET', P .. 'bounds', array) or BOUND)
  end
  return rooms[array] > 0 and rooms[array] - call('ZCARD', CHAINS(array)) or 0
end

local function served(array, batch)               -- to the end of the round, or out of it if nothing of it is ready
  if call('EXISTS', READY(array, batch)) == 0 then return call('ZREM', READY(array), batch) end
  local last = call('ZRANGE', READY(array), -1, -1, 'WITHSCORES')[2]
  call('ZADD', READY(array), last + 1, batch)
end

local function next_batch(array)                  -- of an array that is held only what has begun goes on
  if call('HEXISTS', P .. 'held', array) == 0 then return call('ZRANGE', READY(array), 0, 0)[1] end
  for _, batch in ipairs(call('ZRANGE', READY(array), 0, -1)) do
    if call('ZCOUNT', READY(array, batch), '-inf', '(0') > 0 then return batch end
  end
end

function Chains.bound(array, count)               -- somebody tells how many chains an array may have
  if tonumber(call('HGET', P .. 'bounds', array)) ~= count then call('HSET', P .. 'bounds', array, count) end
end

function Chains.fill(array, at)                   -- ring as many ready jobs as there is room for
  for _ = 1, room(array) do
    local batch = next_batch(array)
    if not batch then return end
    Chains.start_chain(call('ZPOPMIN', READY(array, batch))[1], array, at)
    served(array, batch)
  end
end

local gates = {}                                  -- batch -> whether its gate is shut, as far as this run has asked
local function gated(id, batch)
  if batch == '' then return false end
  if gates[batch] == nil then gates[batch] = call('ZSCORE', P .. 'gates', batch) or false end
  return gates[batch] and call('SISMEMBER', P .. 'gated:' .. batch, id) == 1
end

local function line_up(array, batch)              -- give a batch that has ready jobs its turn among the others
  if not call('ZSCORE', READY(array), batch) then
    call('ZADD', READY(array), (call('ZRANGE', READY(array), -1, -1, 'WITHSCORES')[2] or 0) + 1, batch)
  end
end

local function stand_by(id, array, batch, at, begun)
  local place = begun and at + BEGUN or at
  if gated(id, batch) then return call('ZADD', BEHIND(array, batch), place, id) end
  call('ZADD', READY(array, batch), place, id)
  line_up(array, batch)
  Chains.fill(array, at)
end

function Chains.open(array, batch)                -- what could go on behind a gate is ready
  if call('EXISTS', BEHIND(array, batch)) == 0 then return end
  call('ZUNIONSTORE', READY(array, batch), 2, READY(array, batch), BEHIND(array, batch), 'AGGREGATE', 'MIN')
  call('DEL', BEHIND(array, batch))
  line_up(array, batch)
end

function Chains.begin(id, array, batch, at) stand_by(id, array, batch, at, false) end   -- a new job can go on

function Chains.make_due(id, at)                  -- a job can go on, unless it is paused: ring it, now or when there is room
  local v = call('HMGET', J(id), 'array', 'batch', 'cursor', 'begun', 'back', 'state')
  if v[6] == 'PAUSED' then return end
  local array, begun = v[1], v[3] ~= '0' or (v[4] or '0') ~= '0' or v[5] == '1'
  if call('ZSCORE', CHAINS(array), id) then return Chains.start_chain(id, array, at) end
  call('ZREM', P .. 'due', id)
  stand_by(id, array, v[2] or '', at, begun)
end

function Chains.not_ready(id, array)
  local batch = call('HGET', J(id), 'batch') or ''
  if gated(id, batch) then call('ZREM', BEHIND(array, batch), id) end
  if call('ZREM', READY(array, batch), id) == 1 and call('EXISTS', READY(array, batch)) == 0 then
    call('ZREM', READY(array), batch)
  end
end

function Chains.rest(id, array, at)                -- the job's chain is over: another may have its place
  if call('ZREM', CHAINS(array), id) == 1 then Chains.fill(array, at) else Chains.not_ready(id, array) end
end
