extension RedisLibrary {
  /// Drawing jobs by turns, as `TurnTable` says it.
  static let turnsCode = #"""
    -- What one job adds to the pass of a fair key of weight 1, and how many jobs of higher ranks go before one of a
    -- lower.
    local TURN = 1000000
    local PATIENCE = 16

    local function exact(number) return string.format('%.0f', number) end

    -- From when on a key's bucket is drawn, as `Rate` says it: one that is further ahead than the rate can have drawn
    -- it was used up under a slower one, and begins anew.
    local function start_of_bucket(keys, key, interval, tolerance, micro)
      local full = tonumber(redis.call('ZMSCORE', part(keys, 'full'), key)[1] or 0)
      if full > micro + 2 * (tolerance + interval) + 1000000 then return micro end
      return math.max(full, micro)
    end

    -- How many of `most` jobs a lane may give; none, and since when it may, or for which key it waits.
    local function allowance(keys, lane, most, micro)
      local until_when, key_of_slot
      for index, limit in ipairs(lane.limits) do
        local interval, tolerance, slots = rule(keys, limit[1])
        local key = lane.keys[index]
        if slots then
          local free = slots - redis.call('SCARD', part(keys, 'slots:' .. key))
          if free <= 0 then key_of_slot = key end
          most = math.min(most, free)
        end
        if interval then
          local full = start_of_bucket(keys, key, interval, tolerance, micro)
          if full > micro + tolerance then
            most, until_when = 0, math.max(until_when or 0, full - tolerance)
          else
            most = math.min(most, math.floor((micro + tolerance - full) / interval) + 1)
          end
        end
      end
      return most, until_when, key_of_slot
    end

    local function hold(keys, place, pass, until_when, key)
      redis.call('ZREM', part(keys, 'ring' .. string.sub(place, 1, 1)), string.sub(place, 2))
      if key then redis.call('ZADD', part(keys, 'wait:' .. key), pass, place) end
      redis.call('ZADD', part(keys, 'held'), not key and until_when or '+inf', place)
    end

    local function fill_buckets(keys, lane, count, micro)
      for index, limit in ipairs(lane.limits) do
        local interval, tolerance = rule(keys, limit[1])
        if interval then
          local full = start_of_bucket(keys, lane.keys[index], interval, tolerance, micro)
          redis.call('ZADD', part(keys, 'full'), exact(full + count * interval), lane.keys[index])
        end
      end
    end

    -- The ranks' turns: how many lanes are ready, how far they are, how often they were passed over.
    local function ranks_of(keys)
      local texts = redis.call(
        'HMGET', keys[1], 'served0', 'served1', 'served2', 'passed0', 'passed1', 'passed2')
      local ranks = {}
      for rank = 0, 2 do
        ranks[rank] = {
          ring = part(keys, 'ring' .. rank), passes = part(keys, 'pass' .. rank),
          served = tonumber(texts[rank + 1] or 0), passed = tonumber(texts[rank + 4] or 0),
        }
        ranks[rank].ready = redis.call('ZCARD', ranks[rank].ring)
      end
      return ranks
    end

    local function next_rank(ranks)
      local best, aged
      for rank = 0, 2 do
        if ranks[rank].ready > 0 then
          if not best then
            best = rank
          elseif ranks[rank].passed >= PATIENCE and (not aged or ranks[rank].passed > ranks[aged].passed) then
            aged = rank
          end
        end
      end
      return aged or best, aged ~= nil
    end

    -- How many jobs of a rank may go before a lower one gives one.
    local function patience(ranks, rank)
      local most = math.huge
      for lower = rank + 1, 2 do
        if ranks[lower].ready > 0 then most = math.min(most, math.max(1, PATIENCE - ranks[lower].passed)) end
      end
      return most
    end

    local function pass_over(ranks, rank, count)
      ranks[rank].passed = 0
      for lower = rank + 1, 2 do
        if ranks[lower].ready > 0 then ranks[lower].passed = ranks[lower].passed + count end
      end
    end

    -- Those of a lane's next jobs that still wait and are due, and whether the lane has no more.
    local function take(keys, place, count, now, granted)
      local popped = redis.call('LPOP', part(keys, 'lane:' .. place), count) or {}
      local jobs, base = {}, tonumber(string.sub(place, 1, 1)) * RANK
      local scores = read('ZMSCORE', keys[2], popped)
      for index, job in ipairs(popped) do
        if scores[index] and tonumber(scores[index]) - base <= now and not granted[job] then
          granted[job] = true
          jobs[#jobs + 1] = job
        end
      end
      return jobs, #popped < count
    end

    -- One turn of a rank: the jobs that its next lane gives.
    local function turn(keys, ranks, rank, left, draw)
      local standing = ranks[rank]
      local first = redis.call('ZRANGE', standing.ring, 0, 0, 'WITHSCORES')
      local text, pass = first[1], tonumber(first[2])
      local lane, place = decode(text), rank .. text
      local ahead = tonumber(redis.call('ZMSCORE', standing.passes, lane.fair)[1] or 0)
      if ahead > pass then
        redis.call('ZADD', standing.ring, exact(ahead), text)
        return {}
      end
      local most, until_when, key = 0, nil, nil
      if is_paused(draw.paused, lane) then
        until_when = '+inf'
      else
        most = math.min(left, math.ceil(left / standing.ready), patience(ranks, rank))
        most, until_when, key = allowance(keys, lane, draw.is_aged and 1 or most, draw.now * 1000)
      end
      if most <= 0 then
        hold(keys, place, pass, until_when, key)
        standing.ready = standing.ready - 1
        return {}
      end
      draw.is_changed = true
      local jobs, is_empty = take(keys, place, most, draw.now, draw.granted)
      local ready = pass + #jobs * TURN / lane.weight
      standing.served = math.max(standing.served, standing.ready == 1 and ready or pass)
      if standing.ready > 1 and #jobs > 0 then redis.call('ZADD', standing.passes, exact(ready), lane.fair) end
      if is_empty then
        redis.call('ZREM', standing.ring, text)
        standing.ready = standing.ready - 1
      else
        redis.call('ZADD', standing.ring, exact(ready), text)
      end
      if #jobs > 0 then
        pass_over(ranks, rank, #jobs)
        fill_buckets(keys, lane, #jobs, draw.now * 1000)
        take_slots(keys, lane, jobs)
      end
      return jobs
    end

    local function keep(keys, ranks)
      local fields, is_held = {}, redis.call('ZCARD', part(keys, 'held')) > 0
      for rank = 0, 2 do
        fields[#fields + 1] = 'served' .. rank
        fields[#fields + 1] = exact(ranks[rank].served)
        fields[#fields + 1] = 'passed' .. rank
        fields[#fields + 1] = ranks[rank].passed
        if ranks[rank].ready > 0 or is_held then
          redis.call('ZREMRANGEBYSCORE', ranks[rank].passes, '-inf', exact(ranks[rank].served))
        else
          -- Nobody is left to be ahead of.
          redis.call('UNLINK', ranks[rank].passes)
        end
      end
      redis.call('HSET', keys[1], unpack(fields))
    end

    -- Up to `wanted` jobs of the queue, by rank and by turns.
    local function draw_jobs(keys, now, wanted, scopes)
      promote(keys, now)
      unhold(keys, now * 1000)
      redis.call('ZREMRANGEBYSCORE', part(keys, 'full'), '-inf', now * 1000)
      wake_freed(keys, wanted)
      local ranks, all, draw = ranks_of(keys), {}, { now = now, paused = scopes, granted = {} }
      while #all < wanted do
        local rank, is_aged = next_rank(ranks)
        if rank then
          draw.is_aged = is_aged
          for _, job in ipairs(turn(keys, ranks, rank, wanted - #all, draw)) do all[#all + 1] = job end
        else
          if draw.is_changed then keep(keys, ranks) end
          if not wake_freed(keys, wanted - #all) then return all end
          ranks = ranks_of(keys)
        end
      end
      keep(keys, ranks)
      return all
    end

    -- When something may be granted that may not yet; nil where nothing waits for a time.
    local function next_time(keys)
      local later = redis.call('ZRANGE', part(keys, 'later'), 0, 0, 'WITHSCORES')[2]
      local held = redis.call('ZRANGE', part(keys, 'held'), 0, 0, 'WITHSCORES')[2]
      if held == 'inf' then held = nil end
      if not later and not held then return nil end
      return math.min(tonumber(later or math.huge), held and math.ceil(tonumber(held) / 1000) or math.huge)
    end
    """#
}
