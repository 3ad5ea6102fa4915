extension RedisLibrary {
  /// The verbs of an event stream. KEYS of each but the last: 1 the stream, 2 its dead letters; of the last the dead
  /// letters alone.
  ///
  /// take: group, consumer, most entries, most bytes of all, most bytes of one, and after how many milliseconds the
  /// entries of others are claimed, or nothing; entries in the stream, dead letters, then id, size, fields of each.
  /// settle: group, consumer, most dead letters, then id, code, reason of each, no code where it was recorded; how many
  /// were buried, how many were held for want of room.
  /// leave: group, consumer.
  /// replay: of each id, 1 or 0, and the event that takes the place of its fields where that is 1; a word of each.
  /// dead: the id after which to begin, or nothing, and how many; the last id of all, then id, entry, code, reason,
  /// size of each.
  ///
  /// A dead letter begins with the fields code, reason and entry; what follows is the entry as it was. One with more
  /// words than a call may have is packed into a single field.
  static let streamCode = #"""
    local HEAD = 6
    local MANY = 4000
    local FORGOTTEN = 3600000

    local function size_of(fields)
      local size = 0
      for index = 1, #fields do size = size + #fields[index] end
      return size
    end

    local function ensure_group(key, group)
      local groups = redis.pcall('XINFO', 'GROUPS', key)
      for index = 1, #groups do
        if groups[index][2] == group then return end
      end
      redis.call('XGROUP', 'CREATE', key, group, '0', 'MKSTREAM')
    end

    -- Consumers that are gone for long and have nothing: with what they had taken, that would go, too.
    local function tidy(key, group, own, idle_limit)
      local consumers = redis.pcall('XINFO', 'CONSUMERS', key, group)
      if consumers.err then return end
      for index = 1, #consumers do
        local facts = {}
        for place = 1, #consumers[index], 2 do facts[consumers[index][place]] = consumers[index][place + 1] end
        local is_over = facts.name == own and not idle_limit or idle_limit and facts.idle > idle_limit
        if facts.pending == 0 and is_over then redis.call('XGROUP', 'DELCONSUMER', key, group, facts.name) end
      end
    end

    local function take(keys, args)
      local group, consumer = args[1], args[2]
      local limit, room, most = tonumber(args[3]), tonumber(args[4]), tonumber(args[5])
      ensure_group(keys[1], group)
      local answer, count = { 'OK', redis.call('XLEN', keys[1]), redis.call('XLEN', keys[2]) }, 0
      local function add(entries)
        for index = 1, #entries do
          local size = size_of(entries[index][2])
          local is_large = size > most
          answer[#answer + 1] = entries[index][1]
          answer[#answer + 1] = size
          answer[#answer + 1] = is_large and {} or entries[index][2]
          count = count + 1
          if not is_large then room = room - size end
        end
      end
      if args[6] ~= '' then
        local cursor = '0-0'
        repeat
          local page = redis.call('XAUTOCLAIM', keys[1], group, consumer, args[6], cursor, 'COUNT', 1)
          cursor = page[1]
          add(page[2])
        until cursor == '0-0' or count >= limit or room <= 0
        tidy(keys[1], group, consumer, FORGOTTEN)
      end
      while count < limit and room > 0 do
        local found = redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', 1, 'STREAMS', keys[1], '>')
        if not found then break end
        add(found[1][2])
      end
      return answer
    end

    local function bury(key, id, code, reason, fields)
      if #fields > MANY then
        redis.call(
          'XADD', key, '*', 'code', 'too_many_fields', 'reason', reason, 'entry', id, 'packed', cmsgpack.pack(fields))
      else
        redis.call('XADD', key, '*', 'code', code, 'reason', reason, 'entry', id, unpack(fields))
      end
    end

    local function settle(keys, args)
      local group, consumer = args[1], args[2]
      local room, buried, held = tonumber(args[3]) - redis.call('XLEN', keys[2]), 0, 0
      for first = 4, #args, 3 do
        local id, code = args[first], args[first + 1]
        local mine = redis.pcall('XPENDING', keys[1], group, id, id, 1, consumer)
        if not mine.err and #mine > 0 then
          local entry = code ~= '' and redis.call('XRANGE', keys[1], id, id)[1]
          if entry and buried >= room then
            held = held + 1
          else
            if entry then
              bury(keys[2], id, code, args[first + 2], entry[2])
              buried = buried + 1
            end
            redis.call('XACK', keys[1], group, id)
            redis.call('XDEL', keys[1], id)
          end
        end
      end
      return { 'OK', buried, held }
    end

    local function leave(keys, args)
      tidy(keys[1], args[1], args[2])
      return { 'OK' }
    end

    local function replay_one(keys, id, event)
      local found = redis.call('XRANGE', keys[2], id, id)[1]
      if not found then return 'missing' end
      local fields = found[2]
      if event then
        redis.call('XADD', keys[1], '*', 'event', event)
      elseif fields[2] == 'too_many_fields' then
        return 'too_many_fields'
      else
        redis.call('XADD', keys[1], '*', unpack(fields, HEAD + 1))
      end
      redis.call('XDEL', keys[2], id)
      return 'replayed'
    end

    local function replay(keys, args)
      local answer = { 'OK' }
      for first = 1, #args, 3 do
        answer[#answer + 1] = replay_one(keys, args[first], args[first + 1] == '1' and args[first + 2])
      end
      return answer
    end

    local function dead(keys, args)
      local last = redis.call('XREVRANGE', keys[1], '+', '-', 'COUNT', 1)[1]
      local answer, count = { 'OK', last and last[1] or '' }, 0
      local start = args[1] == '' and '-' or '(' .. args[1]
      while count < tonumber(args[2]) do
        local found = redis.call('XRANGE', keys[1], start, '+', 'COUNT', 1)[1]
        if not found then break end
        local fields = found[2]
        local size = size_of(fields) - size_of({ unpack(fields, 1, HEAD) })
        local words = { found[1], fields[6], fields[2], fields[4], size }
        for index = 1, #words do answer[#answer + 1] = words[index] end
        start, count = '(' .. found[1], count + 1
      end
      return answer
    end

    redis.register_function { function_name = 'LIBRARY_take', callback = take, flags = { 'allow-oom' } }
    redis.register_function { function_name = 'LIBRARY_settle', callback = settle, flags = { 'allow-oom' } }
    redis.register_function { function_name = 'LIBRARY_leave', callback = leave, flags = { 'allow-oom' } }
    redis.register_function { function_name = 'LIBRARY_replay', callback = replay, flags = { 'allow-oom' } }
    redis.register_function { function_name = 'LIBRARY_dead', callback = dead, flags = { 'no-writes' } }
    """#
}
