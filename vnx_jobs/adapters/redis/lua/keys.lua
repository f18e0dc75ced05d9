-- What all rooms share: the keys, and whom the caller is to ring. A run of the script makes all its functions anew, which
-- would cost more than what they do: so each room is a function that is entered when something of it is asked for first.
local P, call = KEYS[1], redis.call
local rings = {}                                  -- id, cursor, last, ...
local PATIENCE = 2000                             -- ms until a ring counts as lost
local WAKE_BUDGET = 200
local ENDED = {SUCCEEDED = true, FAILED = true, CANCELLED = true, ABANDONED = true}
local function J(id) return P .. 'job:' .. id end
local function H(k) return P .. 'h:' .. k end
local function Q(k) return P .. 'q:' .. k end
local function PK(k) return P .. 'p:' .. k end
local function FREE(k) return P .. 'n:' .. k end
local function OWN(k) return P .. 'own:' .. k end
local function CHAINS(array) return P .. 'chains:' .. array end
local function READY(array, batch) return P .. 'ready:' .. array .. (batch and ':' .. batch or '') end
local function BEHIND(array, batch) return P .. 'behind:' .. array .. ':' .. batch end

local function entered_by(enter)                  -- a room: a table whose functions are made when the first is asked for
  return setmetatable({}, {__index = function(room, name)
    setmetatable(room, nil)
    enter()
    return room[name]
  end})
end
local Claims, Refusals, Hands, Chains, Records, Turns, Orders, Sweep, Report, Roles, Inventory, Others, Catalogue, Transfers
local Schedules, Hooks, Authority, Gates
