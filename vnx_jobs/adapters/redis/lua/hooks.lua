-- Call backs. Whoever ends a job puts its messages in, in the same run. A message keeps its id until it is delivered, and
-- its number of attempts is the fence of what is said of it.
--   hooks            hash  name -> url, generation, mark, by (JSON)
--   hook:<name>      hash  sent, bad (failures since the last success), last (ms), answer (to the last attempt)
--   hook:<name>:waits  zset  delivery -> when it is due; while it is out: when its lease is over
--   hook:<name>:out    zset  delivery -> when its lease is over
--   hook:<name>:lost   zset  delivery -> when it was given up
--   calling          zset  hook -> when the next of its deliveries is due
--   delivery:<id>    hash  hook, kind, subject, at, counts (JSON), since (its time counts from then), tries, answer
--   telling:<batch>  hash  of a batch with hooks: hooks (JSON), round, sealed, fresh (jobs nobody was told of), state -> jobs
--   untold:<batch>   set   its jobs that have not ended
--   unsealed         zset  batch -> when its submission counts as dead
-- The field bt of a job's record: its batch has hooks.
local ALL, CALLING, UNSEALED = P .. 'hooks', P .. 'calling', P .. 'unsealed'
local WAITS, OUT, LOST = ':waits', ':out', ':lost'
local AT_ONCE, FAILING = 4, 1                     -- messages to one hook at one time
local SEEN, PART = 100, 500
local STATES = {'SUCCEEDED', 'FAILED', 'CANCELLED', 'ABANDONED'}
local function K(name, part) return P .. 'hook:' .. name .. (part or '') end
local function D(id) return P .. 'delivery:' .. id end
local function T(batch) return P .. 'telling:' .. batch end
local function U(batch) return P .. 'untold:' .. batch end

local function look_again(name, not_before)
  local first = call('ZRANGE', K(name, WAITS), 0, 0, 'WITHSCORES')
  if first[2] then call('ZADD', CALLING, math.max(first[2], not_before or 0), name) else call('ZREM', CALLING, name) end
end

local function put(id, name, at, kind, subject, counts)
  if call('HEXISTS', ALL, name) == 0 then return end  -- it was removed since the job was accepted
  call('HSET', D(id), 'hook', name, 'kind', kind, 'subject', subject, 'at', at, 'since', at, 'tries', 0, 'counts', counts)
  call('ZADD', K(name, WAITS), at, id)
  look_again(name)
end

function Hooks.ended(id, names, at)
  for _, name in ipairs(names) do put('job_' .. id .. '_' .. name, name, at, 'job', id, '{}') end
end

local function tell(batch, at)                    -- the last of its jobs has ended
  local v = call('HMGET', T(batch), 'hooks', 'round', 'fresh', unpack(STATES))
  if tonumber(v[3] or 0) > 0 then
    local counts = {}
    for i, state in ipairs(STATES) do if v[3 + i] then counts[state] = tonumber(v[3 + i]) end end
    for _, name in ipairs(cjson.decode(v[1])) do
      put('batch_' .. v[2] .. '_' .. name, name, at, 'batch', batch, cjson.encode(counts))
    end
  end
  call('DEL', T(batch))
end

function Hooks.of_batch(id, batch, state, at)     -- a job of a batch with hooks has ended
  if call('SREM', U(batch), id) == 0 then return end
  call('HINCRBY', T(batch), state, 1)
  if call('HGET', T(batch), 'sealed') == '1' and call('EXISTS', U(batch)) == 0 then tell(batch, at) end
end

function Hooks.hookexpect(batch, hooks, patience)
  call('HSET', T(batch), 'hooks', hooks, 'sealed', 0)
  call('ZADD', UNSEALED, Hooks.at() + patience, batch)
  return {1}
end

-- Sealing takes three calls of one round; jobs may end meanwhile. What was counted in a round before is counted anew.
function Hooks.hookbegin(batch, round)
  if call('HEXISTS', T(batch), 'hooks') == 0 then
    call('ZREM', UNSEALED, batch)
    return {0}
  end
  call('DEL', U(batch))
  call('HDEL', T(batch), unpack(STATES))
  call('HSET', T(batch), 'round', round, 'sealed', 0)
  return {1}
end

function Hooks.hookgather(batch, round, ids)
  if call('HGET', T(batch), 'round') ~= round then return {0} end
  for _, id in ipairs(ids) do
    local v = call('HMGET', J(id), 'state', 'bt')
    if v[1] and not v[2] then
      call('HSET', J(id), 'bt', 1)
      call('HINCRBY', T(batch), 'fresh', 1)
    end
    if ENDED[v[1]] then call('HINCRBY', T(batch), v[1], 1) elseif v[1] then call('SADD', U(batch), id) end
  end
  return {1}
end

function Hooks.hookseal(batch, round)
  if call('HGET', T(batch), 'round') ~= round then return {0} end
  call('ZREM', UNSEALED, batch)
  call('HSET', T(batch), 'sealed', 1)
  if call('EXISTS', U(batch)) == 0 then tell(batch, Hands.now()) end
  return {1}
end

local function forget(name, part, count)          -- some of its messages; how many they were
  local ids = call('ZRANGE', K(name, part), 0, count - 1)
  for _, id in ipairs(ids) do call('DEL', D(id)) end
  if #ids > 0 then call('ZREM', K(name, part), unpack(ids)) end
  return #ids
end

local function drop(name, count)                  -- a hook that is registered no more; whether something is left of it
  if forget(name, WAITS, count) + forget(name, LOST, count) > 0 then return true end
  call('DEL', K(name), K(name, OUT))
  call('ZREM', CALLING, name)
  return false
end

function Hooks.hookadd(name, document)
  local before = call('HGET', ALL, name)
  if before then return {before == document and 1 or 0} end
  while drop(name, PART) do end                    -- what a removal that was cut off has left
  call('HSET', ALL, name, document)
  return {1}
end

function Hooks.hookdrop(name)
  local was = call('HDEL', ALL, name)
  return {was, drop(name, PART) and 1 or 0}
end

function Hooks.hooksof(name)                      -- how things stand with one, or all: {name, document, fields, how many}
  local found = {}
  for _, one in ipairs(name ~= '' and {name} or call('HKEYS', ALL)) do
    local document = call('HGET', ALL, one)
    if document then
      local v = call('HMGET', K(one), 'sent', 'bad', 'last', 'answer')
      for i = 1, 4 do v[i] = v[i] or '' end
      found[#found + 1] = {one, document, v, call('ZCARD', K(one, WAITS)), call('ZCARD', K(one, LOST))}
    end
  end
  return found
end

function Hooks.hookpending(name, most)
  local found = {}
  for _, part in ipairs({LOST, WAITS}) do
    local flat = call('ZRANGE', K(name, part), 0, most - 1, 'WITHSCORES')
    for i = 1, #flat, 2 do
      local v = call('HMGET', D(flat[i]), 'kind', 'subject', 'at', 'tries', 'answer')
      if v[1] and #found < most then
        found[#found + 1] = {flat[i], v[1], v[2], v[3], v[4], v[5] or '', part == LOST and '0' or flat[i + 1]}
      end
    end
  end
  return found
end

local function begin_anew(name, id, at)
  call('HSET', D(id), 'since', at)
  call('ZADD', K(name, WAITS), at, id)
end

function Hooks.hookagain(name)
  local at, count = Hands.now(), 0
  for _, id in ipairs(call('ZRANGE', K(name, LOST), 0, PART - 1)) do
    call('ZREM', K(name, LOST), id)
    if call('PERSIST', D(id)) == 1 then
      begin_anew(name, id, at)
      count = count + 1
    end
  end
  for _, id in ipairs(call('ZRANGEBYSCORE', K(name, WAITS), '(' .. at, '+inf', 'LIMIT', 0, PART)) do
    if not call('ZSCORE', K(name, OUT), id) then
      begin_anew(name, id, at)
      count = count + 1
    end
  end
  look_again(name)
  return {count}
end

function Hooks.at()                               -- the present, for those who only look
  local time = call('TIME')
  return math.max(time[1] * 1000 + math.floor(time[2] / 1000), tonumber(call('GET', P .. 'now') or 0))
end

function Hooks.hookcalls()
  local at = Hooks.at()
  local overdue = call('ZRANGEBYSCORE', UNSEALED, '-inf', at, 'LIMIT', 0, SEEN)
  return {#call('ZRANGEBYSCORE', CALLING, '-inf', at, 'LIMIT', 0, 1), overdue}
end

local function take(name, at, lease, most, taken)
  local document = call('HGET', ALL, name)
  if not document then return drop(name, SEEN) end
  call('ZREMRANGEBYSCORE', K(name, OUT), '-inf', at)
  local bound = tonumber(call('HGET', K(name), 'bad') or 0) > 0 and FAILING or AT_ONCE
  local room = math.min(bound - call('ZCARD', K(name, OUT)), most - #taken)
  local ids = room > 0 and call('ZRANGEBYSCORE', K(name, WAITS), '-inf', at, 'LIMIT', 0, room) or {}
  for _, id in ipairs(ids) do
    local v = call('HMGET', D(id), 'kind', 'subject', 'at', 'counts')
    if v[1] then
      call('ZADD', K(name, WAITS), at + lease, id)
      call('ZADD', K(name, OUT), at + lease, id)
      taken[#taken + 1] = {id, document, v[1], v[2], v[3], call('HINCRBY', D(id), 'tries', 1), v[4]}
    else call('ZREM', K(name, WAITS), id) end
  end
  local first = call('ZCARD', K(name, OUT)) >= bound and call('ZRANGE', K(name, OUT), 0, 0, 'WITHSCORES')[2]
  look_again(name, tonumber(first or 0))
end

function Hooks.hooktake(most, lease)
  local at, taken = Hands.now(), {}
  for _, name in ipairs(call('ZRANGEBYSCORE', CALLING, '-inf', at, 'LIMIT', 0, SEEN)) do
    if #taken < most then take(name, at, lease, most, taken) end
  end
  return taken
end

local function tried(id, tries, answer, at)       -- an attempt is over: the hook's name, if it is the last one that began
  local v = call('HMGET', D(id), 'hook', 'tries')
  if not v[1] or tonumber(v[2]) ~= tries then return nil end
  call('HSET', K(v[1]), 'last', at, 'answer', answer)
  call('ZREM', K(v[1], OUT), id)
  return v[1]
end

function Hooks.hookdone(id, tries, answer)
  local name = tried(id, tries, answer, Hands.now())
  if not name then return {0} end
  call('DEL', D(id))
  call('ZREM', K(name, WAITS), id)
  call('HSET', K(name), 'bad', 0)
  call('HINCRBY', K(name), 'sent', 1)
  look_again(name)
  return {1}
end

function Hooks.hookmissed(id, tries, answer, wait, patience, keep)
  local at = Hands.now()
  local name = tried(id, tries, answer, at)
  if not name then return {0} end
  call('HINCRBY', K(name), 'bad', 1)
  call('HSET', D(id), 'answer', answer)
  if at + wait > tonumber(call('HGET', D(id), 'since')) + patience then
    call('ZREM', K(name, WAITS), id)
    call('ZREMRANGEBYSCORE', K(name, LOST), '-inf', at - keep)
    call('ZADD', K(name, LOST), at, id)
    call('PEXPIRE', K(name, LOST), keep)
    call('PEXPIRE', D(id), keep)
  else call('ZADD', K(name, WAITS), at + wait, id) end
  look_again(name)
  return {1}
end
