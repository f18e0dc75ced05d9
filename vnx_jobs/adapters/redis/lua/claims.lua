-- Claims: locks, limited sets, LUN numbers and permits; all or none, first come first served.
-- A request is a job ('<id>') or its later wish for a permit ('<id>/p'). Its part of the hash job:<request>, gone when it
-- leaves:  st G granted | W waiting    t ticket, from 'seq', never repeated    c the claims, JSON, in rank order
--          m marks '0101..'            at the claim it is parked at, 0 for none
--          nums LUN numbers by role, JSON; stays in the record
--   seq     string  last ticket given out; freed numbers and tombstones are stamped with tickets too
--   h:<k>   zset    holders of key k, member -> ticket (exclusive: -ticket); a member kept at a job's end is stamped anew
--   q:<k>   zset    marks, request -> +-ticket: bind later tickets (one more, '<request>#2', for each further number)
--   p:<k>   zset    parked, request -> ticket: re-tried when k opens
--   n:<k>   zset    free LUN numbers -> ticket of when they were given back; below 1 if never used
--   own:<k> hash    LUN number -> job that was granted it and has not ended
--   lim     hash    k -> limit, or range 'first-last'; forgotten when nobody holds k or waits for it, ranges excepted
--   gone    zset    '<k>\n<member>' -> ticket of when that slot was given back, so that an older list does not restore it
--   todo    set     keys whose waking is unfinished
-- A claim is {kind, key, member}: c slot (rank 0), n numbers (0; member: roles), s x locks (1), t permit (2).
local RANK = {c = 0, n = 0, s = 1, x = 1, t = 2}
local TOMBSTONES = 10000
local LATEST = 2 ^ 53                             -- later than any ticket

function Claims.live(id)                           -- a job that has not ended
  local state = id and call('HGET', J(id), 'state')
  return state and not ENDED[state]
end

local function roles(c)
  local list = {}
  for role in c[3]:gmatch('[^,]+') do list[#list + 1] = role end
  return list
end

local limits = {}                                 -- those that this run has read
local function limit_of(k)
  if limits[k] == nil then limits[k] = call('HGET', P .. 'lim', k) end
  return limits[k]
end

local function change_limit(k, lim)               -- nil: forget it
  if lim then call('HSET', P .. 'lim', k, lim) else call('HDEL', P .. 'lim', k) end
  limits[k] = lim or false
end

local function range(lim) return lim:match('^(%d+)%-(%d+)$') end

function Claims.limit(k)                           -- how many may hold k
  local lim = limit_of(k) or '0'
  local first, last = range(lim)
  return first and last - first + 1 or tonumber(lim)
end

function Claims.earlier(k, t)                      -- marks of older requests, of whatever kind
  return call('ZCOUNT', Q(k), '(' .. -t, '(' .. t)
end

-- Could ticket t have claim c now? Holders and earlier marks decide; `bound` is how many may hold it, if not its limit;
-- `calm` says that there are no marks.
function Claims.open(c, t, bound, calm)
  local kind, k = c[1], c[2]
  local marked = not calm and call('EXISTS', Q(k)) == 1
  local before = marked and kind ~= 's' and Claims.earlier(k, t) or 0
  if kind == 'n' then return call('ZCARD', FREE(k)) >= #roles(c) + before end
  if kind == 'x' then return before == 0 and call('EXISTS', H(k)) == 0 end
  if call('ZCOUNT', H(k), '-inf', '(0') > 0 or marked and call('ZCOUNT', Q(k), '(' .. -t, '(0') > 0 then return false end
  return kind == 's' or call('ZCARD', H(k)) + before < (bound or Claims.limit(k))
end

local function set_range(k, lim)                  -- the private LUN numbers; those that stay keep their place in the rotation
  local first, last = range(lim)
  change_limit(k, lim)
  call('ZREMRANGEBYSCORE', FREE(k), '-inf', '(1')
  for _, number in ipairs(call('ZRANGE', FREE(k), 0, -1)) do
    if number + 0 < first + 0 or number + 0 > last + 0 then call('ZREM', FREE(k), number) end
  end
  for number = first, last do
    if not call('ZSCORE', H(k), number) then call('ZADD', FREE(k), 'NX', number / 2 ^ 31, number) end
  end
end

-- A set's limit is the largest that was given, so that a claim which leaves some of it free binds itself only (see
-- request); a permit's is the last that was given, since a setting says it.
function Claims.set_limit(c, lim)
  if lim == '' then return end
  local k, known = c[2], limit_of(c[2])
  if lim == known then return end
  if c[1] == 'n' then set_range(k, lim)
  elseif c[1] == 't' or not known or lim + 0 > known + 0 then change_limit(k, lim) end
  if known then call('SADD', P .. 'todo', k) end  -- it may have grown: let those who wait be tried again
end

function Claims.forget_limit(k)                    -- every claim brings it along; a range is kept with its rotation
  if call('EXISTS', H(k), Q(k)) == 0 and not range(limit_of(k) or '') then change_limit(k) end
end

local function mark(c, r)                         -- a place in the queue for everything the claim wants
  local score = c[1] == 'x' and -r.t or r.t
  call('ZADD', Q(c[2]), score, r.id)
  if c[1] == 'n' then for i = 2, #roles(c) do call('ZADD', Q(c[2]), score, r.id .. '#' .. i) end end
end

local function unmark(c, r)
  if c[1] == 'n' then for i = 2, #roles(c) do call('ZREM', Q(c[2]), r.id .. '#' .. i) end end
  return call('ZREM', Q(c[2]), r.id) == 1
end

function Claims.load_request(id)
  local v = call('HMGET', J(id), 'st', 't', 'c', 'm', 'at')
  if not v[1] or v[1] == '' then return nil end
  return {id = id, st = v[1], t = tonumber(v[2]), c = cjson.decode(v[3]), m = v[4], at = tonumber(v[5])}
end

local function numbers(id) return cjson.decode(call('HGET', J(id), 'nums') or '{}') end

local function put(r, ...)                        -- fields of a request; those of a new record are written with it
  if not r.fields then return call('HSET', J(r.id), ...) end
  local flat = {...}
  for i = 1, #flat, 2 do r.fields[flat[i]] = flat[i + 1] end
end

local function take_numbers(c, r)
  local nums = r.fields and cjson.decode(r.fields.nums or '{}') or numbers(r.id)
  for _, role in ipairs(roles(c)) do
    local number = call('ZPOPMIN', FREE(c[2]))[1]
    nums[role] = tonumber(number)
    call('ZADD', H(c[2]), r.t, number)
    call('HSET', OWN(c[2]), number, r.id)
  end
  put(r, 'nums', cjson.encode(nums))
end

function Claims.give_number(k, number)             -- to the end of the rotation
  if call('ZREM', H(k), number) == 0 then return false end
  call('HDEL', OWN(k), number)
  local first, last = range(limit_of(k))
  if number + 0 >= first + 0 and number + 0 <= last + 0 then call('ZADD', FREE(k), call('INCR', P .. 'seq'), number) end
  return true
end

local function give_slot(k, member)
  call('ZADD', P .. 'gone', call('INCR', P .. 'seq'), k .. '\n' .. member)
  call('ZREMRANGEBYRANK', P .. 'gone', 0, -1 - TOMBSTONES)
  return call('ZREM', H(k), member) == 1
end

local function stamp(k, member) call('ZADD', H(k), 'XX', call('INCR', P .. 'seq'), member) end

local function hold(c, r)
  if c[1] == 'n' then take_numbers(c, r)
  else call('ZADD', H(c[2]), c[1] == 'x' and -r.t or r.t, c[3]) end
end

local function give_back(c, r, keep)              -- end one granted claim; true if that may let others in
  local k = c[2]
  if c[1] == 'n' then
    local given, nums = false, numbers(r.id)
    for _, role in ipairs(roles(c)) do
      local number = nums[role]
      if keep[k] and not role:match('^target') then
        stamp(k, number)
        call('HDEL', OWN(k), number)
      elseif call('HGET', OWN(k), number) == r.id then given = Claims.give_number(k, number) or given end
    end
    return given
  end
  if keep[k] then
    stamp(k, c[3])
    return false
  end
  if c[1] == 'c' then return give_slot(k, c[3]) end
  return call('ZREM', H(k), c[3]) == 1
end

local function blocked_rank(r)                    -- the lowest rank that is not open whole, and what blocks there
  local rank, first, blocked = 9, 0, {}
  for i, c in ipairs(r.c) do
    if RANK[c[1]] > rank then break end
    if not (r.free and r.free[i] or Claims.open(c, r.t, nil, r.calm)) then
      rank, blocked[i] = RANK[c[1]], true
      if first == 0 then first = i end
    end
  end
  return rank, first, blocked
end

local function settle(r, woken)                   -- grant r whole, or mark what blocks it and park it there
  local rank, first, blocked = blocked_rank(r)
  local marks = {}
  for i, c in ipairs(r.c) do
    local had, mine = r.m:byte(i) == 49, RANK[c[1]]
    -- marked: rank 0 always; every rank below the blocked one; in the blocked rank what blocks now or did before
    local want = rank < 9 and (mine == 0 or mine < rank or blocked[i] or (mine == rank and had)) or false
    if want and not had then mark(c, r)
    elseif had and not want then
      unmark(c, r)
      if rank < 9 then woken[#woken + 1] = c[2] end   -- a place given back: others may move up
    end
    marks[i] = want and '1' or '0'
  end
  if rank == 9 then for _, c in ipairs(r.c) do hold(c, r) end end
  if r.at ~= first then
    if r.at > 0 then call('ZREM', PK(r.c[r.at][2]), r.id) end
    if first > 0 then call('ZADD', PK(r.c[first][2]), r.t, r.id) end
  end
  r.st, r.m, r.at = rank == 9 and 'G' or 'W', table.concat(marks), first
  put(r, 'st', r.st, 'm', r.m, 'at', first)
  return rank == 9
end

function Claims.wake(keys, budget)                 -- re-try, smallest ticket first, who is parked at a key that opened
  local heads = {}
  local function look(k)
    local p = call('ZRANGE', PK(k), 0, 0)[1]
    local r = p and Claims.load_request(p)
    heads[k] = r and Claims.open(r.c[r.at], r.t) and r or nil
  end
  for _, k in ipairs(keys) do look(k) end
  while true do
    local best
    for k, r in pairs(heads) do if not best or r.t < heads[best].t then best = k end end
    if not best then return end
    if budget == 0 then
      for k in pairs(heads) do call('SADD', P .. 'todo', k) end
      return
    end
    budget = budget - 1
    local r, more = heads[best], {best}
    if settle(r, more) then Records.on_grant(r.id) end
    for k in pairs(heads) do more[#more + 1] = k end   -- a grant may have closed another head: look again
    for _, k in ipairs(more) do look(k) end
  end
end

local function drop(k, member)                    -- a slot or a number whose object is gone
  if not range(limit_of(k) or '') then return give_slot(k, member) end
  return not Claims.live(call('HGET', OWN(k), member)) and Claims.give_number(k, member)   -- it may be another's by now
end

function Claims.leave(id, keep, drops, budget)     -- end a request, granted or waiting; keep[key]: stays with the object
  local r, keys = Claims.load_request(id), {}
  if r then
    for i, c in ipairs(r.c) do
      local opened
      if r.st == 'G' then opened = give_back(c, r, keep) else opened = r.m:byte(i) == 49 and unmark(c, r) end
      if opened then keys[#keys + 1] = c[2] end
    end
    if r.at > 0 then call('ZREM', PK(r.c[r.at][2]), id) end
    call('HDEL', J(id), 'st', 't', 'c', 'm', 'at')
  end
  for _, d in ipairs(drops) do if drop(d[1], d[2]) then keys[#keys + 1] = d[1] end end
  Claims.wake(keys, budget)
  for _, c in ipairs(r and r.c or {}) do Claims.forget_limit(c[2]) end
  for _, d in ipairs(drops) do Claims.forget_limit(d[1]) end
end

function Claims.give_up(id, keys, budget)          -- give back some claims of a request that was granted
  local r, freed, kept, opened = Claims.load_request(id), {}, {}, {}
  for _, key in ipairs(keys) do freed[key] = true end
  if not r or r.st ~= 'G' or #keys == 0 then return end
  for _, c in ipairs(r.c) do
    if not freed[c[2]] then kept[#kept + 1] = c
    elseif give_back(c, r, {}) then opened[#opened + 1] = c[2] end
  end
  call('HSET', J(id), 'c', #kept > 0 and cjson.encode(kept) or '[]', 'm', string.rep('0', #kept))
  Claims.wake(opened, budget)
  for _, key in ipairs(keys) do Claims.forget_limit(key) end
end

local function look_ahead(claims)                 -- learn all limits by one call; does nobody wait for any of them?
  local keys, queues = {}, {}
  for i, claim in ipairs(claims) do
    queues[i] = Q(claim[2])
    if claim[4] ~= '' and limits[claim[2]] == nil then keys[#keys + 1] = claim[2] end
  end
  for i, lim in ipairs(#keys > 0 and call('HMGET', P .. 'lim', unpack(keys)) or {}) do limits[keys[i]] = lim end
  return #queues == 0 or call('EXISTS', unpack(queues)) == 0
end

-- claims: {kind, key, member, limit, words}, in capitals if they refuse; fields: those of a new record. Answers refusal, or
-- nil and the request
function Claims.request(id, claims, fields)
  local c, free, calm = {}, {}, look_ahead(claims)
  for i, claim in ipairs(claims) do
    c[i] = {claim[1]:lower(), claim[2], claim[3]}
    Claims.set_limit(c[i], claim[4])
    if claim[1] ~= c[i][1] then
      local refused, is_open = Refusals.judge(c[i], LATEST, claim[4], calm)
      if refused then
        for _, one in ipairs(c) do Claims.forget_limit(one[2]) end
        return refused
      end
      free[i] = is_open                           -- and is so still when all are judged together
    end
  end
  local t = call('INCR', P .. 'seq')
  local r = {id = id, t = t, c = c, m = string.rep('0', #c), at = 0, free = free, calm = calm, fields = fields}
  put(r, 't', t, 'c', cjson.encode(c))
  settle(r, {})
  return nil, r
end
