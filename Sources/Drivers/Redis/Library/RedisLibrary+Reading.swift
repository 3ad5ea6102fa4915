extension RedisLibrary {
  /// expired: ARGV 3 limit; OK, the epoch, then when it ran out, job, fence, holder of each.
  /// known: job, fence of each; 0 unknown, 1 waiting, or who holds it.
  /// depth: OK, how many wait, how many are leased, how long the oldest that is due has waited.
  static let readingCode = #"""
    local function expired(keys, args)
      local meta, refusal = gate(keys, args)
      if refusal then return refusal end
      local over = redis.call(
        'ZRANGE', keys[4], '-inf', clock(args[2]), 'BYSCORE', 'LIMIT', 0, tonumber(args[3]), 'WITHSCORES')
      local held = read('HMGET', keys[5], column(over, 1, 2))
      local answer = { 'OK', meta[1] }
      for index, text in ipairs(held) do
        if text then
          local fence, _, holder = holding(text)
          answer[#answer + 1] = tonumber(over[index * 2])
          answer[#answer + 1] = over[index * 2 - 1]
          answer[#answer + 1] = fence
          answer[#answer + 1] = holder
        end
      end
      return answer
    end

    local function known(keys, args)
      local _, refusal = gate(keys, args)
      if refusal then return refusal end
      local jobs = column(args, 3, 2)
      local held = read('HMGET', keys[5], jobs)
      local scores = read('ZMSCORE', keys[2], jobs)
      local extras = read('HMGET', keys[3], jobs)
      local answer = { 'OK' }
      for index in ipairs(jobs) do
        local fence, state = tonumber(args[index * 2 + 2]), 0
        if held[index] then
          local has, _, holder = holding(held[index])
          if has >= fence then state = holder end
        elseif scores[index] and extra(extras[index]) >= fence then
          state = 1
        end
        answer[#answer + 1] = state
      end
      return answer
    end

    -- The earliest due time of any rank; nil where none waits.
    local function earliest(key)
      local best
      for rank = 0, 2 do
        local base = rank * RANK
        local first = redis.call('ZRANGE', key, base, base + RANK - 1, 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
        if first[2] then best = math.min(best or RANK, tonumber(first[2]) - base) end
      end
      return best
    end

    local function depth(keys, args)
      local _, refusal = gate(keys, args)
      if refusal then return refusal end
      local now, first = clock(args[2]), earliest(keys[2])
      local oldest = first and math.max(now - first, 0) or 0
      return { 'OK', redis.call('ZCARD', keys[2]), redis.call('ZCARD', keys[4]), oldest }
    end

    redis.register_function { function_name = 'LIBRARY_expired', callback = expired, flags = { 'no-writes' } }
    redis.register_function { function_name = 'LIBRARY_known', callback = known, flags = { 'no-writes' } }
    redis.register_function { function_name = 'LIBRARY_depth', callback = depth, flags = { 'no-writes' } }
    """#
}
