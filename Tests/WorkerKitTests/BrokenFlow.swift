/// Broken turns and limits, and the exact lines that they must be refused with.
let brokenFlow = [
  BrokenFile(
    "limits",
    pipeline(
      """
        a: { uses: media.scan, with: { object: x }, limit: 20/s }
        b: { uses: media.scan, with: { object: x }, limit: [] }
        c: { uses: media.scan, with: { object: x }, limit: { key: "${event.id}" } }
        d: { uses: media.scan, with: { object: x }, limit: { concurrency: 4, burst: 2 } }
        e: { uses: media.scan, with: { object: x }, limit: { key: "", rate: 1/s, burst: 0, concurency: 4 } }
        f: { uses: media.scan, with: { object: x }, limit: [{ concurrency: 0 }, { rate: 5, burst: 10001 }, 7] }
        g: { uses: media.scan, with: { object: x }, limit: { key: [a], concurrency: 100001 } }
      """),
    "m.yaml:4:54: error P006: stages.a.limit must be a mapping or a list of mappings, not a text; write { rate: 20/s } "
      + "or { concurrency: 4 }",
    "m.yaml:5:54: error P009: stages.b.limit must have from 1 to 8 limits",
    "m.yaml:6:54: error P007: stages.c.limit needs the key 'rate' or the key 'concurrency'",
    "m.yaml:7:72: error P030: stages.d.limit.burst means nothing without stages.d.limit.rate",
    "m.yaml:8:61: error P009: stages.e.limit.key is an empty text; write \"${event.payload.key}\"",
    "m.yaml:8:83: error P009: stages.e.limit.burst must be a whole number from 1 to 10000",
    "m.yaml:8:86: error P004: unknown key 'concurency' in stages.e.limit; did you mean 'concurrency'?",
    "m.yaml:9:70: error P009: stages.f.limit[0].concurrency must be a whole number from 1 to 100000",
    "m.yaml:9:83: error P009: stages.f.limit[1].rate \(rateForm)",
    "m.yaml:9:93: error P009: stages.f.limit[1].burst must be a whole number from 1 to 10000",
    "m.yaml:9:102: error P006: stages.f.limit[2] must be a mapping, not a number",
    "m.yaml:10:61: error P006: stages.g.limit.key must be a text, not a list",
    "m.yaml:10:79: error P009: stages.g.limit.concurrency must be a whole number from 1 to 100000"),
  BrokenFile(
    "more limits than there may be",
    pipeline(
      "  a: { uses: media.scan, with: { object: x }, limit: ["
        + (1...9).map { "{ concurrency: \($0) }" }.joined(separator: ", ") + "] }"),
    "m.yaml:4:54: error P009: stages.a.limit must have from 1 to 8 limits"),
  BrokenFile(
    "keys of limits and turns",
    pipeline(
      scan + "\n"
        + """
          b:
            uses: media.scan
            needs: [scan]
            join: { scan: [failed] }
            limit: { key: "${scan.verdict}", rate: 1/s }
            fair_by: { key: "${scan.verdct:-}", weight: "${evnt.context.plan}" }
            with: { object: x }
          c:
            uses: media.scan
            limit: [{ key: "${scan.verdict}", rate: 1/s }, { key: "${event.tenant}", rate: 1/s }]
            fair_by: "${b.verdict} ${event.actor}"
            with: { object: x }
        """),
    "m.yaml:9:19: error P029: ${scan.verdict} may be absent: 'scan' need not have succeeded when 'b' runs; write "
      + "${scan.verdict:-null}, with what to use instead after ':-'",
    "m.yaml:10:21: error P016: worker media.scan of stage 'scan' returns no 'verdct'; did you mean 'verdict'?",
    "m.yaml:10:49: error P014: 'evnt' in ${evnt.context.plan} is neither 'event' nor a stage; did you mean 'event'?",
    "m.yaml:14:20: error P015: ${scan.verdict} is used, but 'c' does not need 'scan'; add 'scan' to its needs",
    "m.yaml:14:59: error P017: an event has no field 'tenant'",
    "m.yaml:15:14: error P015: ${b.verdict} is used, but 'c' does not need 'b'; add 'b' to its needs",
    "m.yaml:15:14: error P017: an event has no field 'actor'"),
  BrokenFile(
    "turns",
    pipeline(
      """
        a: { uses: media.scan, with: { object: x }, fair_by: [a] }
        b: { uses: media.scan, with: { object: x }, fair_by: {} }
        c: { uses: media.scan, with: { object: x }, fair_by: { key: a, weights: { free: 1 } } }
        d: { uses: media.scan, with: { object: x }, fair_by: { weight: pro } }
        e: { uses: media.scan, with: { object: x }, fair_by: { weight: pro, weights: { free: 0, pro: 1001 } } }
        f: { uses: media.scan, with: { object: x }, fair_by: { weight: 0, wieghts: { free: 1 } } }
        g: { uses: media.scan, with: { object: x }, fair_by: { weight: "${event.context.plan}", weights: {} } }
      """),
    "m.yaml:4:56: error P006: stages.a.fair_by must be a text, not a list",
    "m.yaml:5:56: error P007: stages.b.fair_by needs the key 'key' or the key 'weight'",
    "m.yaml:6:66: error P030: stages.c.fair_by.weights means nothing without stages.c.fair_by.weight",
    "m.yaml:7:66: error P009: stages.d.fair_by.weight must be a whole number from 1 to 1000, or a reference to one; "
      + "write \"${event.context.plan}\" and weights beside it",
    "m.yaml:8:66: error P009: stages.e.fair_by.weight must have a reference: weights are looked up by what it says; "
      + "write \"${event.context.plan}\"",
    "m.yaml:8:88: error P009: stages.e.fair_by.weights.free must be a whole number from 1 to 1000",
    "m.yaml:8:96: error P009: stages.e.fair_by.weights.pro must be a whole number from 1 to 1000",
    "m.yaml:9:66: error P009: stages.f.fair_by.weight must be a whole number from 1 to 1000",
    "m.yaml:9:69: error P004: unknown key 'wieghts' in stages.f.fair_by; did you mean 'weights'?",
    "m.yaml:10:100: error P009: stages.g.fair_by.weights must be a mapping with from 1 to 100 weights; write { free: "
      + "1, pro: 4 }"),
  BrokenFile(
    "turns at the top",
    "pipeline: media\ntrigger: { event: MediaUploaded }\nfair_by: ${scan.verdict}\ndefaults: { fair_by: a }\nstages:\n"
      + scan,
    "m.yaml:3:10: error P031: ${scan.verdict} is used in fair_by, which may refer to the event alone; write fair_by on "
      + "the stages that can refer to more",
    "m.yaml:4:13: error P030: fair_by stands both at the top, in line 3, and under defaults; take one of them away"),
  BrokenFile(
    "what is no key at the top", pipeline(scan, after: "fair_bye: a\nlimit: { rate: 1/s }\n"),
    "m.yaml:5:1: error P004: unknown key 'fair_bye'; did you mean 'fair_by'?",
    "m.yaml:6:1: error P004: unknown key 'limit'"),
  BrokenFile(
    "nothing at the top", pipeline(scan, after: "fair_by:\n"),
    "m.yaml:5:9: error P006: fair_by must be a text, not empty"),
]

/// What a text that is no rate is told to be.
let rateForm =
  "must be a rate: a count and a time of 1ms to 1d, at most 10000/s; write 20/s, 100/m, 5000/h or 1/10s"
