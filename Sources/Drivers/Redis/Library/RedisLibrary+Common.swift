extension RedisLibrary {
  /// What every function begins with.
  ///
  /// KEYS of a queue: 1 meta (hash: epoch, incarnation, awaited, turns), 2 waiting (sorted: job by rank and due time),
  /// 3 extras (hash: fence, lease length and, before its time, lane of waiting jobs, where they are not 1, the host's
  /// and none), 4 leased (sorted: job by when its lease runs out), 5 holders (hash: fence, whether it was revoked, and
  /// holder of leased jobs). What lanes need beside them begins with the same name (`lanesCode`).
  /// ARGV of every function: 1 the incarnation that the asker knows, 2 a time to use instead of the server's (tests).
  /// The answer begins with a word: OK, NEW for a queue that was not opened, OTHER for another incarnation.
  static let commonCode = #"""
    -- Due times of one rank lie below those of the next; milliseconds stay under 2^43 until the year 2248.
    local RANK = 8796093022208
    -- As many values as one call may take from Lua's stack, with room to spare.
    local PART = 2000

    -- A key of the queue beside those that a call is given.
    local function part(keys, name) return string.sub(keys[1], 1, -5) .. name end

    local function exact(number) return string.format('%.0f', number) end

    local function clock(given)
      if given ~= '' then return tonumber(given) end
      local time = redis.call('TIME')
      return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
    end

    local function gate(keys, args)
      local meta = redis.call('HMGET', keys[1], 'epoch', 'incarnation', 'awaited')
      if not meta[1] then return nil, { 'NEW' } end
      if meta[2] ~= args[1] then return nil, { 'OTHER' } end
      return meta
    end

    local function read(command, key, list)
      local all = {}
      for first = 1, #list, PART do
        local part = redis.call(command, key, unpack(list, first, math.min(first + PART - 1, #list)))
        for index = 1, #part do all[#all + 1] = part[index] end
      end
      return all
    end

    local function write(command, key, list)
      for first = 1, #list, PART do
        redis.call(command, key, unpack(list, first, math.min(first + PART - 1, #list)))
      end
    end

    local function column(args, first, step)
      local all = {}
      for index = first, #args, step do all[#all + 1] = args[index] end
      return all
    end

    local function any(list)
      for index = 1, #list do
        if list[index] then return true end
      end
      return false
    end

    -- fence, revoked, holder
    local function holding(text)
      local fence, revoked, holder = string.match(text, '^(%d+):(%d):(.*)$')
      return tonumber(fence), revoked == '1', holder
    end

    -- fence, length or nil, rank and lane or nothing
    local function extra(text)
      if not text then return 1 end
      local fence, length, lane = string.match(text, '^(%d+):(%d*):(.*)$')
      return tonumber(fence), tonumber(length), lane
    end

    -- Tells hosts that wait.
    local function wake(keys, awaited, now)
      if tonumber(awaited or 0) >= now then redis.call('PUBLISH', part(keys, 'wake'), '') end
    end
    """#
}
