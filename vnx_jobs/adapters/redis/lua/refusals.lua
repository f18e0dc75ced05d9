-- Refusals: claims that refuse a request instead of letting it wait, and what even they wait for.

local function is_lent(k, member)                 -- to a job under way, for itself alone: its end gives the slot back
  local job = member:match('^vj%w+%-(%w+)%-%l+%d*$')
  return Claims.live(job) and not (call('HGET', J(job), 'keep') or ''):find(k, 1, true)
end

-- Even a claim that refuses waits for what comes free by itself: a slot of a set that somebody holds alone; a set alone
-- that somebody else holds alone, or whose members are only lent.
local function comes_free(c, t, bound)
  local kind, k = c[1], c[2]
  local queued = call('ZCOUNT', Q(k), 0, '(' .. t)
  if kind == 'c' then return call('ZCOUNT', H(k), 0, '+inf') + queued < bound end
  if kind ~= 'x' or queued > 0 then return false end
  for _, member in ipairs(call('ZRANGEBYSCORE', H(k), 0, '+inf')) do
    if not is_lent(k, member) then return false end
  end
  return true
end

-- What stands in the way of a claim that refuses instead of waiting, if it does not come free; else nil, and whether it is
-- open. Such a claim keeps to a limit of its own if that is smaller than the set's: so plain snapshots leave some places
-- to copies.
function Refusals.judge(c, t, own, calm)
  local lim = Claims.limit(c[2])
  local bound = c[1] == 'c' and math.min(lim, tonumber(own) or lim) or lim
  if Claims.open(c, t, bound, calm) then return nil, true end
  if comes_free(c, t, bound) then return nil, false end
  local holders = call('ZRANGEBYSCORE', H(c[2]), 0, '+inf', 'LIMIT', 0, 10)
  local used = call('ZCOUNT', H(c[2]), 0, '+inf')  -- whoever holds it alone ends by himself, and is not in the way
  return {c[2], used, bound, call('ZCARD', Q(c[2])), holders, Refusals.waiters(c[2])}
end

function Refusals.waiters(k)                       -- some of those that wait for a slot or a share of k
  return call('ZRANGEBYSCORE', Q(k), 0, '+inf', 'LIMIT', 0, 10)
end

function Refusals.lent(k)                          -- how many of a set's members are only lent
  local lent = 0
  for _, member in ipairs(call('ZRANGEBYSCORE', H(k), 0, '+inf')) do if is_lent(k, member) then lent = lent + 1 end end
  return lent
end
