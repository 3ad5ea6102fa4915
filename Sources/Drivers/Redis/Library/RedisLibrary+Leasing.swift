extension RedisLibrary {
  /// lease: ARGV 3 limit, 4 length, 5 what holders begin with, 6 the queue, 7 how long the asker is going to wait.
  /// Answers OK, the epoch, the time until something else may be granted or -1, the jobs, and place, fence, length of
  /// those whose fence is not the first or whose length is not the asker's. The holder of the first is `TOKEN.1@QUEUE`,
  /// so that whoever knows a holder knows its queue.
  static let leasingCode = #"""
    local function await(keys, args, now)
      local wait = tonumber(args[7])
      if wait > 0 then redis.call('HSET', keys[1], 'awaited', string.format('%.0f', now + wait)) end
      local next = next_time(keys)
      return next and math.max(next - now, 0) or -1
    end

    local function lease(keys, args)
      local meta, refusal = gate(keys, args)
      if refusal then return refusal end
      local now = clock(args[2])
      local scopes = paused(keys)
      local jobs, is_cut = {}, false
      if not scopes['queue:' .. args[6]] then jobs, is_cut = draw_jobs(keys, now, tonumber(args[3]), scopes) end
      if #jobs == 0 then return { 'OK', meta[1], is_cut and 0 or await(keys, args, now), {}, {} } end
      local extras = redis.call('HLEN', keys[3]) > 0 and read('HMGET', keys[3], jobs) or {}
      local ends, holders, special, others = {}, {}, {}, {}
      local plain, owner, queue = now + tonumber(args[4]), ':0:' .. args[5] .. '.', '@' .. args[6]
      for index, job in ipairs(jobs) do
        local fence, over = '1', plain
        if extras[index] then
          local number, length = extra(extras[index])
          length = length or tonumber(args[4])
          fence, over = string.format('%.0f', number), now + length
          special[#special + 1] = job
          others[#others + 1] = index
          others[#others + 1] = number
          others[#others + 1] = length
        end
        ends[index * 2 - 1] = over
        ends[index * 2] = job
        holders[index * 2 - 1] = job
        holders[index * 2] = fence .. owner .. index .. queue
      end
      write('ZREM', keys[2], jobs)
      write('HDEL', keys[3], special)
      write('ZADD', keys[4], ends)
      write('HSET', keys[5], holders)
      return { 'OK', meta[1], -1, jobs, others }
    end

    redis.register_function { function_name = 'LIBRARY_lease', callback = lease, flags = { 'allow-oom' } }
    """#
}
