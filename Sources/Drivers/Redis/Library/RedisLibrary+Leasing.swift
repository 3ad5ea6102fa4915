extension RedisLibrary {
  /// lease: ARGV 3 limit, 4 length, 5 what holders begin with, 6 the queue, 7 how long the asker is going to wait.
  /// Answers OK, the epoch, the time until the next entry is due or -1, the jobs, and place, fence, length of those
  /// whose fence is not the first or whose length is not the asker's. The holder of the first is `TOKEN.1@QUEUE`, so
  /// that whoever knows a holder knows its queue.
  static let leasingCode = #"""
    local function due(key, now, limit)
      local jobs = {}
      for rank = 0, 2 do
        local left = limit - #jobs
        if left <= 0 then break end
        local part = redis.call('ZRANGE', key, rank * RANK, rank * RANK + now, 'BYSCORE', 'LIMIT', 0, left)
        for index = 1, #part do jobs[#jobs + 1] = part[index] end
      end
      return jobs
    end

    -- The earliest due time after `low`, of any rank; nil where none waits.
    local function earliest(key, low)
      local best
      for rank = 0, 2 do
        local base = rank * RANK
        local first = redis.call(
          'ZRANGE', key, base + low, base + RANK - 1, 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
        if first[2] then best = math.min(best or RANK, tonumber(first[2]) - base) end
      end
      return best
    end

    local function await(keys, args, now)
      local wait = tonumber(args[7])
      if wait > 0 then redis.call('HSET', keys[1], 'awaited', string.format('%.0f', now + wait)) end
      local next = earliest(keys[2], now)
      return next and math.max(next - now, 0) or -1
    end

    local function lease(keys, args)
      local meta, refusal = gate(keys, args)
      if refusal then return refusal end
      local now = clock(args[2])
      local jobs = due(keys[2], now, tonumber(args[3]))
      if #jobs == 0 then return { 'OK', meta[1], await(keys, args, now), {}, {} } end
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
