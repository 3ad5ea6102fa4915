/// Broken keys of stages, and the exact lines that they must be refused with.
let brokenPolicies = [
  BrokenFile(
    "triggers",
    "pipeline: p\ntrigger: { event: A, cron: '* * * * *', match: { payload: { a: [1] } } }\nstages:\n" + scan,
    "m.yaml:2:22: error P030: trigger has both 'event' and 'cron'; write a pipeline for each"),
  BrokenFile(
    "no trigger", "pipeline: p\ntrigger: { match: { payload: { a: [1] } } }\nstages:\n" + scan,
    "m.yaml:2:10: error P007: trigger needs the key 'event' or the key 'cron'"),
  BrokenFile(
    "zone of an event", "pipeline: p\ntrigger: { event: A, time_zone: UTC }\nstages:\n" + scan,
    "m.yaml:2:22: error P030: trigger.time_zone means nothing without trigger.cron"),
  BrokenFile(
    "schedules",
    "pipeline: p\ntrigger: { cron: '0 3 * *', time_zone: Europe Berlin, match: { id: [a] } }\nstages:\n"
      + scan,
    "m.yaml:2:18: error P032: trigger.cron: the cron expression is '0 3 * *'; expected five fields (minute, hour, "
      + "day of the month, month, day of the week), not 4",
    "m.yaml:2:40: error P032: trigger.time_zone: 'Europe Berlin' cannot be the name of a time zone; names are those "
      + "of the IANA database, like Europe/Berlin or UTC",
    "m.yaml:2:55: error P030: trigger.match means nothing without trigger.event"),
  BrokenFile(
    "schedules that read well",
    "pipeline: p\ntrigger:\n  cron: 0 3 30 2 *\n  time_zone: Europe/Berln\nstages:\n" + scan,
    "m.yaml:3:9: error P032: trigger.cron: '0 3 30 2 *' never comes: none of its months has such a day; see that the "
      + "day of the month is one that the month has",
    "m.yaml:4:14: error P032: trigger.time_zone: 'Europe/Berln' is not a time zone of this machine; did you mean "
      + "'Europe/Berlin'?"),
  BrokenFile(
    "unquoted schedule", "pipeline: p\ntrigger:\n  cron: */5 * * * *\nstages:\n" + scan,
    "m.yaml:3:9: error P003: alias '*/5 * * * *' names no anchor before it; a text that begins with * needs "
      + "quotes"),
  BrokenFile(
    "values of policies",
    pipeline(
      """
        scan:
          uses: media.scan
          with: { object: x }
          priority: hihg
          lease: 500ms
          coalesce: { key: "", quiet: 10ms, max_wait: 1m, newest: a }
          batch: { size: 1001, wait: 61s }
          execution_key: []
          isolation: { process: yes, memory: 1GB }
      """),
    "m.yaml:7:15: error P009: stages.scan.priority cannot be 'hihg', only high, normal, low; did you mean "
      + "'high'?",
    "m.yaml:8:12: error P010: stages.scan.lease must be a length of time from 1s to 1h; write a number and "
      + "ms, s, m, h or d, like 30s",
    "m.yaml:9:22: error P009: stages.scan.coalesce.key is an empty text; write \"${event.payload.key}\"",
    "m.yaml:9:33: error P010: stages.scan.coalesce.quiet must be a length of time from 50ms to 1h; write a "
      + "number and ms, s, m, h or d, like 30s",
    "m.yaml:9:53: error P004: unknown key 'newest' in stages.scan.coalesce",
    "m.yaml:10:20: error P009: stages.scan.batch.size must be a whole number from 1 to 1000",
    "m.yaml:10:32: error P010: stages.scan.batch.wait must be a length of time from 0ms to 1m; write a "
      + "number and ms, s, m, h or d, like 30s",
    "m.yaml:11:20: error P009: stages.scan.execution_key must have from 1 to 32 parts",
    "m.yaml:12:27: error P006: stages.scan.isolation.process must be true or false, not a text",
    "m.yaml:12:40: error P009: stages.scan.isolation.memory must be a size from 256MiB to 1TiB; write a "
      + "number and KiB, MiB, GiB or TiB, like 1GiB"),
  BrokenFile(
    "types of policies",
    pipeline(
      """
        scan:
          uses: media.scan
          with: { object: x }
          queue:
          serial_by: [a]
          coalesce: { key: a, quiet: 2s, max_wait: 1s, newest_by: "v${event.payload.version}" }
          batch: {}
          execution_key: ["a", 5]
          on_failure: { evnt: A }
          isolation: { process: true, memory: 1MiB, cpu: 1500ms, files: 8, file_size: 1 }
      """),
    "m.yaml:7:11: error P006: stages.scan.queue must be a text, not empty",
    "m.yaml:8:16: error P006: stages.scan.serial_by must be a text, not a list",
    "m.yaml:9:46: error P009: stages.scan.coalesce.max_wait is shorter than stages.scan.coalesce.quiet; "
      + "write 2s or more",
    "m.yaml:9:61: error P013: stages.scan.coalesce.newest_by must be one reference; write "
      + "\"${event.payload.key}\"",
    "m.yaml:10:12: error P007: stages.scan.batch needs the key 'size'",
    "m.yaml:11:26: error P006: stages.scan.execution_key[1] must be a text, not a number",
    "m.yaml:12:17: error P007: stages.scan.on_failure needs the key 'event'",
    "m.yaml:12:19: error P004: unknown key 'evnt' in stages.scan.on_failure; did you mean 'event'?",
    "m.yaml:13:41: error P009: stages.scan.isolation.memory must be a size from 256MiB to 1TiB; write a "
      + "number and KiB, MiB, GiB or TiB, like 1GiB",
    "m.yaml:13:52: error P010: stages.scan.isolation.cpu must be whole seconds",
    "m.yaml:13:67: error P009: stages.scan.isolation.files must be a whole number from 32 to 65536",
    "m.yaml:13:81: error P009: stages.scan.isolation.file_size must be a size from 1MiB to 1TiB; write a "
      + "number and KiB, MiB, GiB or TiB, like 1GiB"),
  BrokenFile(
    "walls without a process",
    pipeline("  scan: { uses: media.scan, with: { object: x }, isolation: { process: false, memory: 1GiB } }"),
    "m.yaml:4:79: error P030: stages.scan.isolation.memory means nothing with process: false"),
  BrokenFile(
    "batches for a worker that takes one job at a time",
    pipeline("  scan: { uses: media.scan, with: { object: x }, batch: { size: 2 } }"),
    "m.yaml:4:50: error P034: stage 'scan' has 'batch', and media.scan takes one job at a time; take it away, or use "
      + "a worker that takes batches"),
  BrokenFile(
    "walls around a worker that has to be in this process",
    pipeline("  scan: { uses: search.bound, with: { object: x }, isolation: { process: true } }"),
    "m.yaml:4:52: error P035: stage 'scan' has 'isolation', and search.bound cannot run in a process of its own here; "
      + "take it away"),
  BrokenFile(
    "walls by default around a worker that has to be in this process",
    """
    pipeline: media
    trigger: { event: MediaUploaded }
    defaults: { isolation: { process: true } }
    stages:
      a: { uses: search.bound, with: { object: x } }
      b: { uses: search.bound, with: { object: x }, isolation: null }
      c: { uses: search.bound, with: { object: x }, isolation: { process: false } }
      d: { uses: media.scan, with: { object: x } }
    """,
    "m.yaml:5:14: error P035: stage 'a' has 'isolation', by default, and search.bound cannot run in a process of its "
      + "own here; write isolation: null on the stage to have none"),
  BrokenFile(
    "serial_by",
    pipeline(
      scan + "\n"
        + """
          b:
            uses: media.scan
            needs: [scan]
            serial_by: { key: "${scan.verdict}", on_dead: stop }
            coalesce: { key: "${event.resource.kidn}", quiet: 1s, max_wait: 1s, newest_by: "${scan.verdict}" }
            with: { object: x }
        """),
    "m.yaml:8:23: error P031: ${scan.verdict} is used in serial_by of 'b', which may refer to the event "
      + "alone; turns are taken when the run begins, before any stage has an output",
    "m.yaml:8:51: error P009: stages.b.serial_by.on_dead cannot be 'stop', only skip, block",
    "m.yaml:9:22: error P017: 'event.resource' has no field 'kidn'; did you mean 'kind'?",
    "m.yaml:9:84: error P031: ${scan.verdict} is used in coalesce of 'b', which may refer to the event "
      + "alone; windows are kept by what the events say"),
  BrokenFile(
    "join",
    pipeline(
      scan + "\n"
        + """
          b:
            uses: media.scan
            needs: [scan]
            join: { scam: [failed], c: [failed], scan: [] }
            with: { object: x }
          c:
            uses: media.scan
            needs: [scan]
            join: { scan: [done, failed, failed, skiped] }
            with: { object: x }
          d: { uses: media.scan, needs: [scan], join: [scan], with: { object: x } }
          e: { uses: media.scan, needs: [scan], join: { scan: failed }, with: { object: x } }
        """),
    "m.yaml:8:13: error P015: join of 'b' names 'scam', which it does not need; did you mean 'scan'?",
    "m.yaml:8:29: error P015: join of 'b' names 'c', which it does not need; add 'c' to its needs",
    "m.yaml:8:48: error P009: stages.b.join.scan is an empty list, with which the stage would never run; "
      + "write succeeded, failed or skipped, or several of them",
    "m.yaml:13:20: error P009: stages.c.join.scan cannot be 'done', only succeeded, failed, skipped",
    "m.yaml:13:34: error P009: 'failed' stands twice in stages.c.join.scan",
    "m.yaml:13:42: error P009: stages.c.join.scan cannot be 'skiped', only succeeded, failed, skipped; did "
      + "you mean 'skipped'?",
    "m.yaml:15:47: error P006: stages.d.join must be a mapping, not a list; write { need: [succeeded, "
      + "failed] }",
    "m.yaml:16:55: error P006: stages.e.join.scan must be a list, not a text; write [failed]"),
  BrokenFile(
    "fallbacks",
    pipeline(
      scan + "\n"
        + """
          b: { uses: media.scan, needs: [scan], join: { scan: [failed] }, with: { object: "${scan.verdict}" } }
          c: { uses: media.scan, needs: [b], with: { object: "x${scan.verdict}" } }
          d: { uses: media.scan, needs: [c], join: { c: [skipped] }, with: { object: "${b.verdict:-}" } }
          e: { uses: media.scan, needs: [d, scan], with: { object: "${scan.verdict}${d.verdict}${c.verdict:-[]}" } }
          f: { uses: media.scan, needs: [b], each: { in: "${scan.verdict}" }, with: { object: x } }
        """,
      after: "emit: [{ event: B, after: [e], payload: { a: \"${scan.verdict}\", b: \"${b.verdict}\" } }]"),
    "m.yaml:5:83: error P029: ${scan.verdict} may be absent: 'scan' need not have succeeded when 'b' runs; "
      + "write ${scan.verdict:-null}, with what to use instead after ':-'",
    "m.yaml:6:54: error P029: ${scan.verdict} may be absent: 'scan' need not have succeeded when 'c' runs; "
      + "write ${scan.verdict:-}, with what to use instead after ':-'",
    "m.yaml:8:60: error P013: stages.e.with.object has ${c.verdict:-[]} within a text, where its fallback "
      + "must be a text; write a word, a number, true or false after ':-', or nothing",
    "m.yaml:9:50: error P029: ${scan.verdict} may be absent: 'scan' need not have succeeded when 'f' runs; "
      + "write ${scan.verdict:-[]}, with what to use instead after ':-'",
    "m.yaml:10:68: error P029: ${b.verdict} may be absent: 'b' need not have succeeded when the event is "
      + "emitted; write ${b.verdict:-null}, with what to use instead after ':-'"),
  BrokenFile(
    "each",
    pipeline(
      scan + "\n"
        + """
          b:
            uses: media.scan
            needs: [scan]
            each: { in: "x${scan.pages}", as: scan, parallel: 0 }
            serial_by: ${event.id}
            coalesce: { key: a, quiet: 1s, max_wait: 1s }
            with: { object: x }
          c:
            uses: media.scan
            each: { in: "${event.payload.pages:-none}", as: failure, parallels: 3 }
            with: { object: "${page.url}" }
          d: { uses: media.scan, each: { as: Page }, with: { object: x } }
        """),
    "m.yaml:8:17: error P013: stages.b.each.in must be one reference; write \"${event.payload.key}\"",
    "m.yaml:8:17: error P016: worker media.scan of stage 'scan' returns no 'pages'",
    "m.yaml:8:39: error P008: an element cannot be called 'scan', like a stage; give it another name with "
      + "'as'",
    "m.yaml:8:55: error P009: stages.b.each.parallel must be a whole number from 1 to 1000",
    "m.yaml:9:5: error P030: stage 'b' has both 'each' and 'serial_by': turns are taken when the run begins, "
      + "before the list is known; take one of them away, or move it to another stage",
    "m.yaml:10:5: error P030: stage 'b' has both 'each' and 'coalesce': a window keeps one job, and each "
      + "makes many; take one of them away, or move it to another stage",
    "m.yaml:14:17: error P013: stages.c.each.in must be a list, and so must its fallback; write [] after "
      + "':-' for no jobs",
    "m.yaml:14:53: error P008: an element cannot be called 'failure', which stands for what went wrong",
    "m.yaml:14:62: error P004: unknown key 'parallels' in stages.c.each; did you mean 'parallel'?",
    "m.yaml:15:21: error P014: 'page' in ${page.url} is neither 'event' nor a stage",
    "m.yaml:16:26: error P007: stages.d.each needs the key 'in'",
    "m.yaml:16:38: error P008: 'Page' is no name of a list element: up to 64 lower-case letters, digits, '-' "
      + "and '_', a letter first"),
  BrokenFile(
    "elements and outputs of each",
    pipeline(
      scan + "\n"
        + """
          pages:
            uses: media.scan
            needs: [scan]
            each: { in: "${scan.verdict}", as: page }
            on_failure: { event: B, payload: { page: "${page.url}" } }
            with: { object: "${page.url}" }
          last:
            uses: media.scan
            needs: [pages]
            when: { pages: { verdict: [clean] } }
            execution_key: ["${page.url}", "${pages.outputs.0.verdict}", "${pages.outputs.0.verdct}"]
            with: { object: "${pages.verdict}" }
        """),
    "m.yaml:9:46: error P031: ${page.url} is an element of stage 'pages', known only in its 'with', "
      + "'execution_key', 'fair_by' and 'limit'",
    "m.yaml:14:22: error P016: stage 'pages' has 'each', so its output has outputs and count, not 'verdict'; "
      + "write outputs, a list with the output of each job",
    "m.yaml:15:21: error P031: ${page.url} is an element of stage 'pages', known only in its 'with', "
      + "'execution_key', 'fair_by' and 'limit'",
    "m.yaml:15:66: error P016: worker media.scan of stage 'pages' returns no 'verdct'; did you mean "
      + "'verdict'?",
    "m.yaml:16:21: error P016: stage 'pages' has 'each', so its output has outputs and count, not 'verdict'; "
      + "write outputs, a list with the output of each job"),
  BrokenFile(
    "failures",
    pipeline(
      scan + "\n"
        + """
          failure: { uses: media.scan, with: { object: "${failure.kind}" } }
          b:
            uses: media.scan
            on_failure:
              event: MediaUploaded
              payload: ["${failure.knd}", "${failure}", "${failure.kind.x}", "${scan.verdict}", "${falure.kind}"]
            with: { object: x }
        """, after: "emit: [{ event: ScheduleTick, after: [b] }]"),
    "m.yaml:5:3: error P008: a stage cannot be called 'failure', which stands for what went wrong",
    "m.yaml:5:48: error P031: ${failure.kind} is known only in the payload of 'on_failure'",
    "m.yaml:9:14: error P026: this pipeline emits the event that triggers it, without end; emit another "
      + "type, or tell the two apart with trigger.match",
    "m.yaml:10:17: error P033: a failure has no field 'knd', only kind, code, message; did you mean 'kind'?",
    "m.yaml:10:35: error P033: ${failure} names no field of the failure; write ${failure.kind}, "
      + "${failure.code} or ${failure.message}",
    "m.yaml:10:49: error P033: ${failure.kind.x} names no field of the failure; write ${failure.kind}, "
      + "${failure.code} or ${failure.message}",
    "m.yaml:10:70: error P015: ${scan.verdict} is used, but 'b' does not need 'scan'; add 'scan' to its needs",
    "m.yaml:10:89: error P014: 'falure' in ${falure.kind} is neither 'event' nor a stage; did you mean "
      + "'failure'?",
    "m.yaml:12:17: error P008: 'ScheduleTick' is the type of the ticks of schedules; emit another type"),
  BrokenFile(
    "defaults",
    "pipeline: media\ntrigger: { event: MediaUploaded }\n"
      + """
      defaults:
        needs: [scan]
        serial_by: ${event.id}
        execution_key: ["${scan.verdict}", "${evnt.id}"]
        on_failure: { event: MediaUploaded, payload: "${failure.kin}" }
      stages:
        scan: { uses: media.scan, each: { in: "${event.payload.list}" }, with: { object: "${item}" } }
      """,
    "m.yaml:4:3: error P004: unknown key 'needs' in defaults",
    "m.yaml:6:19: error P031: ${scan.verdict} is used in defaults.execution_key, which may refer to the "
      + "event alone; write execution_key on the stages that can refer to more",
    "m.yaml:6:38: error P014: 'evnt' in ${evnt.id} is neither 'event' nor a stage; did you mean 'event'?",
    "m.yaml:7:24: error P026: this pipeline emits the event that triggers it, without end; emit another "
      + "type, or tell the two apart with trigger.match",
    "m.yaml:7:48: error P033: a failure has no field 'kin', only kind, code, message; did you mean 'kind'?",
    "m.yaml:9:29: error P030: stage 'scan' has both 'each' and 'serial_by', by default: turns are taken when "
      + "the run begins, before the list is known; write serial_by: null on the stage to have none"),
]
