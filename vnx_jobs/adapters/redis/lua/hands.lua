-- Changing hands: another server answers at our address, after a restart, a failover or a restore. Has it lost changes?
-- Nothing is accepted and no turn is given until every worker that lives has told the last change that it saw. If one saw
-- more than this server knows, or can tell no more, or names a run that this server never heard of, the lost changes may
-- have had effects: a new epoch begins. Each array is then left alone until no command of before could still land, and
-- until a list begun after that has repaired its claims; and jobs of an older epoch look before they do, at each of their
-- steps: more than one may be lost.
--   server   hash  id: the run of the server that is trusted    asked: of one that is not yet
--                  epoch: how often changes were lost
--   past     zset  runs of servers that were trusted before -> how many changes of each are known
--   commits  string  how many changes were made    now  string  the latest time that was told: it never goes back
--   workers  zset  worker -> until when it counts as living, as its heartbeat tells
--   asking   set   workers that have not told yet
--   frozen   hash  array -> not before: when its lists may be judged again
local SERVER = P .. 'server'
local server = {}                                 -- its fields, read once a run
for i, value in ipairs(call('HMGET', SERVER, 'id', 'asked', 'epoch')) do
  server[({'id', 'asked', 'epoch'})[i]] = value
end
local cold = {}                                   -- arrays, and whether they are frozen, as far as this run has asked
local present                                     -- the time is told once a run
local TELL = 15000                                -- ms in which a worker that lives has told
local PAST = 20                                   -- servers that are remembered
local LOST = 2 ^ 53

function Hands.now()                              -- the state server's clock, never going back
  if present then return present end
  local time = call('TIME')
  local ms = time[1] * 1000 + math.floor(time[2] / 1000)
  local last = tonumber(call('GET', P .. 'now') or 0)
  if ms > last then call('SET', P .. 'now', ms) end
  present = math.max(ms, last)
  return present
end

function Hands.frozen(array)                      -- why nothing of an array moves now; nil if it does
  if server.asked then return 'the state server came up anew: its workers are asked what they saw' end
  if cold[array] == nil then cold[array] = call('HEXISTS', P .. 'frozen', array) == 1 end
  if cold[array] then
    return 'the state server lost its last changes: ' .. array .. ' is read anew before anything goes on'
  end
end

function Hands.older(epoch) return tonumber(epoch or 0) < tonumber(server.epoch or 0) end

function Hands.epoch() return server.epoch or nil end   -- of what is accepted now; nil if nothing was lost yet

function Hands.trust(id)
  server.id, server.asked = id, nil
  call('HSET', SERVER, 'id', id)
  call('HDEL', SERVER, 'asked')
  call('DEL', P .. 'asking')
end

local function remember(id)                       -- a server that was here before, and how many changes of it are known
  if not id then return end
  call('ZADD', P .. 'past', 'NX', call('GET', P .. 'commits') or 0, id)
  call('ZREMRANGEBYRANK', P .. 'past', 0, -1 - PAST)
end

function Hands.met(id)                            -- whom the caller's connection reached
  if id == '' or id == server.id or id == server.asked then return end
  call('ZREMRANGEBYSCORE', P .. 'workers', '-inf', call('GET', P .. 'now') or 0)   -- by the clock of before
  local workers, at = call('ZRANGE', P .. 'workers', 0, -1), Hands.now()
  remember(server.id)
  remember(server.asked)
  if not server.id or #workers == 0 then return Hands.trust(id) end
  server.asked = id
  call('HSET', SERVER, 'asked', id)
  call('DEL', P .. 'asking')
  for _, worker in ipairs(workers) do
    call('SADD', P .. 'asking', worker)
    call('ZADD', P .. 'workers', at + TELL, worker)
  end
end

function Hands.lives(worker, at)                  -- whoever takes turns is asked, whatever its heartbeat does
  if worker ~= '' then call('ZADD', P .. 'workers', at + TELL, worker) end
end

function Hands.begin_epoch(landings, seen, at)    -- every array is left alone, also those that this worker does not know
  local longest = 0
  server.epoch = call('HINCRBY', SERVER, 'epoch', 1)
  for _, one in ipairs(landings) do longest = math.max(longest, one[2]) end
  for _, array in ipairs(call('HKEYS', P .. 'bounds')) do call('HSET', P .. 'frozen', array, at + longest) end
  for _, one in ipairs(landings) do call('HSET', P .. 'frozen', one[1], at + longest) end
  for id in pairs(seen) do call('ZADD', P .. 'past', LOST, id) end   -- what was seen of it is dealt with by this
  if server.asked then Hands.trust(server.asked) end
end

Hands.server = server
