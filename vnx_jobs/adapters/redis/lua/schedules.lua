-- Schedules. What is decided of one is decided outside, on what was read; it holds if the version is still the same.
--   schedules              zset  name -> when it is to be looked at (+inf: when somebody changes it)
--   schedule:<name>        hash  doc, calendar (what its due times depend on), gen (another each time it is replaced),
--                                v (its version), handled (the last due time dealt with), queue (JSON: runs that wait),
--                                firing (JSON: the run whose jobs are being submitted), paused (by whom), asked (ms)
--   schedule:<name>:jobs   set   jobs of its runs that were not over when they were last looked at
--   schedule:<name>:runs   list  what became of its last runs ('<ms> <JSON>'), newest first
local ALL, RUNS, KEPT = P .. 'schedules', ':runs', 20
local function S(name, part) return P .. 'schedule:' .. name .. (part or '') end
local function known(name) return call('EXISTS', S(name)) == 1 end

local function changed(name, wake)
  call('HINCRBY', S(name), 'v', 1)
  call('ZADD', ALL, wake, name)
  return {1}
end

local function tell(name, run)
  call('LPUSH', S(name, RUNS), string.format('%.0f ', Hands.now()) .. run)
  call('LTRIM', S(name, RUNS), 0, KEPT - 1)
end

local function under_way(name)                    -- a job that waits for a person goes on for nobody
  local live = {}
  for _, job in ipairs(call('SMEMBERS', S(name, ':jobs'))) do
    local state = call('HGET', J(job), 'state')
    if not state or ENDED[state] then call('SREM', S(name, ':jobs'), job)
    elseif state ~= 'STUCK' then live[#live + 1] = job end
  end
  table.sort(live)
  return live
end

function Schedules.arrange(name, doc, calendar, replace)
  local at, before = Hands.now(), call('HGET', S(name), 'calendar')
  if before and call('HGET', S(name), 'doc') == doc then return {1} end
  if before and replace == 0 then return {0} end
  if before ~= calendar then call('HSET', S(name), 'handled', string.format('%.0f', at)) end
  call('HSET', S(name), 'doc', doc, 'calendar', calendar, 'gen', call('GET', P .. 'commits'))
  return changed(name, at)
end

function Schedules.unarrange(name)
  if call('HEXISTS', S(name), 'firing') == 1 then return {0} end
  call('DEL', S(name), S(name, ':jobs'), S(name, RUNS))
  call('ZREM', ALL, name)
  return {1}
end

function Schedules.suspend(name, by)
  if not known(name) then return {0} end
  call('HSETNX', S(name), 'paused', by)
  return changed(name, Hands.now())
end

function Schedules.proceed(name)
  if not known(name) then return {0} end
  if call('HDEL', S(name), 'paused') == 1 then call('HSET', S(name), 'handled', string.format('%.0f', Hands.now())) end
  return changed(name, Hands.now())
end

function Schedules.wanted(name, by)
  if not known(name) then return {0} end
  local at, last = Hands.now(), tonumber(call('HGET', S(name), 'asked') or 0)
  local due = math.max(at - at % 1000, last + 1000)
  local queue = cjson.decode(call('HGET', S(name), 'queue') or '[]')
  queue[#queue + 1] = {due, by}
  call('HSET', S(name), 'asked', string.format('%.0f', due), 'queue', cjson.encode(queue))
  changed(name, at)
  return {1, due}
end

-- names: those meant; none: all that are to be looked at by now, so many at most, or all there are if `most` is 0
function Schedules.standings(names, most)
  local at, found = Hands.now(), {}
  if #names == 0 then
    if most == 0 then names = call('ZRANGE', ALL, 0, -1)
    else names = call('ZRANGEBYSCORE', ALL, '-inf', at, 'LIMIT', 0, most) end
  end
  for _, name in ipairs(names) do
    local v = call('HMGET', S(name), 'doc', 'gen', 'v', 'handled', 'queue', 'firing', 'paused')
    for i = 1, 7 do v[i] = v[i] or '' end
    if v[1] ~= '' then found[#found + 1] = {name, v, under_way(name)} end
  end
  return {at, found}
end

-- wake: -1 for never by itself
function Schedules.decided(name, version, handled, queue, wake, firing, given_up)
  if tonumber(call('HGET', S(name), 'v') or -1) ~= version or call('HEXISTS', S(name), 'firing') == 1 then return {0} end
  call('HSET', S(name), 'handled', string.format('%.0f', handled), 'queue', queue)
  if firing ~= '' then call('HSET', S(name), 'firing', firing) end
  for _, run in ipairs(given_up) do tell(name, run) end
  return changed(name, wake == -1 and '+inf' or wake)
end

function Schedules.fired(name, firing, jobs, run)
  if call('HGET', S(name), 'firing') ~= firing then return {0} end
  call('HDEL', S(name), 'firing')
  for _, job in ipairs(jobs) do call('SADD', S(name, ':jobs'), job) end
  tell(name, run)
  return changed(name, Hands.now())
end
