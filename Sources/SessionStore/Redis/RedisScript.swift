/// What the server does in one step (Lua, EVAL). Keys other than the first are made in the scripts: they are for a single
/// server with replicas, not for Redis Cluster.
enum RedisScript {
  /// What the scripts share: how a record is found, and what it says of itself.
  private static let common = """
    -- The tags in a text, from a place on: a byte with the length, then as many.
    local function cut(text, at, count, bytes)
      local tags, last = {}, math.min(at + bytes - 1, #text)
      while #tags < count and at <= last do
        local next = at + 1 + string.byte(text, at)
        if next - 1 > last then break end
        tags[#tags + 1] = string.sub(text, at + 1, next - 1)
        at = next
      end
      return tags
    end
    -- What is under an id; version 0 where there is nothing, or nothing of ours.
    local function look(prefix, id)
      local found = {key = prefix .. 's:' .. id, id = id, version = 0, deadline = 0, tags = {}}
      local header = redis.pcall('GETRANGE', found.key, 0, 63)
      if type(header) ~= 'string' or #header < 64 or string.sub(header, 1, 4) ~= '\(RedisValue.magic)'
        or string.sub(header, 5, 20) ~= string.sub(header, 21, 36) then return found end
      found.version, found.deadline = struct.unpack('<I8i8', header, 5)
      found.ttl = struct.unpack('<i8', header, 45)
      local kind, count, bytes = struct.unpack('<I2I2I2', header, 57)
      found.kind = kind
      if count > 0 then found.tags = cut(redis.call('GETRANGE', found.key, 64, 63 + bytes), 1, count, bytes) end
      return found
    end

    """

  /// A change. The first key is that of the store itself; arguments: what to do, the store's id, who does it, what keys
  /// begin with, the time of day; then those of the change.
  ///
  /// Answers with the version, 0 for a removal, -1 where it was not made. A server that is full, read-only or can't save
  /// refuses the first thing that is written, so then nothing was done.
  static let change = RedisScriptText(
    common + """
      local prefix, now = ARGV[4], tonumber(ARGV[5])
      if redis.call('HGET', KEYS[1], 'id') ~= ARGV[2] then
        return redis.error_reply('GONE the store was emptied, or another one is in its place')
      end
      -- Whether it is what a change rests on. An EXPIRE keeps the version, so the idle time counts as well, if it is given.
      local function is(found, version, ttl)
        return found.version == tonumber(version) and (ttl == '' or found.ttl == tonumber(ttl))
      end
      local function matches(found, expected, ttl)
        return expected == '' or is(found, expected, ttl) or (tonumber(expected) == 0 and found.deadline <= now)
      end
      -- The last of some new versions, all greater than one.
      local function versions(count, least)
        local last = redis.call('HINCRBY', KEYS[1], 'version', count)
        if last - count < least then
          last = least + count
          redis.call('HSET', KEYS[1], 'version', string.format('%.0f', last))
        end
        return last
      end
      -- For how many milliseconds the server keeps it: uses and clocks may be late.
      local function life(deadline, ttl)
        return string.format('%.0f', math.max(1, math.ceil((deadline - now + ttl / 8) / 1e6) + 60000))
      end
      -- A set of ids lives as long as the longest of them.
      local function lengthen(set, life)
        if redis.call('PTTL', set) < tonumber(life) then redis.call('PEXPIRE', set, life) end
      end
      -- Says who it was, so that he need not be told.
      local function announce(id) redis.call('PUBLISH', prefix .. 'changes', ARGV[3] .. id) end
      -- For each id that comes, three are looked at: so at most a third are of sessions that have expired.
      local function sweep(set, new)
        for _, id in ipairs(redis.call('SRANDMEMBER', set, 3)) do
          if id ~= new and redis.call('EXISTS', prefix .. 's:' .. id) == 0 then redis.call('SREM', set, id) end
        end
      end
      local function put(found, version, deadline, rest)
        local ttl = struct.unpack('<i8', rest, 9)
        local count, bytes = struct.unpack('<I2I2', rest, 23)
        local life, kept = life(struct.unpack('<i8', deadline), ttl), {}
        for _, tag in ipairs(cut(rest, 29, count, bytes)) do
          local set = prefix .. 't:' .. tag
          kept[tag] = true
          if redis.call('TYPE', set).ok ~= 'set' then redis.call('DEL', set) end
          local added = redis.call('SADD', set, found.id)
          lengthen(set, life)
          if added == 1 then sweep(set, found.id) end
        end
        local stamp = struct.pack('<I8', version) .. deadline
        redis.call('SET', found.key, '\(RedisValue.magic)' .. stamp .. stamp .. rest, 'PX', life)
        announce(found.id)
        for _, tag in ipairs(found.tags) do
          if not kept[tag] then redis.pcall('SREM', prefix .. 't:' .. tag, found.id) end
        end
      end

      if ARGV[1] == 'save' then
        local id, expected, ttl, own, deadline, rest = unpack(ARGV, 6)
        local found, version = look(prefix, id), tonumber(own)
        if not matches(found, expected, ttl) then return -1 end
        if version == 0 or version ~= found.version then version = versions(1, math.max(version, found.version)) end
        put(found, version, deadline, rest)
        return version
      elseif ARGV[1] == 'remove' then
        local found = look(prefix, ARGV[6])
        if not matches(found, ARGV[7], '') then return -1 end
        if redis.call('DEL', found.key) == 1 then announce(found.id) end
        for _, tag in ipairs(found.tags) do redis.pcall('SREM', prefix .. 't:' .. tag, found.id) end
        return 0
      elseif ARGV[1] == 'extend' then
        local found, deadline = look(prefix, ARGV[6]), ARGV[9]
        if found.version == 0 or not is(found, ARGV[7], ARGV[8]) then return -1 end
        local moment = struct.unpack('<i8', deadline)
        if moment > found.deadline then
          local life, stamp = life(moment, found.ttl), struct.pack('<I8', found.version) .. deadline
          redis.call('SETRANGE', found.key, 4, stamp .. stamp)
          announce(found.id)
          redis.call('PEXPIRE', found.key, life)
          for _, tag in ipairs(found.tags) do lengthen(prefix .. 't:' .. tag, life) end
        end
        return found.version
      elseif ARGV[1] == 'rename' then
        local from, to = look(prefix, ARGV[6]), look(prefix, ARGV[12])
        if from.version == 0 or not is(from, ARGV[7], ARGV[8]) then return -1 end
        if to.version ~= 0 and to.deadline > now then return -1 end
        local version = versions(2, math.max(from.version, to.version, tonumber(ARGV[9])))
        put(from, version - 1, ARGV[10], ARGV[11])
        put(to, version, ARGV[13], ARGV[14])
        return version
      end
      return redis.error_reply('ERR unknown change')
      """)

  /// Of some ids, those of sessions that live and have a tag; the others leave the tag's set. The first key is that set;
  /// arguments: the tag, what keys begin with, the time of day, the ids.
  static let tagged = RedisScriptText(
    common + """
      local tagged = {}
      for index = 4, #ARGV do
        local found, has = look(ARGV[2], ARGV[index]), false
        for _, tag in ipairs(found.tags) do has = has or tag == ARGV[1] end
        if not has then
          redis.call('SREM', KEYS[1], ARGV[index])
        elseif found.kind == 0 and found.deadline > tonumber(ARGV[3]) then
          tagged[#tagged + 1] = ARGV[index]
        end
      end
      return tagged
      """)

  /// Makes a store where there is none. The first key is its own; arguments: the id for a new one, and a version that was
  /// seen in it. Answers with its id, its last version and its format.
  static let begin = RedisScriptText(
    """
    if redis.call('EXISTS', KEYS[1]) == 0 then
      redis.call('HSET', KEYS[1], 'id', ARGV[1], 'version', ARGV[2], 'format', '1')
    end
    if tonumber(redis.call('HGET', KEYS[1], 'version') or 0) < tonumber(ARGV[2]) then
      redis.call('HSET', KEYS[1], 'version', ARGV[2])
    end
    return redis.call('HMGET', KEYS[1], 'id', 'version', 'format')
    """)

  /// Makes a value that is damaged one that is not ours, so that a new one can take its place. It stays to be looked at
  /// until its time is over. The first key is its own; argument: what it was when it was found damaged.
  static let spoil = RedisScriptText(
    """
    if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
    redis.call('SETRANGE', KEYS[1], 0, 'bad!')
    return 1
    """)
}
