-- Claims: locks, limited sets, LUN numbers and permits; all or none, first come first served.
-- A request is a job ('<id>') or its later wish for a permit ('<id>/p'). Its part of the hash job:<request>:
--   st G granted | W waiting      t ticket, from 'seq', never repeated     c the claims, JSON, in rank order
--   m marks '0101..'              at the claim it is parked at, 0 for none
-- Per key k:  h:k holders, member -> ticket (exclusive: -ticket)   q:k marks, request -> +-ticket: binds later tickets
--             p:k parked, request -> ticket: re-tried when k opens  n:k free LUN numbers -> when last given back
--             own:k LUN number -> job                              lim hash: k -> limit      todo: keys left to wake
-- A claim is {kind, key, member}: c slot (rank 0), n numbers (0; member: roles), s x locks (1), t permit (2).
local P, call = KEYS[1], redis.call
local RANK = {c = 0, n = 0, s = 1, x = 1, t = 2}
local rings = {}                                  -- whom the caller is to ring: id, cursor, last, ...
local function H(k) return P .. 'h:' .. k end
local function Q(k) return P .. 'q:' .. k end
local function PK(k) return P .. 'p:' .. k end
local function FREE(k) return P .. 'n:' .. k end
local function OWN(k) return P .. 'own:' .. k end
local function J(id) return P .. 'job:' .. id end
local function limit(k) return tonumber(call('HGET', P .. 'lim', k) or 0) or 0 end
local on_grant                                    -- set by records.lua: what a grant does to the job

local function roles(c)
  local list = {}
  for role in c[3]:gmatch('[^,]+') do list[#list + 1] = role end
  return list
end

local function earlier(k, t)                      -- marks of older requests, of whatever kind
  return call('ZCOUNT', Q(k), '(' .. -t, '(' .. t)
end

local function open(c, t)                         -- could ticket t have claim c now? holders and earlier marks decide
  local kind, k = c[1], c[2]
  if kind == 'n' then return call('ZCARD', FREE(k)) >= #roles(c) + 2 * earlier(k, t) end
  if kind == 'x' then return call('ZCARD', H(k)) == 0 and earlier(k, t) == 0 end
  if call('ZCOUNT', H(k), '-inf', '(0') > 0 or call('ZCOUNT', Q(k), '(' .. -t, '(0') > 0 then return false end
  return kind == 's' or call('ZCARD', H(k)) + earlier(k, t) < limit(k)
end

local function set_limit(c, lim)
  if lim == '' then return end
  if c[1] ~= 'n' then call('HSETNX', P .. 'lim', c[2], lim) return end
  if call('HGET', P .. 'lim', c[2]) == lim then return end
  local first, last = lim:match('^(%d+)%-(%d+)$')
  call('DEL', FREE(c[2]))
  for number = first, last do
    if not call('ZSCORE', H(c[2]), number) then call('ZADD', FREE(c[2]), 0, number) end
  end
  call('HSET', P .. 'lim', c[2], lim)
end

local function load_request(id)
  local v = call('HMGET', J(id), 'st', 't', 'c', 'm', 'at')
  if not v[1] or v[1] == '' then return nil end
  return {id = id, st = v[1], t = tonumber(v[2]), c = cjson.decode(v[3]), m = v[4], at = tonumber(v[5])}
end

local function take_numbers(c, r)
  local nums = {}
  for _, role in ipairs(roles(c)) do
    local number = call('ZPOPMIN', FREE(c[2]))[1]
    nums[role] = tonumber(number)
    call('ZADD', H(c[2]), r.t, number)
    call('HSET', OWN(c[2]), number, r.id)
  end
  call('HSET', J(r.id), 'nums', cjson.encode(nums))
end

local function give_number(k, number)             -- to the end of the rotation
  if call('ZREM', H(k), number) == 0 then return false end
  call('HDEL', OWN(k), number)
  call('ZADD', FREE(k), call('INCR', P .. 'seq'), number)
  return true
end

local function hold(c, r)
  if c[1] == 'n' then take_numbers(c, r)
  else call('ZADD', H(c[2]), c[1] == 'x' and -r.t or r.t, c[3]) end
end

local function blocked_rank(r)                    -- the lowest rank that is not open whole, and what blocks there
  local rank, first, blocked = 9, 0, {}
  for i, c in ipairs(r.c) do
    if RANK[c[1]] > rank then break end
    if not open(c, r.t) then
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
    if want and not had then call('ZADD', Q(c[2]), c[1] == 'x' and -r.t or r.t, r.id)
    elseif had and not want then
      call('ZREM', Q(c[2]), r.id)
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
  call('HSET', J(r.id), 'st', r.st, 'm', r.m, 'at', first)
  return rank == 9
end

local function wake(keys, budget)                 -- re-try, smallest ticket first, who is parked at a key that opened
  local heads = {}
  local function look(k)
    local p = call('ZRANGE', PK(k), 0, 0)[1]
    local r = p and load_request(p)
    heads[k] = r and open(r.c[r.at], r.t) and r or nil
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
    if settle(r, more) then on_grant(r.id) end
    for k in pairs(heads) do more[#more + 1] = k end   -- a grant may have closed another head: look again
    for _, k in ipairs(more) do look(k) end
  end
end

local function drop(k, member)                    -- a slot or a number whose object is gone
  if call('EXISTS', OWN(k)) == 1 and give_number(k, member) then return true end
  call('ZADD', P .. 'gone', call('INCR', P .. 'seq'), k .. '\n' .. member)
  return call('ZREM', H(k), member) == 1
end

local function leave(id, keep, drops, budget)     -- end a request, granted or waiting; keep[key]: stays with the object
  local r, keys = load_request(id), {}
  if r then
    local nums = cjson.decode(call('HGET', J(id), 'nums') or '{}')
    for i, c in ipairs(r.c) do
      if r.st == 'G' and c[1] == 'n' then
        for role, number in pairs(nums) do
          if not (keep[c[2]] and role == 'volume') and give_number(c[2], number) then keys[#keys + 1] = c[2] end
        end
      elseif r.st == 'G' and not keep[c[2]] and call('ZREM', H(c[2]), c[3]) == 1
        or r.m:byte(i) == 49 and call('ZREM', Q(c[2]), id) == 1 then keys[#keys + 1] = c[2] end
    end
    if r.at > 0 then call('ZREM', PK(r.c[r.at][2]), id) end
    call('HDEL', J(id), 'st', 't', 'c', 'm', 'at')
  end
  for _, d in ipairs(drops) do if drop(d[1], d[2]) then keys[#keys + 1] = d[1] end end
  wake(keys, budget)
end

local function request(id, claims)                -- claims: {kind, key, member, limit}; capitals refuse instead of waiting
  local t, c = tonumber(call('GET', P .. 'seq') or 0) + 1, {}
  for i, claim in ipairs(claims) do
    c[i] = {claim[1]:lower(), claim[2], claim[3]}
    set_limit(c[i], claim[4])
    if claim[1] ~= c[i][1] and not open(c[i], t) then
      return {c[i][2], call('ZCARD', H(c[i][2])), limit(c[i][2]), call('ZCARD', Q(c[i][2])), call('ZRANGE', H(c[i][2]), 0, 9)}
    end
  end
  call('SET', P .. 'seq', t)
  call('HSET', J(id), 't', t, 'c', cjson.encode(c), 'm', string.rep('0', #c), 'at', 0)
  local r = {id = id, t = t, c = c, m = string.rep('0', #c), at = 0}
  return nil, settle(r, {})
end
