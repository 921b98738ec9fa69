//! HTTP endings and status codes, after the OpenTelemetry HTTP span conventions.

use super::{Ending, Facts, Judgement, Outcome, Side, Status};

pub(super) fn judge(facts: &Facts) -> Judgement {
    let status = facts.http_status.map(Status::Http);
    let failed = |outcome: Outcome, error_type: &'static str| Judgement {
        outcome,
        error_type: Some(error_type),
        span_error: true,
        status,
    };
    match facts.ending {
        Ending::Panicked => failed(Outcome::Panic, "panic"),
        Ending::Dropped | Ending::ServiceError | Ending::BodyError if facts.deadline_passed => {
            failed(Outcome::Timeout, "timeout")
        }
        Ending::Dropped if facts.side == Side::Server => {
            failed(Outcome::ClientDisconnect, "client_disconnect")
        }
        // A caller that changes its mind has not failed: the span stays unset.
        Ending::Dropped => Judgement {
            outcome: Outcome::ClientDisconnect,
            error_type: None,
            span_error: false,
            status,
        },
        Ending::ServiceError => match facts.error_type {
            Some(name @ "timeout") => failed(Outcome::Timeout, name),
            Some(name @ "overloaded") => failed(Outcome::Shed, name),
            name => failed(Outcome::ServerError, name.unwrap_or("_OTHER")),
        },
        Ending::BodyError => failed(Outcome::BodyError, facts.error_type.unwrap_or("body_error")),
        Ending::Upgraded => Judgement {
            outcome: Outcome::Upgrade,
            error_type: None,
            span_error: false,
            status,
        },
        Ending::Complete | Ending::Trailers => by_status(facts.side, facts.http_status),
    }
}

fn by_status(side: Side, code: Option<u16>) -> Judgement {
    let code = code.unwrap_or_default();
    let outcome = match code {
        401 | 403 => Outcome::Denied,
        400..=499 => Outcome::ClientError,
        500.. => Outcome::ServerError,
        _ => Outcome::Ok,
    };
    let error = code >= 500 || (side == Side::Client && code >= 400);
    Judgement {
        outcome,
        error_type: error.then(|| status_text(code)),
        span_error: error,
        status: (code != 0).then_some(Status::Http(code)),
    }
}

/// A status code as static text, for labels: `100` to `599`, else `_OTHER`.
pub(crate) fn status_text(code: u16) -> &'static str {
    static TEXT: [[u8; 3]; 500] = status_table();
    usize::from(code)
        .checked_sub(100)
        .and_then(|index| TEXT.get(index))
        .and_then(|digits| std::str::from_utf8(digits).ok())
        .unwrap_or("_OTHER")
}

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "evaluated at compile time, where an out-of-bounds index is a compile error"
)]
const fn status_table() -> [[u8; 3]; 500] {
    let mut table = [[b'0'; 3]; 500];
    let mut index = 0;
    while index < 500 {
        let code = index + 100;
        table[index] = [
            b'0' + (code / 100) as u8,
            b'0' + (code / 10 % 10) as u8,
            b'0' + (code % 10) as u8,
        ];
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_text_covers_exactly_the_three_digit_codes() {
        assert_eq!(status_text(100), "100");
        assert_eq!(status_text(599), "599");
        for outside in [0, 99, 600, 999] {
            assert_eq!(status_text(outside), "_OTHER");
        }
    }
}
