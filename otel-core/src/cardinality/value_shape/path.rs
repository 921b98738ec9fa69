//! Paths with identifiers in them.

use super::ValueShape;

/// Whether a value is a path or a URL. `HTTP/2`, `1/2` and `text/html` are not.
pub(super) fn is_path(value: &str) -> bool {
    let scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    value.starts_with('/')
        || value
            .trim_start_matches(scheme)
            .strip_prefix("://")
            .is_some()
}

/// Whether a segment of the path identifies something.
pub(super) fn has_ids(path: &str) -> bool {
    without_query(path)
        .split('/')
        .any(|segment| segment_shape(segment).is_some())
}

/// Writes the path with a template for each segment that identifies something, without its query
/// and fragment.
///
/// A number becomes `{id}`; other shapes become their own template.
pub(crate) fn write_template(path: &str, to: &mut String) {
    for (at, segment) in without_query(path).split('/').enumerate() {
        if at > 0 {
            to.push('/');
        }
        to.push_str(match segment_shape(segment) {
            None => segment,
            Some(ValueShape::NumericId) => "{id}",
            Some(shape) => shape.template(),
        });
    }
}

/// Within a path every number counts, however short.
fn segment_shape(segment: &str) -> Option<ValueShape> {
    let shape = ValueShape::of(segment);
    let digits = !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
    if digits {
        Some(ValueShape::NumericId)
    } else {
        shape
    }
}

fn without_query(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}
