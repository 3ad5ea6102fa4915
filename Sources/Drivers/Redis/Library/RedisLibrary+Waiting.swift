extension RedisLibrary {
  /// push: ARGV 3 epoch, 4 the last moment, 5 the waking channel, then job, fence, delay, rank, length or nothing.
  /// Answers OK, EPOCH or LATE, the time, and for each 1 where it was taken in.
  static let waitingCode = #"""
    local function entries(keys, args)
      local jobs = column(args, 6, 5)
      local held = read('HMGET', keys[5], jobs)
      local scores = read('ZMSCORE', keys[2], jobs)
      local extras = any(scores) and read('HMGET', keys[3], jobs) or {}
      local known = {}
      for index, job in ipairs(jobs) do
        if held[index] then
          known[job] = { fence = holding(held[index]), leased = true }
        elseif scores[index] then
          known[job] = { fence = extra(extras[index]) }
        end
      end
      return known
    end

    local function push(keys, args)
      local meta, refusal = gate(keys, args)
      if refusal then return refusal end
      local now = clock(args[2])
      if meta[1] ~= args[3] then return { 'EPOCH', now } end
      if now > tonumber(args[4]) then return { 'LATE', now } end
      local known = entries(keys, args)
      local answer = { 'OK', now }
      local scores, extras, plain, freed = {}, {}, {}, {}
      for first = 6, #args, 5 do
        local job, fence, length = args[first], args[first + 1], args[first + 4]
        local before = known[job]
        if before and before.fence >= tonumber(fence) then
          answer[#answer + 1] = 0
        else
          if before and before.leased then freed[#freed + 1] = job end
          known[job] = { fence = tonumber(fence) }
          local time = math.min(now + tonumber(args[first + 2]), RANK - 1)
          scores[#scores + 1] = tonumber(args[first + 3]) * RANK + time
          scores[#scores + 1] = job
          if fence == '1' and length == '' then
            plain[#plain + 1] = job
          else
            extras[#extras + 1] = job
            extras[#extras + 1] = fence .. ':' .. length
          end
          answer[#answer + 1] = 1
        end
      end
      write('HDEL', keys[5], freed)
      write('ZREM', keys[4], freed)
      write('HDEL', keys[3], plain)
      write('HSET', keys[3], extras)
      write('ZADD', keys[2], scores)
      if #scores > 0 and tonumber(meta[3] or 0) >= now then redis.call('PUBLISH', args[5], '') end
      return answer
    end

    redis.register_function('LIBRARY_push', push)
    """#
}
