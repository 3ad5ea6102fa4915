extension RedisLibrary {
  /// open_all: KEYS 1 what is open; ARGV 1 incarnation, 2 epoch. Never goes back, and never takes over in the same
  /// epoch what another incarnation has. register: KEYS 1 what is open, 2 the queues' names; ARGV 1 incarnation, 2 a
  /// queue; the epoch, or nothing where the queue was lost. open_queue: a queue's KEYS; ARGV 1 incarnation, 2 epoch.
  static let openingCode = #"""
    local function open_all(keys, args)
      local epoch = redis.call('HGET', keys[1], 'epoch')
      if epoch and tonumber(epoch) >= tonumber(args[2]) then return { 'OK' } end
      redis.call('HSET', keys[1], 'epoch', args[2], 'incarnation', args[1])
      return { 'OK' }
    end

    local function register(keys, args)
      local open = redis.call('HMGET', keys[1], 'epoch', 'incarnation')
      if open[2] ~= args[1] then return { 'OK' } end
      redis.call('SADD', keys[2], args[2])
      return { 'OK', open[1] }
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
    redis.register_function { function_name = 'LIBRARY_open_queue', callback = open_queue, flags = { 'allow-oom' } }
    """#
}
