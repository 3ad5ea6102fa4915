extension RedisLibrary {
  /// open_all: KEYS 1 what is open; ARGV 1 incarnation, 2 epoch, 3 controls and 4 their version. Never goes back, and
  /// never takes over in the same epoch what another incarnation has. project_all: the same without the epoch: ARGV 2
  /// controls, 3 version.
  /// register: KEYS 1 what is open, 2 the queues' names; ARGV 1 incarnation, 2 a queue. OK, epoch, controls and version
  /// for the first who wants to open it, which is noted; OPENED for others, OK alone where all was lost.
  /// open_queue: a queue's KEYS; ARGV 1 incarnation, 2 epoch, 3 controls, 4 version. project: a queue's KEYS and ARGV
  /// as always, then 3 controls, 4 version.
  /// note_opened: KEYS 1 what is open; ARGV 1 incarnation, 2 epoch, and queues that were opened in it.
  ///
  /// In a cluster a queue may be lost without the note of it: what was noted is not opened again in the same epoch.
  /// Controls are JSON: `limits`, the text of each, and `paused`, a list of scopes.
  static let openingCode = #"""
    local function keep_controls(key, text, version)
      local known = tonumber(redis.call('HGET', key, 'version') or -1)
      if tonumber(version) < known then return false end
      redis.call('HSET', key, 'controls', text, 'version', version)
      return true
    end

    local function open_all(keys, args)
      local open = redis.call('HMGET', keys[1], 'epoch', 'incarnation')
      local epoch = open[1]
      if epoch and tonumber(epoch) >= tonumber(args[2]) then
        if epoch == args[2] and open[2] == args[1] then keep_controls(keys[1], args[3], args[4]) end
        return { 'OK' }
      end
      redis.call(
        'HSET', keys[1], 'epoch', args[2], 'incarnation', args[1], 'controls', args[3], 'version', args[4])
      return { 'OK' }
    end

    local function project_all(keys, args)
      if redis.call('HGET', keys[1], 'incarnation') ~= args[1] then return { 'OTHER' } end
      keep_controls(keys[1], args[2], args[3])
      return { 'OK' }
    end

    local function register(keys, args)
      local mark = 'opened:' .. args[2]
      local open = redis.call('HMGET', keys[1], 'epoch', 'incarnation', mark, 'controls', 'version')
      if open[2] ~= args[1] then return { 'OK' } end
      if open[3] == open[1] then return { 'OPENED' } end
      redis.call('SADD', keys[2], args[2])
      redis.call('HSET', keys[1], mark, open[1])
      return { 'OK', open[1], open[4] or '{}', open[5] or '0' }
    end

    local function note_opened(keys, args)
      local open = redis.call('HMGET', keys[1], 'epoch', 'incarnation')
      if open[1] ~= args[2] or open[2] ~= args[1] then return { 'OK' } end
      for index = 3, #args do redis.call('HSET', keys[1], 'opened:' .. args[index], args[2]) end
      return { 'OK' }
    end

    -- Lets every lane be looked at again.
    local function unhold_all(keys)
      local held = part(keys, 'held')
      for _, place in ipairs(redis.call('ZRANGE', held, 0, -1)) do
        make_ready(keys, place)
        for _, key in ipairs(decode(string.sub(place, 2)).keys) do redis.call('UNLINK', part(keys, 'wait:' .. key)) end
      end
      redis.call('UNLINK', held, part(keys, 'freed'))
    end

    local function take_controls(keys, text, version)
      if tonumber(version) < tonumber(redis.call('HGET', keys[1], 'version') or -1) then return false end
      local controls = cjson.decode(text)
      redis.call('HSET', keys[1], 'version', version)
      redis.call('UNLINK', part(keys, 'limits'), part(keys, 'paused'))
      for name, rule in pairs(controls.limits or {}) do redis.call('HSET', part(keys, 'limits'), name, rule) end
      for _, scope in ipairs(controls.paused or {}) do redis.call('SADD', part(keys, 'paused'), scope) end
      unhold_all(keys)
      return true
    end

    local function wipe(keys)
      local gone = {}
      for _, place in ipairs(redis.call('ZRANGE', part(keys, 'held'), 0, -1)) do
        gone[#gone + 1] = part(keys, 'lane:' .. place)
        for _, key in ipairs(decode(string.sub(place, 2)).keys) do gone[#gone + 1] = part(keys, 'wait:' .. key) end
      end
      for rank = 0, 2 do
        for _, fair in ipairs(redis.call('ZRANGE', part(keys, 'ring' .. rank), 0, -1)) do
          local lanes = part(keys, 'ready' .. rank .. ':' .. fair)
          for _, lane in ipairs(redis.call('ZRANGE', lanes, 0, -1)) do
            gone[#gone + 1] = part(keys, 'lane:' .. rank .. lane)
          end
          gone[#gone + 1] = lanes
        end
        gone[#gone + 1] = part(keys, 'ring' .. rank)
        gone[#gone + 1] = part(keys, 'pass' .. rank)
      end
      for _, text in ipairs(redis.call('HVALS', part(keys, 'slotted'))) do
        for _, key in ipairs(cjson.decode(text)) do gone[#gone + 1] = part(keys, 'slots:' .. key) end
      end
      for _, name in ipairs({ 'held', 'later', 'freed', 'slotted', 'full', 'limits', 'paused' }) do
        gone[#gone + 1] = part(keys, name)
      end
      for first = 1, #gone, PART do redis.call('UNLINK', unpack(gone, first, math.min(first + PART - 1, #gone))) end
      redis.call('UNLINK', unpack(keys))
    end

    local function open_queue(keys, args)
      local epoch = redis.call('HGET', keys[1], 'epoch')
      if epoch and tonumber(epoch) >= tonumber(args[2]) then
        if epoch == args[2] then take_controls(keys, args[3], args[4]) end
        return { 'OK' }
      end
      wipe(keys)
      redis.call('HSET', keys[1], 'epoch', args[2], 'incarnation', args[1])
      take_controls(keys, args[3], args[4])
      return { 'OK' }
    end

    local function project(keys, args)
      local meta, refusal = gate(keys, args)
      if refusal then return refusal end
      if take_controls(keys, args[3], args[4]) then wake(keys, meta[3], clock(args[2])) end
      return { 'OK' }
    end

    redis.register_function { function_name = 'LIBRARY_open_all', callback = open_all, flags = { 'allow-oom' } }
    redis.register_function { function_name = 'LIBRARY_register', callback = register, flags = { 'allow-oom' } }
    redis.register_function { function_name = 'LIBRARY_note_opened', callback = note_opened, flags = { 'allow-oom' } }
    redis.register_function { function_name = 'LIBRARY_open_queue', callback = open_queue, flags = { 'allow-oom' } }
    redis.register_function { function_name = 'LIBRARY_project_all', callback = project_all, flags = { 'allow-oom' } }
    redis.register_function { function_name = 'LIBRARY_project', callback = project, flags = { 'allow-oom' } }
    """#
}
