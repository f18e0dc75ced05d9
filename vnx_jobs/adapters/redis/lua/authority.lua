-- Who may, and what was done. Secrets are not here: a token is found by the hash of its secret.
--   tokens   hash    SHA-256 of the secret -> the token (JSON)
--   revoked  hash    token's id -> when it was revoked (ms), and by whom
--   audit    stream  who, origin, what, outcome, array, jobs (with spaces between), count, at (ms)
--   dead     stream  what came by message and could not be understood: at (ms), why, task, message
local TOKENS, REVOKED, AUDIT, DEAD = P .. 'tokens', P .. 'revoked', P .. 'audit', P .. 'dead'

function Authority.tokenadd(digest, id, document)
  local before = call('HGET', TOKENS, digest)
  if before then return {before == document and 1 or 0} end
  for _, one in ipairs(call('HVALS', TOKENS)) do
    if cjson.decode(one).id == id then return {0} end
  end
  call('HSET', TOKENS, digest, document)
  return {1}
end

function Authority.tokenof(digest)
  local document = call('HGET', TOKENS, digest)
  if not document then return {Hands.now()} end
  return {Hands.now(), document, call('HGET', REVOKED, cjson.decode(document).id) or ''}
end

function Authority.tokenall()
  local found = {}
  for _, one in ipairs(call('HVALS', TOKENS)) do
    found[#found + 1] = {one, call('HGET', REVOKED, cjson.decode(one).id) or ''}
  end
  return {Hands.now(), found}
end

function Authority.tokenend(id, by)
  for _, one in ipairs(call('HVALS', TOKENS)) do
    if cjson.decode(one).id == id then
      call('HSETNX', REVOKED, id, string.format('%.0f', Hands.now()) .. ' ' .. by)
      return {1}
    end
  end
  return {0}
end

local function added(stream, most, fields)
  local at = string.format('%.0f', Hands.now())
  local id = call('XADD', stream, 'MAXLEN', '~', most, '*', 'at', at, unpack(fields))
  return {at, id}
end

function Authority.audited(most, fields) return added(AUDIT, most, fields) end

function Authority.auditof(before, count)          -- the newest lines older than one
  return {call('XREVRANGE', AUDIT, before == '' and '+' or '(' .. before, '-', 'COUNT', count)}
end

function Authority.deadput(most, fields) return added(DEAD, most, fields) end

function Authority.deadof(id, count)               -- the newest, or the one of an id
  return {call('XREVRANGE', DEAD, id == '' and '+' or id, id == '' and '-' or id, 'COUNT', count)}
end

function Authority.deaddrop(id)                    -- one, or all
  if id ~= '' then return {call('XDEL', DEAD, id)} end
  local count = call('XLEN', DEAD)
  call('DEL', DEAD)
  return {count}
end
