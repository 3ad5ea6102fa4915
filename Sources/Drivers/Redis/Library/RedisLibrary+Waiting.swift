extension RedisLibrary {
  /// push: ARGV 3 epoch, 4 the last moment, 5 the waking channel; 6 to 8 how many plain entries follow of each rank,
  /// jobs of the first fence that wait for nothing; those jobs; then job, fence, delay, rank, length or nothing of the
  /// others. Answers OK, EPOCH or LATE, the time, and the places, from 1 on, of those that were not taken in.
  static let waitingCode = #"""
    -- What the queue has of jobs: nil, or a table with the fence and whether it is leased.
    local function entries(keys, jobs)
      local held = read('HMGET', keys[5], jobs)
      local scores = read('ZMSCORE', keys[2], jobs)
      if not any(held) and not any(scores) then return {} end
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

    -- The entries of a call, column by column: jobs, fences, scores, lengths.
    local function pushed(args, now)
      local jobs, fences, scores, lengths = {}, {}, {}, {}
      local first = 9
      for rank = 0, 2 do
        local score = rank * RANK + now
        for place = first, first + tonumber(args[6 + rank]) - 1 do
          local index = #jobs + 1
          jobs[index], fences[index], scores[index], lengths[index] = args[place], 1, score, ''
        end
        first = first + tonumber(args[6 + rank])
      end
      for place = first, #args, 5 do
        local index = #jobs + 1
        jobs[index], fences[index], lengths[index] = args[place], tonumber(args[place + 1]), args[place + 4]
        local time = math.min(now + tonumber(args[place + 2]), RANK - 1)
        scores[index] = tonumber(args[place + 3]) * RANK + time
      end
      return jobs, fences, scores, lengths
    end

    local function push(keys, args)
      local meta, refusal = gate(keys, args)
      if refusal then return refusal end
      local now = clock(args[2])
      if meta[1] ~= args[3] then return { 'EPOCH', now } end
      if now > tonumber(args[4]) then return { 'LATE', now } end
      local jobs, fences, scores, lengths = pushed(args, now)
      local known, answer = entries(keys, jobs), { 'OK', now }
      local added, extras, plain, freed = {}, {}, {}, {}
      for index, job in ipairs(jobs) do
        local before, fence = known[job], fences[index]
        if before and before.fence >= fence then
          answer[#answer + 1] = index
        else
          if before and before.leased then freed[#freed + 1] = job end
          known[job] = { fence = fence }
          added[#added + 1] = scores[index]
          added[#added + 1] = job
          if fence == 1 and lengths[index] == '' then
            plain[#plain + 1] = job
          else
            extras[#extras + 1] = job
            extras[#extras + 1] = string.format('%.0f:%s', fence, lengths[index])
          end
        end
      end
      write('HDEL', keys[5], freed)
      write('ZREM', keys[4], freed)
      if redis.call('HLEN', keys[3]) > 0 then write('HDEL', keys[3], plain) end
      write('HSET', keys[3], extras)
      write('ZADD', keys[2], added)
      if #added > 0 and tonumber(meta[3] or 0) >= now then redis.call('PUBLISH', args[5], '') end
      return answer
    end

    redis.register_function('LIBRARY_push', push)
    """#
}
