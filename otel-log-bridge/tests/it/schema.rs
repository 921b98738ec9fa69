//! Declared fields, what departs from them, and versions held against each other.

use std::panic::{AssertUnwindSafe, catch_unwind};

use otel_log_bridge::{
    ChangeKind, Drift, DriftReport, FieldType, OnDrift, Schema, SchemaField, log_event,
};
use serde_json::{Value, json};

use crate::support::{PATIENCE, builder, parse, stack};

fn schema() -> Schema {
    Schema::builder("shop.logs", 3)
        // A bridge is told of every callsite of the process, so also of those of other tests.
        .add_target("contract::*")
        .add_field(SchemaField::text("tenant"))
        .add_field(SchemaField::float("ratio").with_range(0.0..=1.0))
        .add_event(
            "order.placed",
            [
                SchemaField::text("order.id").required().with_max_len(8),
                SchemaField::text("state").with_one_of(["open", "paid"]),
                SchemaField::integer("count").with_description("of | items"),
                SchemaField::boolean("express"),
            ],
        )
        .build()
        .unwrap()
}

fn with(on_drift: OnDrift, log: impl FnOnce()) -> (Vec<Value>, DriftReport) {
    of(schema(), on_drift, log)
}

fn of(schema: Schema, on_drift: OnDrift, log: impl FnOnce()) -> (Vec<Value>, DriftReport) {
    let (stack, guard, lines) = stack(builder().with_schema(schema, on_drift));
    tracing::subscriber::with_default(stack, log);
    guard.flush(PATIENCE);
    let records = lines.lines().iter().map(|line| parse(line)).collect();
    (records, guard.drift())
}

fn own(records: &[Value]) -> Vec<&Value> {
    records
        .iter()
        .filter(|r| r["target"] != "otel_log_bridge")
        .collect()
}

fn departing() {
    tracing::info!(
        name: "order.placed",
        target: "contract::departing",
        state = "lost",
        order.id = "far too long an id",
        count = "17",
        ratio = 7.5,
        express = "perhaps",
        colour = "red",
        "placed"
    );
    tracing::info!(name: "order.placed", target: "contract::departing", express = true, "without an id");
}

#[test]
fn each_departure_is_reported_with_its_place() {
    let (records, drift) = with(OnDrift::Report, departing);
    let found: Vec<(Drift, &str)> = drift
        .places()
        .iter()
        .map(|p| (p.drift(), p.field()))
        .collect();
    assert_eq!(
        found,
        [
            (Drift::UnknownField, "colour"),
            (Drift::NotListed, "state"),
            (Drift::TooLong, "order.id"),
            (Drift::WrongType, "count"),
            (Drift::OutOfRange, "ratio"),
            (Drift::WrongType, "express"),
            (Drift::Missing, "order.id"),
        ]
    );
    assert!(
        drift
            .places()
            .iter()
            .all(|place| place.location().contains("tests/it/schema.rs:"))
    );
    assert!(drift.to_string().contains("wrong_type `count` (text) at"));
    // It is written all the same, and the log says so itself.
    let own = own(&records);
    assert_eq!(
        (&own[0]["colour"], &own[0]["count"]),
        (&json!("red"), &json!("17"))
    );
    assert_eq!(own[0]["log.schema"], "shop.logs/3");
    let told = records
        .iter()
        .filter(|r| r["event_name"] == "log.schema.drift")
        .count();
    assert_eq!(told, 7);
}

#[test]
fn a_field_nobody_declared_is_found_before_it_is_logged() {
    let schema = Schema::builder("early", 1)
        .add_target("early")
        .add_field(SchemaField::text("tenant"))
        .build()
        .unwrap();
    let (records, drift) = of(schema, OnDrift::Report, || {
        // The callsite is met, and its event is not wanted.
        tracing::trace!(target: "early", undeclared = 1, "never");
        tracing::info!(target: "early", tenant = "t", "fine");
    });
    assert_eq!(own(&records).len(), 2);
    assert_eq!(drift.places().len(), 1);
    assert_eq!(
        (drift.places()[0].drift(), drift.places()[0].count()),
        (Drift::UnknownField, 1)
    );
}

#[test]
fn drift_is_coerced_renamed_or_denied() {
    let (records, _) = with(OnDrift::Coerce, departing);
    let first = own(&records)[0];
    assert_eq!(
        (&first["count"], &first["express__text"]),
        (&json!(17), &json!("perhaps"))
    );
    assert_eq!((first.get("express"), &first["ratio"]), (None, &json!(7.5)));

    let (records, _) = with(OnDrift::Rename, departing);
    let first = own(&records)[0];
    assert_eq!(
        (&first["count__text"], first.get("count")),
        (&json!("17"), None)
    );

    let (records, _) = with(OnDrift::Deny, departing);
    let first = own(&records)[0];
    for left_out in ["count", "express", "ratio", "state", "order.id", "colour"] {
        assert_eq!(first.get(left_out), None, "{left_out}");
    }
    assert_eq!(first["otel.dropped_attributes_count"], 5);
    assert_eq!(own(&records)[1]["express"], true);
}

#[test]
fn a_strict_schema_fails_the_test_at_its_line() {
    let (records, _) = with(OnDrift::Strict, || {
        let fails = |log: &dyn Fn()| catch_unwind(AssertUnwindSafe(log)).is_err();
        assert!(fails(
            &|| tracing::info!(target: "contract::strict", tenant = 7, "x")
        ));
        assert!(fails(
            &|| tracing::info!(name: "order.placed", target: "contract::strict", "no id")
        ));
        assert!(!fails(
            &|| tracing::info!(target: "contract::strict", tenant = "t", "x")
        ));
        assert!(!fails(
            &|| tracing::info!(target: "elsewhere", tenant = 7, "x")
        ));
    });
    assert_eq!(own(&records).len(), 2);
}

#[test]
fn a_schema_is_exported_and_read_back() {
    let exported = schema().to_json_schema();
    let json: Value = serde_json::from_str(&exported).unwrap();
    assert_eq!(json["properties"]["tenant"], json!({"type": "string"}));
    assert_eq!(json["unevaluatedProperties"], false);
    let order = &json["allOf"][0];
    assert_eq!(
        order["if"]["properties"]["event_name"]["const"],
        "order.placed"
    );
    assert_eq!(order["then"]["required"], json!(["order.id"]));
    let back = Schema::from_json_schema(&exported).unwrap();
    assert_eq!(back.changes_since(&schema()), []);
    assert_eq!(back.to_json_schema(), exported);

    let template: Value = serde_json::from_str(&schema().to_elasticsearch_template()).unwrap();
    let mappings = &template["template"]["mappings"];
    assert_eq!(mappings["dynamic"], false);
    assert_eq!(mappings["properties"]["count"], json!({"type": "long"}));
    assert_eq!(mappings["properties"]["ratio"], json!({"type": "double"}));
    assert_eq!(
        mappings["properties"]["order.id"],
        json!({"type": "keyword", "ignore_above": 8})
    );
    assert_eq!(template["index_patterns"], json!(["shop.logs-*"]));

    let markdown = schema().to_markdown();
    assert!(markdown.starts_with("# shop.logs/3\n"));
    assert!(markdown.contains("## `order.placed`"));
    assert!(
        markdown.contains("| `order.id` | text | yes | at most 8 characters |  |"),
        "{markdown}"
    );
    assert!(markdown.contains("of \\| items"));

    for bad in [
        "",
        "[]",
        "{}",
        "{\"title\":\"\"}",
        "{\"title\":\"x\",\"properties\":{\"\":{}}}",
    ] {
        assert!(Schema::from_json_schema(bad).is_err(), "{bad}");
    }
}

#[test]
fn versions_are_compared() {
    let base = || Schema::builder("s", 1);
    let field = SchemaField::integer;
    let cases: [(SchemaField, Option<SchemaField>, &[ChangeKind], bool); 10] = [
        (field("a"), None, &[ChangeKind::Removed], true),
        (
            field("a"),
            Some(SchemaField::text("a")),
            &[ChangeKind::Type],
            true,
        ),
        (
            field("a"),
            Some(field("a").required()),
            &[ChangeKind::BecameRequired],
            true,
        ),
        (
            field("a").required(),
            Some(field("a")),
            &[ChangeKind::BecameOptional],
            true,
        ),
        (
            field("a").with_range(0.0..=1.0),
            Some(field("a").with_range(0.0..=2.0)),
            &[ChangeKind::Widened],
            true,
        ),
        (
            field("a").with_range(0.0..=1.0),
            Some(field("a")),
            &[ChangeKind::Widened],
            true,
        ),
        (
            field("a"),
            Some(field("a").with_range(0.0..=1.0)),
            &[ChangeKind::Narrowed],
            false,
        ),
        (
            SchemaField::text("a").with_one_of(["x"]),
            Some(SchemaField::text("a").with_one_of(["x", "y"])),
            &[ChangeKind::Widened],
            true,
        ),
        (
            SchemaField::text("a").with_max_len(5),
            Some(SchemaField::text("a").with_max_len(6)),
            &[ChangeKind::Widened],
            true,
        ),
        (
            field("a"),
            Some(field("a").with_description("better")),
            &[],
            false,
        ),
    ];
    for (old, new, kinds, is_breaking) in cases {
        let older = base().add_field(old).build().unwrap();
        let newer = new
            .into_iter()
            .fold(base(), |builder, field| builder.add_field(field));
        let changes = newer.build().unwrap().changes_since(&older);
        let found: Vec<ChangeKind> = changes.iter().map(|change| change.kind()).collect();
        assert_eq!(found, kinds);
        assert_eq!(
            changes.iter().any(|change| change.is_breaking()),
            is_breaking,
            "{kinds:?}"
        );
    }
    let older = base().build().unwrap();
    let newer = base()
        .add_field(field("optional"))
        .add_field(field("needed").required())
        .add_event("new", [field("x").required()]);
    let changes = newer.build().unwrap().changes_since(&older);
    let breaking: Vec<&str> = changes
        .iter()
        .filter(|c| c.is_breaking())
        .map(|c| c.field())
        .collect();
    assert_eq!((changes.len(), breaking), (3, vec!["needed"]));
}

#[test]
fn a_message_of_protocol_buffers_is_a_schema() {
    let proto = r#"
        // A comment with message Fake { string x = 1; }
        syntax = "proto2";
        package shop.v1;
        import "google/protobuf/timestamp.proto";
        option java_package = "x;y{z}";
        /* message Fake {} */
        enum Currency { option allow_alias = true; EUR = 0; USD = 1 [deprecated = true]; reserved 9; }
        message Outer {
            message Inner { optional double amount = 1; optional Inner again = 2; }
            enum Currency { GBP = 0; }
            required string id = 1 [(validate.rules).string = {min_len: 1, pattern: "a;b"}];
            optional uint32 count = 2;
            repeated string tags = 3;
            map<string, int32> sizes = 4;
            optional Inner total = 5;
            optional Currency currency = 6;
            optional .shop.v1.Currency outer_currency = 7;
            oneof kind { bool express = 8; bytes blob = 9; }
            optional google.protobuf.Timestamp at = 10;
            optional string owner = 11 [(google.api.field_behavior) = REQUIRED];
            reserved 20 to 30;
            extensions 100 to 199;
            optional Unknown thing = 12;
        }
        service S { rpc Get(Outer) returns (Outer) { option x = 1; } }
    "#;
    let schema = Schema::from_proto(proto, "shop.v1.Outer", 2).unwrap();
    let found: Vec<(&str, FieldType, bool)> = schema
        .fields()
        .map(|field| (field.name(), field.field_type(), field.is_required()))
        .collect();
    use FieldType::{Any, Boolean, Bytes, Float, Integer, Text};
    assert_eq!(
        found,
        [
            ("at", Text, false),
            ("blob", Bytes, false),
            ("count", Integer, false),
            ("currency", Text, false),
            ("express", Boolean, false),
            ("id", Text, true),
            ("outer_currency", Text, false),
            ("owner", Text, true),
            ("sizes", Any, false),
            ("tags", Any, false),
            ("thing", Any, false),
            ("total.again", Any, false),
            ("total.amount", Float, false),
        ]
    );
    let json: Value = serde_json::from_str(&schema.to_json_schema()).unwrap();
    assert_eq!(json["properties"]["currency"]["enum"], json!(["GBP"]));
    assert_eq!(
        json["properties"]["outer_currency"]["enum"],
        json!(["EUR", "USD"])
    );
    let long = format!("message A {{ {} }}", "message B {".repeat(100));
    for bad in [
        "",
        "message A {",
        "message A { string }",
        "message A { string s 1; }",
        "}",
        "message A { \"",
        &long,
    ] {
        assert!(Schema::from_proto(bad, "A", 1).is_err(), "{bad}");
    }
}

#[test]
fn a_contradiction_is_no_schema() {
    let refused = [
        Schema::builder("", 1).build(),
        Schema::builder("s", 1)
            .add_field(SchemaField::text(""))
            .build(),
        Schema::builder("s", 1)
            .add_field(SchemaField::text("a"))
            .add_field(SchemaField::text("a"))
            .build(),
        Schema::builder("s", 1)
            .add_field(SchemaField::float("a").with_range(2.0..=1.0))
            .build(),
        Schema::builder("s", 1)
            .add_event("e", [SchemaField::text("a")])
            .add_event("f", [SchemaField::integer("a")])
            .build(),
    ];
    assert!(refused.iter().all(Result::is_err));
}

const FIELDS: &[(&str, FieldType)] = &[
    ("order.id", FieldType::Text),
    ("amount", FieldType::Float),
    ("coupon", FieldType::Text),
    ("items", FieldType::Integer),
];

log_event! {
    /// An order was placed.
    struct Placed<'a>: WARN "order.placed" in FIELDS {
        id: &'a str = "order.id",
        /// An integer is a float, too.
        amount: i64 = "amount",
        items: u32 = "items",
        coupon: Option<String> = "coupon",
    }
}

#[test]
fn a_struct_is_an_event() {
    let (stack, guard, lines) = stack(builder());
    tracing::subscriber::with_default(stack, || {
        Placed {
            id: "o-17",
            amount: 5,
            items: 2,
            coupon: None,
        }
        .emit();
    });
    guard.flush(PATIENCE);
    let record = parse(&lines.lines()[0]);
    assert_eq!(
        (&record["event_name"], &record["severity_text"]),
        (&json!("order.placed"), &json!("WARN"))
    );
    assert_eq!(
        (&record["order.id"], &record["amount"], &record["items"]),
        (&json!("o-17"), &json!(5), &json!(2))
    );
    assert_eq!(record.get("coupon"), None);
    let fields = Placed::fields();
    let required: Vec<&str> = fields
        .iter()
        .filter(|f| f.is_required())
        .map(|f| f.name())
        .collect();
    assert_eq!(required, ["order.id", "amount", "items"]);
}
