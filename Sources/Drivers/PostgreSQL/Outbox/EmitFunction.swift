/// `millrace.emit`, as the database knows it.
///
/// It runs with the rights of its owner and finds nothing by the caller's search path, so that an application's role
/// needs the right to execute it and no other. It sends no notification: that would make commits wait for each other.
enum EmitFunction {
  static let script = """
    CREATE FUNCTION millrace.emit(
      type text, tenant_id text, payload jsonb, id text DEFAULT NULL, source text DEFAULT NULL,
      version integer DEFAULT NULL, occurred_at timestamptz DEFAULT NULL, actor_id text DEFAULT NULL,
      resource jsonb DEFAULT NULL, correlation_id text DEFAULT NULL, traceparent text DEFAULT NULL,
      tracestate text DEFAULT NULL, context jsonb DEFAULT NULL, provenance jsonb DEFAULT NULL)
    RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $emit$
    DECLARE
      moment constant timestamptz := clock_timestamp();
      event_id constant text := coalesce(emit.id, \(ulid));
    BEGIN
      IF (emit.type COLLATE "C" ~ '^[A-Za-z][A-Za-z0-9._-]{0,127}$') IS NOT TRUE THEN
        \(refusal("type", "1 to 128 letters, digits, dots, hyphens and underscores, and begins with a letter"))
      END IF;
      IF (emit.tenant_id COLLATE "C" ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$') IS NOT TRUE THEN
        \(refusal("tenant_id", tenantRule))
      END IF;
      IF char_length(event_id) NOT BETWEEN 1 AND 128 OR event_id ~ '[\\x01-\\x1f\\x7f]' THEN
        \(refusal("id", "a text of 1 to 128 characters without control characters"))
      END IF;
      IF emit.payload IS NULL THEN
        \(refusal("payload", "required; it may be {}"))
      END IF;
      IF octet_length(emit.payload::text) > 262144 THEN
        RAISE EXCEPTION 'millrace.emit: payload is longer than 262144 bytes.' USING ERRCODE = '54000',
          HINT = 'Put larger things into object storage and refer to them.';
      END IF;
      IF emit.version < 1 THEN
        \(refusal("version", "a whole number of at least 1"))
      END IF;
      \(texts.map(check).joined(separator: "\n  "))
      IF emit.resource IS NOT NULL AND (jsonb_typeof(emit.resource) <> 'object'
          OR emit.resource - '{kind,id}'::text[] <> '{}'
          OR jsonb_typeof(emit.resource -> 'kind') IS DISTINCT FROM 'string'
          OR jsonb_typeof(emit.resource -> 'id') IS DISTINCT FROM 'string') THEN
        \(refusal("resource", "an object with the texts kind and id"))
      END IF;
      IF emit.context IS NOT NULL AND (jsonb_typeof(emit.context) <> 'object' OR \(holdsOtherThanTexts("context"))
          OR jsonb_array_length(jsonb_path_query_array(emit.context, '$.keyvalue()')) > 32) THEN
        \(refusal("context", "an object of at most 32 texts"))
      END IF;
      IF emit.provenance IS NOT NULL AND (jsonb_typeof(emit.provenance) <> 'object'
          OR emit.provenance - '{source_ip,user_agent,plugin_id}'::text[] <> '{}'
          OR \(holdsOtherThanTexts("provenance"))) THEN
        \(refusal("provenance", "an object with the texts source_ip, user_agent and plugin_id"))
      END IF;
      -- The transaction has its number before the row has its place: whoever drains relies on this order.
      PERFORM pg_current_xact_id();
      INSERT INTO millrace.outbox (envelope) VALUES (jsonb_strip_nulls(jsonb_build_object(
        'id', event_id, 'source', emit.source, 'type', emit.type, 'version', emit.version,
        'occurred_at', to_char(coalesce(emit.occurred_at, moment) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'tenant_id', emit.tenant_id, 'actor_id', emit.actor_id, 'resource', emit.resource,
        'correlation_id', emit.correlation_id, 'traceparent', emit.traceparent, 'tracestate', emit.tracestate,
        'context', emit.context, 'provenance', emit.provenance)) || jsonb_build_object('payload', emit.payload));
      RETURN event_id;
    END
    $emit$;
    REVOKE ALL ON FUNCTION millrace.emit FROM PUBLIC;
    COMMENT ON FUNCTION millrace.emit IS 'Emits an event when the transaction commits; gives the event''s id.';
    """

  private static let tenantRule =
    "1 to 64 letters, digits, dots, hyphens and underscores, and begins with a letter or digit"
  private static let texts = ["source", "actor_id", "correlation_id", "traceparent", "tracestate"]

  private static func check(_ field: String) -> String {
    """
    IF char_length(emit.\(field)) NOT BETWEEN 1 AND 1024 OR emit.\(field) ~ '[\\x01-\\x1f\\x7f]' THEN
        \(refusal(field, "a text of 1 to 1024 characters without control characters"))
      END IF;
    """
  }

  private static func holdsOtherThanTexts(_ field: String) -> String {
    #"jsonb_path_exists(emit.\#(field), 'strict $.* ? (@.type() != "string")', '{}', true)"#
  }

  private static func refusal(_ field: String, _ rule: String) -> String {
    """
    RAISE EXCEPTION 'millrace.emit: \(field) is wrong.' USING ERRCODE = '22023', HINT = '\(field) is \(rule).';
    """
  }

  /// A ULID: ten characters of the moment, and sixteen of a random UUID's bytes, of which each gives five bits.
  private static var ulid: String {
    let alphabet = "'0123456789ABCDEFGHJKMNPQRSTVWXYZ'"
    let time = stride(from: 45, through: 0, by: -5).map { shift in
      "substr(\(alphabet), 1 + ((extract(epoch FROM moment) * 1000)::bigint >> \(shift) & 31)::integer, 1)"
    }
    let random =
      "(SELECT string_agg(substr(\(alphabet), 1 + (get_byte(bytes, i) & 31), 1), '') "
      + "FROM uuid_send(gen_random_uuid()) AS bytes, generate_series(0, 15) AS i)"
    return (time + [random]).joined(separator: " || ")
  }
}
