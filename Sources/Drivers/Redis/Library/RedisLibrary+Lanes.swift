extension RedisLibrary {
  /// Lanes: whose turn it is, and what is held back. A lane is the JSON of tenant, pipeline, stage and, where they are
  /// not the usual, fair key, weight, limits; its place is its rank, one digit, and itself.
  ///
  /// Beside a queue's keys there are `ring0` to `ring2` (sorted: fair keys with lanes of a rank that have something
  /// due, by their pass), `ready0:FAIR` to `ready2:FAIR` (sorted: those lanes, by their last turn), `pass0` to `pass2`
  /// (sorted: other fair keys that are ahead of who was served last), `lane:PLACE` (list: jobs that are due, and some
  /// that were and are gone: `waiting` decides), `later` (sorted: jobs by the time that they wait for), `held` (sorted:
  /// places of lanes by when, in microseconds, they may go on; infinity where that is another's doing), `slots:KEY`
  /// (set: jobs under way of a limit's key), `wait:KEY` (sorted: places of lanes that wait for such a slot), `freed`
  /// (set: keys with a free slot and lanes that wait), `slotted` (hash: the limit keys of jobs under way), `full`
  /// (sorted: keys by when their bucket is full), `limits` (hash: interval, tolerance, slots of each limit), `paused`
  /// (set: scopes).
  static let lanesCode = #"""
    local function decode(lane)
      local fields = cjson.decode(lane)
      local keys = {}
      for index, limit in ipairs(fields[6] or {}) do keys[index] = limit[1] .. ' ' .. limit[2] end
      return {
        tenant = fields[1], pipeline = fields[2], stage = fields[3], fair = fields[4] or fields[1],
        weight = fields[5] or 1, limits = fields[6] or {}, keys = keys,
      }
    end

    local function paused(keys)
      local scopes = {}
      for _, scope in ipairs(redis.call('SMEMBERS', part(keys, 'paused'))) do
        scopes[scope] = true
        scopes.any = true
      end
      return scopes
    end

    local function is_paused(scopes, lane)
      return scopes.any and (scopes['tenant:' .. lane.tenant] or scopes['pipeline:' .. lane.pipeline]
        or scopes['stage:' .. lane.pipeline .. '/' .. lane.stage])
    end

    -- Gives a lane its turn: whoever comes, or comes back, begins where the others are.
    local function make_ready(keys, place)
      local rank, text = string.sub(place, 1, 1), string.sub(place, 2)
      local fair = decode(text).fair
      local known = redis.call('HMGET', keys[1], 'served' .. rank, 'turn' .. rank)
      local lanes = part(keys, 'ready' .. rank .. ':' .. fair)
      if redis.call('ZADD', lanes, 'NX', known[2] or 0, text) == 0 or redis.call('ZCARD', lanes) > 1 then return end
      local ahead = tonumber(redis.call('ZMSCORE', part(keys, 'pass' .. rank), fair)[1] or 0)
      redis.call('ZADD', part(keys, 'ring' .. rank), exact(math.max(tonumber(known[1] or 0), ahead)), fair)
    end

    -- Adds jobs to the end of a lane.
    local function line_up(keys, place, jobs)
      local list, length = part(keys, 'lane:' .. place), 0
      for first = 1, #jobs, PART do
        length = redis.call('RPUSH', list, unpack(jobs, first, math.min(first + PART - 1, #jobs)))
      end
      if #jobs > 0 and length == #jobs then make_ready(keys, place) end
    end

    -- Puts those that are due into their lanes, in the order given.
    local function line_all_up(keys, jobs, places)
      local lines, order = {}, {}
      for index, job in ipairs(jobs) do
        local place = places[index]
        if not lines[place] then
          lines[place] = {}
          order[#order + 1] = place
        end
        table.insert(lines[place], job)
      end
      for _, place in ipairs(order) do line_up(keys, place, lines[place]) end
    end

    -- Jobs whose time has come take their place in their lanes.
    local function promote(keys, now)
      local later = part(keys, 'later')
      local due = redis.call('ZRANGE', later, '-inf', now, 'BYSCORE', 'LIMIT', 0, 10 * PART)
      if #due == 0 then return end
      local extras, jobs, places = read('HMGET', keys[3], due), {}, {}
      for index, job in ipairs(due) do
        local _, _, place = extra(extras[index])
        if place and place ~= '' then
          jobs[#jobs + 1] = job
          places[#places + 1] = place
        end
      end
      line_all_up(keys, jobs, places)
      write('ZREM', later, due)
    end

    -- Lanes that a rate has held go on when it lets them.
    local function unhold(keys, micro)
      local held = part(keys, 'held')
      local places = redis.call('ZRANGE', held, '-inf', micro, 'BYSCORE', 'LIMIT', 0, 500)
      for _, place in ipairs(places) do make_ready(keys, place) end
      write('ZREM', held, places)
    end

    -- interval, tolerance and slots of a limit; nil for what it does not bound
    local function rule(keys, name)
      local text = redis.call('HGET', part(keys, 'limits'), name)
      if not text then return end
      local interval, tolerance, slots = string.match(text, '^(%d*):(%d*):(%d*)$')
      return tonumber(interval), tonumber(tolerance), tonumber(slots)
    end

    -- Lanes that wait for a slot which was freed go on, as many as there are slots. True where one does.
    local function wake_freed(keys, wanted)
      local freed, is_any = part(keys, 'freed'), false
      for _, key in ipairs(redis.call('SMEMBERS', freed)) do
        local _, _, slots = rule(keys, string.match(key, '^(%S*) '))
        local free = math.min(wanted, (slots or math.huge) - redis.call('SCARD', part(keys, 'slots:' .. key)))
        local waiting = free > 0 and redis.call('ZPOPMIN', part(keys, 'wait:' .. key), free) or {}
        for index = 1, #waiting, 2 do
          if redis.call('ZREM', part(keys, 'held'), waiting[index]) == 1 then
            make_ready(keys, waiting[index])
            is_any = true
          end
        end
        if #waiting == 0 then redis.call('SREM', freed, key) end
      end
      return is_any
    end

    -- Takes slots for jobs that are granted: jobs by the text of the keys of their lane.
    local function take_slots(keys, taken)
      for text, jobs in pairs(taken) do
        local slotted = {}
        for index, job in ipairs(jobs) do
          slotted[index * 2 - 1] = job
          slotted[index * 2] = text
        end
        for _, key in ipairs(cjson.decode(text)) do write('SADD', part(keys, 'slots:' .. key), jobs) end
        write('HSET', part(keys, 'slotted'), slotted)
      end
    end

    -- Gives back the slots of jobs that are not under way any more. True where somebody waits for one.
    local function release(keys, jobs)
      local slotted, is_awaited, ended, all = part(keys, 'slotted'), false, {}, {}
      if #jobs == 0 or redis.call('HLEN', slotted) == 0 then return false end
      for index, text in ipairs(read('HMGET', slotted, jobs)) do
        if text then
          ended[text] = ended[text] or {}
          table.insert(ended[text], jobs[index])
          all[#all + 1] = jobs[index]
        end
      end
      for text, group in pairs(ended) do
        for _, key in ipairs(cjson.decode(text)) do
          write('SREM', part(keys, 'slots:' .. key), group)
          if redis.call('ZCARD', part(keys, 'wait:' .. key)) > 0 then
            redis.call('SADD', part(keys, 'freed'), key)
            is_awaited = true
          end
        end
      end
      write('HDEL', slotted, all)
      return is_awaited
    end
    """#
}
