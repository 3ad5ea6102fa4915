extension RedisLibrary {
  /// open_all: KEYS 1 what is open; ARGV 1 incarnation, 2 epoch. Never goes back, and never takes over in the same
  /// epoch what another incarnation has.
  /// register: KEYS 1 what is open, 2 the queues' names; ARGV 1 incarnation, 2 a queue. OK and the epoch for the first
  /// who wants to open it, which is noted; OPENED for others, OK alone where all was lost.
  /// open_queue: a queue's KEYS; ARGV 1 incarnation, 2 epoch.
  /// note_opened: KEYS 1 what is open; ARGV 1 incarnation, 2 epoch, and queues that were opened in it.
  ///
  /// In a cluster a queue may be lost without the note of it: what was noted is not opened again in the same epoch.
  static let openingCode = #"""
    local function open_all(keys, args)
      local epoch = redis.call('HGET', keys[1], 'epoch')
      if epoch and tonumber(epoch) >= tonumber(args[2]) then return { 'OK' } end
      redis.call('HSET', keys[1], 'epoch', args[2], 'incarnation', args[1])
      return { 'OK' }
    end

    local function register(keys, args)
      local mark = 'opened:' .. args[2]
      local open = redis.call('HMGET', keys[1], 'epoch', 'incarnation', mark)
      if open[2] ~= args[1] then return { 'OK' } end
      if open[3] == open[1] then return { 'OPENED' } end
      redis.call('SADD', keys[2], args[2])
      redis.call('HSET', keys[1], mark, open[1])
      return { 'OK', open[1] }
    end

    local function note_opened(keys, args)
      local open = redis.call('HMGET', keys[1], 'epoch', 'incarnation')
      if open[1] ~= args[2] or open[2] ~= args[1] then return { 'OK' } end
      for index = 3, #args do redis.call('HSET', keys[1], 'opened:' .. args[index], args[2]) end
      return { 'OK' }
    end

    local function open_queue(keys, args)
      local epoch = redis.call('HGET', keys[1], 'epoch')
      if epoch and tonumber(epoch) >= tonumber(args[2]) then return { 'OK' } end
      redis.call('UNLINK', unpack(keys))
      redis.call('HSET', keys[1], 'epoch', args[2], 'incarnation', args[1])
      return { 'OK' }
    end

    redis.register_function { function_name = 'LIBRARY_open_all', callback = open_all, flags = { 'allow-oom' } }
    redis.register_function { function_name = 'LIBRARY_register', callback = register, flags = { 'allow-oom' } }
    redis.register_function { function_name = 'LIBRARY_note_opened', callback = note_opened, flags = { 'allow-oom' } }
    redis.register_function { function_name = 'LIBRARY_open_queue', callback = open_queue, flags = { 'allow-oom' } }
    """#
}
