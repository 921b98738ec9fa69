//! Any text as a JSON Schema and as a Protocol Buffers file.

use std::process::ExitCode;

use otel_log_bridge::Schema;

const SEEDS: &[&[u8]] = &[
    br#"{"title":"s","version":2,"type":"object","properties":{"a":{"type":"string","enum":["x"],"maxLength":5},"b":{"type":"number","minimum":0,"maximum":1.5}},"required":["a"],"allOf":[{"if":{"properties":{"event_name":{"const":"e"}}},"then":{"properties":{"c":{"type":"integer"}},"required":["c"]}}],"unevaluatedProperties":false}"#,
    b"syntax = \"proto3\"; package p; message M { string a = 1; enum E { X = 0; } E e = 2; message N { M m = 1; } N n = 3; map<string, int32> s = 4; oneof o { bytes b = 5 [(x) = {y: \"]\"}]; } reserved 9; }",
    b"// c\n/* d */ message M { required .p.M m = 1; repeated int32 i = 2; extensions 4 to 5; }",
];

const DICTIONARY: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\u",
    b"\\ud83e\\udd80",
    b"1e999",
    b"null",
    b"message ",
    b"enum ",
    b"oneof ",
    b"map<",
    b"=",
    b";",
    b"/*",
    b"*/",
    b"//",
    b"\"properties\":{",
    b"\"title\":\"s\"",
];

fn main() -> ExitCode {
    otel_fuzz::run(SEEDS, DICTIONARY, |input| {
        let Ok(text) = std::str::from_utf8(input) else {
            return;
        };
        let read = [
            Schema::from_json_schema(text),
            Schema::from_proto(text, "M", 1),
        ];
        for schema in read.into_iter().flatten() {
            // What is written is read as the same.
            let written = schema.to_json_schema();
            let again = Schema::from_json_schema(&written);
            let again = again.unwrap_or_else(|error| panic!("{error}: {written}"));
            assert_eq!(again.to_json_schema(), written);
            assert!(
                again
                    .changes_since(&schema)
                    .iter()
                    .all(|change| !change.is_breaking())
            );
            let _ = schema.to_elasticsearch_template();
            let _ = schema.to_markdown();
        }
    })
}
