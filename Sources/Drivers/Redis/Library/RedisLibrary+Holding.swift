extension RedisLibrary {
  /// renew: epoch, job, fence, holder, length of each; 1 where extended.
  /// finish: ARGV 3 the epoch, then job and `FENCE:0:HOLDER` of each; the places, from 1 on, of those that are still
  /// held.
  /// revoke: job, fence of each; an empty text, or who holds it.
  static let holdingCode = #"""
    local function drop(keys, job)
      redis.call('HDEL', keys[5], job)
      redis.call('ZREM', keys[4], job)
      release(keys, { job })
    end

    -- Takes an entry out that waits; its lane sees that it is gone.
    local function withdraw(keys, job)
      redis.call('ZREM', keys[2], job)
      redis.call('HDEL', keys[3], job)
      redis.call('ZREM', part(keys, 'later'), job)
    end

    -- Whether a renewal under this fence and holder is lost to what the queue has of the job.
    local function is_lost(keys, job, fence, holder)
      local text = redis.call('HGET', keys[5], job)
      if text then
        local known, revoked, owner = holding(text)
        if revoked then drop(keys, job) end
        return revoked or known > fence or (known == fence and owner ~= holder)
      end
      if not redis.call('ZMSCORE', keys[2], job)[1] then return false end
      if extra(redis.call('HGET', keys[3], job)) > fence then return true end
      withdraw(keys, job)
      return false
    end

    local function renew(keys, args)
      local meta, refusal = gate(keys, args)
      if refusal then return refusal end
      local now = clock(args[2])
      local answer = { 'OK' }
      for first = 3, #args, 5 do
        local epoch, job, fence, holder = unpack(args, first, first + 3)
        if epoch ~= meta[1] or is_lost(keys, job, tonumber(fence), holder) then
          answer[#answer + 1] = 0
        else
          redis.call('ZADD', keys[4], now + tonumber(args[first + 4]), job)
          redis.call('HSET', keys[5], job, fence .. ':0:' .. holder)
          answer[#answer + 1] = 1
        end
      end
      if redis.call('SCARD', part(keys, 'freed')) > 0 then wake(keys, meta[3], now) end
      return answer
    end

    -- Whether what is held is this lease, which was revoked since.
    local function is_revoked(text, lease)
      local fence, revoked, holder = holding(text)
      local its, _, owner = holding(lease)
      return revoked and fence == its and holder == owner
    end

    local function finish(keys, args)
      local meta, refusal = gate(keys, args)
      if refusal then return refusal end
      local jobs = column(args, 4, 2)
      local held = read('HMGET', keys[5], jobs)
      local scores
      local answer, ended, is_current = { 'OK' }, {}, args[3] == meta[1]
      for index, job in ipairs(jobs) do
        local is_over
        if held[index] then
          is_over = is_current and (held[index] == args[index * 2 + 3] or is_revoked(held[index], args[index * 2 + 3]))
          if is_over then ended[#ended + 1] = job end
        else
          scores = scores or read('ZMSCORE', keys[2], jobs)
          is_over = is_current and not scores[index]
        end
        if not is_over then answer[#answer + 1] = index end
      end
      write('HDEL', keys[5], ended)
      write('ZREM', keys[4], ended)
      if release(keys, ended) then wake(keys, meta[3], clock(args[2])) end
      return answer
    end

    local function revoke(keys, args)
      local meta, refusal = gate(keys, args)
      if refusal then return refusal end
      local answer = { 'OK' }
      for first = 3, #args, 2 do
        local job, fence = args[first], tonumber(args[first + 1])
        local text, owner = redis.call('HGET', keys[5], job), ''
        if text then
          local known, _, holder = holding(text)
          if known == fence then
            owner = holder
            redis.call('HSET', keys[5], job, args[first + 1] .. ':1:' .. holder)
          end
        elseif redis.call('ZMSCORE', keys[2], job)[1] and extra(redis.call('HGET', keys[3], job)) == fence then
          withdraw(keys, job)
        end
        answer[#answer + 1] = owner
      end
      return answer
    end

    redis.register_function { function_name = 'LIBRARY_renew', callback = renew, flags = { 'allow-oom' } }
    redis.register_function { function_name = 'LIBRARY_finish', callback = finish, flags = { 'allow-oom' } }
    redis.register_function { function_name = 'LIBRARY_revoke', callback = revoke, flags = { 'allow-oom' } }
    """#
}
