-- Gates: a batch is accepted whole or not at all. While its gate is shut the jobs that were stored behind it hold their
-- claims and their places, and none is rung. Who shut it opens it when all are stored; else all behind it are taken back,
-- as if they had never been submitted: by him, by whoever wants to shut it next, or by the sweep.
--   gates   zset    batch -> until when whoever shut its gate counts as alive; each submission through it renews that
--   gate:<batch>    hash  by: who shut it; open: 1 once he opened it; gone an hour later
--   gated:<batch>   set   the jobs behind it
--   behind:<array>:<batch>  zset  those of them that can go on -> place among the ready (see chains.lua)
local KEPT = 3600                                 -- s that who opened a gate may ask whether he did

local function GATE(batch) return P .. 'gate:' .. batch end
local function GATED(batch) return P .. 'gated:' .. batch end

local function left(batch, by, at)                -- ms that he may be silent still; none if the gate is not shut by him
  return call('HGET', GATE(batch), 'by') == by and (call('ZSCORE', P .. 'gates', batch) or 0) - at or 0
end

local function take_back(id, batch, at)           -- nothing is left of the job
  local v = call('HMGET', J(id), 'state', 'array', 'ask')
  if v[1] then
    if not ENDED[v[1]] then
      call('HSET', J(id), 'state', 'CANCELLED')
      Records.event(id, 'taken-back', 'CANCELLED', '', 'its batch was not accepted whole')
      Turns.finish(id, 'CANCELLED', v[2], at, 1)
    end
    local key = Records.split(v[3]).key
    if key and call('HGET', P .. 'key:' .. key, 'job') == id then call('DEL', P .. 'key:' .. key) end
    Records.remove(id, batch)
  end
  call('SREM', GATED(batch), id)
end

local function clear(batch, at, count)            -- how many are left
  for _, id in ipairs(call('SRANDMEMBER', GATED(batch), count)) do take_back(id, batch, at) end
  local more = call('SCARD', GATED(batch))
  if more == 0 then
    call('ZREM', P .. 'gates', batch)
    call('DEL', GATE(batch))
  end
  return more
end

function Gates.pass(gate, at)                      -- a submission through a gate: false if it is not shut by that one
  if left(gate[1], gate[2], at) <= 0 then return false end
  call('ZADD', P .. 'gates', at + gate[3], gate[1])
  return true
end

function Gates.behind(id, batch) call('SADD', GATED(batch), id) end

-- answers 0 if it is shut, or the ms after which to ask again: somebody else is at it, or what he left is taken back
function Gates.gateshut(batch, by, ms, count)
  local at = Hands.now()
  local till = call('ZSCORE', P .. 'gates', batch)
  if till and call('HGET', GATE(batch), 'by') ~= by then
    if till + 0 > at then return {till - at} end
    if clear(batch, at, count) > 0 then return {1} end
  end
  call('DEL', GATE(batch))
  call('HSET', GATE(batch), 'by', by)
  call('ZADD', P .. 'gates', at + ms, batch)
  return {0}
end

function Gates.gateopen(batch, by, arrays)         -- may be asked again when the answer was lost
  local at = Hands.now()
  if call('HGET', GATE(batch), 'by') == by and call('HGET', GATE(batch), 'open') then return {1} end
  if left(batch, by, at) <= 0 then return {0} end
  for _, array in ipairs(arrays) do Chains.open(array, batch) end
  call('DEL', GATED(batch))
  call('ZREM', P .. 'gates', batch)
  call('HSET', GATE(batch), 'open', 1)
  call('EXPIRE', GATE(batch), KEPT)
  for _, array in ipairs(arrays) do Chains.fill(array, at) end
  return {1}
end

function Gates.gateback(batch, by, count)          -- who shut it takes back a part; how many are left
  if call('HGET', GATE(batch), 'by') ~= by or call('HGET', GATE(batch), 'open') then return {0} end
  local at = Hands.now()
  call('ZADD', P .. 'gates', at, batch)           -- nothing more comes through it
  return {clear(batch, at, count)}
end

function Gates.sweep(at, count)
  for _, batch in ipairs(call('ZRANGEBYSCORE', P .. 'gates', '-inf', at, 'LIMIT', 0, 1)) do clear(batch, at, count) end
end
