-- One door: ARGV[1] names the operation, ARGV[2] holds its arguments as a JSON list, ARGV[3] is the server that the caller's
-- connection reached, ARGV[4] the worker that it is of. Answers {result, {whom to ring..}, how many changes there are}.
local HOME = {
  submit = Records, admit = Records, blockers = Records, holdings = Records, take = Turns, permit = Turns, commit = Turns, order = Orders,
  resume = Sweep, progress = Sweep, due = Sweep, hold = Sweep, unhold = Sweep, back = Sweep, standing = Sweep,
  report = Report, leave = Report, vouch = Report, thaw = Report, lease = Roles, release = Roles, slot = Roles, unslot = Roles,
  ticket = Inventory, listed = Inventory, repair = Inventory, numbers = Inventory, attached = Inventory, hlus = Inventory,
  settle = Others, unmark = Others,
  entered = Catalogue, marked = Catalogue, pinned = Catalogue, forgotten = Catalogue, newest = Catalogue,
  ask = Transfers, stands = Transfers, stop = Transfers, drop = Transfers, queue = Transfers, running = Transfers, engage = Transfers,
  identify = Transfers, beat = Transfers, over = Transfers, giveback = Transfers,
  arrange = Schedules, unarrange = Schedules, suspend = Schedules, proceed = Schedules, wanted = Schedules, standings = Schedules,
  decided = Schedules, fired = Schedules,
  hookadd = Hooks, hookdrop = Hooks, hooksof = Hooks, hookpending = Hooks, hookagain = Hooks, hookcalls = Hooks, hooktake = Hooks,
  hookdone = Hooks, hookmissed = Hooks, hookexpect = Hooks, hookbegin = Hooks, hookgather = Hooks, hookseal = Hooks,
  tokenadd = Authority, tokenof = Authority, tokenall = Authority, tokenend = Authority, audited = Authority, auditof = Authority,
  gateshut = Gates, gateopen = Gates, gateback = Gates,
  deadput = Authority, deadof = Authority, deaddrop = Authority,
}
local WRITES_NOTHING = {blockers = true, holdings = true, standing = true, newest = true, hooksof = true,
  hookpending = true, hookcalls = true, tokenof = true, tokenall = true, auditof = true, deadof = true}
local TAKES_ROOM = {submit = true, admit = true}
local changes
if not WRITES_NOTHING[ARGV[1]] then
  -- under maxmemory with noeviction a script runs whole if its first write frees: jobs under way can always end
  -- (which is why a key is deleted that never exists)
  if not TAKES_ROOM[ARGV[1]] then call('DEL', P .. 'room') end
  Hands.met(ARGV[3])
  changes = call('INCR', P .. 'commits')
end
local args = cjson.decode(ARGV[2])
local result = HOME[ARGV[1]][ARGV[1]](unpack(args))
return {result, rings, changes or tonumber(call('GET', P .. 'commits') or 0)}
