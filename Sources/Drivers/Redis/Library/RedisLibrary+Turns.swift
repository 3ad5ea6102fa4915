extension RedisLibrary {
  /// Drawing jobs by turns, as `TurnTable` says it.
  static let turnsCode = #"""
    -- What one job adds to the pass of a fair key of weight 1, and how many jobs of higher ranks go before one of a
    -- lower.
    local TURN = 1000000
    local PATIENCE = 16
    -- How many turns without a job a draw goes on for: others wait for the server meanwhile.
    local IDLE_TURNS = 500

    -- What a draw has read of the limits, and changes at its end: rules by name, moments at which buckets are full and
    -- jobs under way by key; and the lanes it has met.
    local function new_draw(keys, now, scopes)
      return {
        keys = keys, now = now, micro = now * 1000, paused = scopes, granted = {}, lanes = {}, rules = {}, full = {},
        filled = {}, slots = {}, taken = {},
      }
    end

    local function lane_of(draw, text)
      if not draw.lanes[text] then draw.lanes[text] = decode(text) end
      return draw.lanes[text]
    end

    local function rule_of(draw, name)
      if not draw.rules[name] then draw.rules[name] = { rule(draw.keys, name) } end
      return draw.rules[name][1], draw.rules[name][2], draw.rules[name][3]
    end

    -- From when on a key's bucket is drawn, as `Rate` says it: one that is further ahead than the rate can have drawn
    -- it was used up under a slower one, and begins anew.
    local function full_of(draw, key, interval, tolerance)
      if not draw.full[key] then
        local full = tonumber(redis.call('ZMSCORE', part(draw.keys, 'full'), key)[1] or 0)
        local is_old = full > draw.micro + 2 * (tolerance + interval) + 1000000
        draw.full[key] = is_old and draw.micro or math.max(full, draw.micro)
      end
      return draw.full[key]
    end

    local function slots_of(draw, key)
      if not draw.slots[key] then draw.slots[key] = redis.call('SCARD', part(draw.keys, 'slots:' .. key)) end
      return draw.slots[key]
    end

    -- How many of `most` jobs a lane may give; none, and since when it may, or for which key it waits.
    local function allowance(draw, lane, most)
      local until_when, key_of_slot
      for index, limit in ipairs(lane.limits) do
        local interval, tolerance, slots = rule_of(draw, limit[1])
        local key = lane.keys[index]
        if slots then
          local free = slots - slots_of(draw, key)
          if free <= 0 then key_of_slot = key end
          most = math.min(most, free)
        end
        if interval then
          local full = full_of(draw, key, interval, tolerance)
          if full > draw.micro + tolerance then
            most, until_when = 0, math.max(until_when or 0, full - tolerance)
          else
            most = math.min(most, math.floor((draw.micro + tolerance - full) / interval) + 1)
          end
        end
      end
      return most, until_when, key_of_slot
    end

    -- Counts granted jobs of a lane under its limits.
    local function count(draw, lane, jobs)
      if #lane.keys == 0 then return end
      for index, limit in ipairs(lane.limits) do
        local key = lane.keys[index]
        local interval, tolerance = rule_of(draw, limit[1])
        if interval then
          draw.full[key] = full_of(draw, key, interval, tolerance) + #jobs * interval
          draw.filled[key] = true
        end
        if draw.slots[key] then draw.slots[key] = draw.slots[key] + #jobs end
      end
      lane.text = lane.text or cjson.encode(lane.keys)
      local taken = draw.taken[lane.text] or {}
      for _, job in ipairs(jobs) do taken[#taken + 1] = job end
      draw.taken[lane.text] = taken
    end

    -- Writes down what was counted.
    local function note_limits(draw)
      local full = {}
      for key in pairs(draw.filled) do
        full[#full + 1] = exact(draw.full[key])
        full[#full + 1] = key
      end
      write('ZADD', part(draw.keys, 'full'), full)
      take_slots(draw.keys, draw.taken)
      draw.filled, draw.slots, draw.taken = {}, {}, {}
    end

    -- The ranks' turns: how many fair keys are ready, how far they are, how often they were passed over, how many
    -- turns there were.
    local function ranks_of(keys)
      local texts = redis.call(
        'HMGET', keys[1], 'served0', 'served1', 'served2', 'passed0', 'passed1', 'passed2', 'turn0', 'turn1',
        'turn2')
      local ranks = {}
      for rank = 0, 2 do
        ranks[rank] = {
          ring = part(keys, 'ring' .. rank), passes = part(keys, 'pass' .. rank),
          served = tonumber(texts[rank + 1] or 0), passed = tonumber(texts[rank + 4] or 0),
          turn = tonumber(texts[rank + 7] or 0),
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

    -- Whether a job of a lane is due: what is not kept for later was due by a clock that has gone back since.
    local function is_due(keys, job, time, now)
      return time <= now or not redis.call('ZMSCORE', part(keys, 'later'), job)[1]
    end

    -- Those of a lane's next jobs that still wait and are due, and whether the lane has no more.
    local function take(keys, place, count, now, granted)
      local popped = redis.call('LPOP', part(keys, 'lane:' .. place), count) or {}
      local jobs, base = {}, tonumber(string.sub(place, 1, 1)) * RANK
      local scores = read('ZMSCORE', keys[2], popped)
      for index, job in ipairs(popped) do
        if scores[index] and not granted[job] and is_due(keys, job, tonumber(scores[index]) - base, now) then
          granted[job] = true
          jobs[#jobs + 1] = job
        end
      end
      return jobs, #popped < count or redis.call('LLEN', part(keys, 'lane:' .. place)) == 0
    end

    -- A fair key without lanes that are ready is remembered as long as it is ahead.
    local function leave_ring(standing, fair, pass)
      redis.call('ZREM', standing.ring, fair)
      if pass > standing.served then redis.call('ZADD', standing.passes, exact(pass), fair) end
      standing.ready = standing.ready - 1
    end

    local function hold(keys, place, pass, until_when, key)
      if key then redis.call('ZADD', part(keys, 'wait:' .. key), pass, place) end
      redis.call('ZADD', part(keys, 'held'), not key and until_when or '+inf', place)
    end

    -- One turn of a rank: the jobs that the next lane of its next fair key gives.
    local function turn(keys, ranks, rank, left, draw)
      local standing = ranks[rank]
      draw.is_changed = true
      local first = redis.call('ZRANGE', standing.ring, 0, 0, 'WITHSCORES')
      local fair, pass = first[1], tonumber(first[2])
      local lanes = part(keys, 'ready' .. rank .. ':' .. fair)
      local text, siblings = redis.call('ZRANGE', lanes, 0, 0)[1], redis.call('ZCARD', lanes)
      local lane, place = lane_of(draw, text), rank .. text
      local most, until_when, key = 0, '+inf', nil
      if not is_paused(draw.paused, lane) then
        most = math.min(left, math.ceil(left / standing.ready / siblings), patience(ranks, rank))
        most, until_when, key = allowance(draw, lane, draw.is_aged and 1 or most)
      end
      if most <= 0 then
        redis.call('ZREM', lanes, text)
        hold(keys, place, pass, until_when, key)
        if siblings == 1 then leave_ring(standing, fair, pass) end
        return {}
      end
      local jobs, is_empty = take(keys, place, most, draw.now, draw.granted)
      local ready = pass + #jobs * TURN / lane.weight
      -- Whoever is alone is ahead of nobody.
      local is_alone = standing.ready == 1 and redis.call('ZCARD', part(keys, 'held')) == 0
      standing.served = math.max(standing.served, is_alone and ready or pass)
      standing.turn = standing.turn + 1
      if #jobs > 0 then
        pass_over(ranks, rank, #jobs)
        count(draw, lane, jobs)
      end
      local more = 0
      if not is_empty then
        more, until_when, key = allowance(draw, lane, 1)
        if more <= 0 then hold(keys, place, ready, until_when, key) end
      end
      if more <= 0 then
        redis.call('ZREM', lanes, text)
      elseif siblings > 1 then
        redis.call('ZADD', lanes, standing.turn, text)
      end
      if more <= 0 and siblings == 1 then
        leave_ring(standing, fair, ready)
      elseif #jobs > 0 then
        redis.call('ZADD', standing.ring, exact(ready), fair)
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
        fields[#fields + 1] = 'turn' .. rank
        fields[#fields + 1] = ranks[rank].turn
        if ranks[rank].ready > 0 or is_held then
          redis.call('ZREMRANGEBYSCORE', ranks[rank].passes, '-inf', exact(ranks[rank].served))
        else
          -- Nobody is left to be ahead of.
          redis.call('UNLINK', ranks[rank].passes)
        end
      end
      redis.call('HSET', keys[1], unpack(fields))
    end

    -- Up to `wanted` jobs of the queue, by rank and by turns; and whether it should be asked again at once.
    local function draw_jobs(keys, now, wanted, scopes)
      promote(keys, now)
      unhold(keys, now * 1000)
      redis.call('ZREMRANGEBYSCORE', part(keys, 'full'), '-inf', now * 1000)
      wake_freed(keys, wanted)
      local ranks, all, draw, idle = ranks_of(keys), {}, new_draw(keys, now, scopes), 0
      while #all < wanted and idle < IDLE_TURNS do
        local rank, is_aged = next_rank(ranks)
        if rank then
          draw.is_aged = is_aged
          local jobs = turn(keys, ranks, rank, wanted - #all, draw)
          for _, job in ipairs(jobs) do all[#all + 1] = job end
          if #jobs == 0 then idle = idle + 1 end
        else
          if draw.is_changed then keep(keys, ranks) end
          note_limits(draw)
          if not wake_freed(keys, wanted - #all) then return all, false end
          ranks = ranks_of(keys)
        end
      end
      keep(keys, ranks)
      note_limits(draw)
      return all, #all < wanted
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
