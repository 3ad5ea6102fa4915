extension RedisLibrary {
  /// push: ARGV 3 epoch, 4 the last moment, 5 how many groups of plain entries follow, jobs of the first fence that
  /// wait for nothing; of each group rank, lane, how many, and those jobs; then job, fence, delay, rank, length or
  /// nothing, lane of the others. Answers OK, EPOCH or LATE, the time, and the places, from 1 on, of those that were
  /// not taken in.
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

    -- The entries of a call, column by column: jobs, fences, due times, lengths, places of their lanes.
    local function pushed(args, now)
      local jobs, fences, times, lengths, places = {}, {}, {}, {}, {}
      local first = 6
      for _ = 1, tonumber(args[5]) do
        local place, count = args[first] .. args[first + 1], tonumber(args[first + 2])
        for index = first + 3, first + 2 + count do
          local entry = #jobs + 1
          jobs[entry], fences[entry], times[entry], lengths[entry], places[entry] = args[index], 1, now, '', place
        end
        first = first + 3 + count
      end
      for index = first, #args, 6 do
        local entry = #jobs + 1
        jobs[entry], fences[entry], lengths[entry] = args[index], tonumber(args[index + 1]), args[index + 4]
        times[entry] = math.min(now + tonumber(args[index + 2]), RANK - 1)
        places[entry] = args[index + 3] .. args[index + 5]
      end
      return jobs, fences, times, lengths, places
    end

    local function push(keys, args)
      local meta, refusal = gate(keys, args)
      if refusal then return refusal end
      local now = clock(args[2])
      if meta[1] ~= args[3] then return { 'EPOCH', now } end
      if now > tonumber(args[4]) then return { 'LATE', now } end
      local jobs, fences, times, lengths, places = pushed(args, now)
      local known, answer = entries(keys, jobs), { 'OK', now }
      local added, extras, plain, freed, waited = {}, {}, {}, {}, {}
      local due, lanes, later = {}, {}, {}
      promote(keys, now)
      for index, job in ipairs(jobs) do
        local before, fence = known[job], fences[index]
        if before and before.fence >= fence then
          answer[#answer + 1] = index
        else
          if before and before.leased then freed[#freed + 1] = job end
          if before and not before.leased then waited[#waited + 1] = job end
          known[job] = { fence = fence }
          added[#added + 1] = tonumber(string.sub(places[index], 1, 1)) * RANK + times[index]
          added[#added + 1] = job
          local is_due = times[index] <= now
          if is_due then
            due[#due + 1] = job
            lanes[#lanes + 1] = places[index]
          else
            later[#later + 1] = times[index]
            later[#later + 1] = job
          end
          if is_due and fence == 1 and lengths[index] == '' then
            plain[#plain + 1] = job
          else
            extras[#extras + 1] = job
            extras[#extras + 1] = string.format('%.0f:%s:%s', fence, lengths[index], is_due and '' or places[index])
          end
        end
      end
      write('HDEL', keys[5], freed)
      write('ZREM', keys[4], freed)
      release(keys, freed)
      if redis.call('HLEN', keys[3]) > 0 then write('HDEL', keys[3], plain) end
      write('ZREM', part(keys, 'later'), waited)
      write('HSET', keys[3], extras)
      write('ZADD', part(keys, 'later'), later)
      write('ZADD', keys[2], added)
      line_all_up(keys, due, lanes)
      if #added > 0 then wake(keys, meta[3], now) end
      return answer
    end

    redis.register_function('LIBRARY_push', push)
    """#
}
