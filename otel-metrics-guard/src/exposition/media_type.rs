//! Content negotiation.
//!
//! Prometheus refuses a scrape whose `Content-Type` it did not ask for, and old readers know text
//! 0.0.4 alone; so OpenMetrics goes only to who asks for it, and everyone else gets text 0.0.4.

use std::cmp::Reverse;

use http::{HeaderMap, HeaderValue};

use super::Format;
use super::accept::{self, Offered};

/// The media type of an exposition: a format under one of its version numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaType {
    /// `application/openmetrics-text; version=1.0.0; charset=utf-8`
    OpenMetrics,
    /// `application/openmetrics-text; version=0.0.1; charset=utf-8`: the draft that Prometheus has
    /// asked for since before 1.0.0, the same text.
    OpenMetrics0_0_1,
    /// `text/plain; version=0.0.4; charset=utf-8`
    #[default]
    Text,
    /// `text/plain; version=1.0.0; charset=utf-8; escaping=underscores`: text 0.0.4 under the number
    /// Prometheus 3 gave it to negotiate how names outside the old alphabet are escaped. There are
    /// none here.
    Text1_0_0,
}

impl MediaType {
    /// Chooses by the `Accept` headers of a request.
    ///
    /// The highest weight wins; among equals, the range that comes first. `*/*` is no request for
    /// OpenMetrics, and a range without a version means OpenMetrics 1.0.0 or text 0.0.4. Text 1.0.0
    /// is answered only where text 0.0.4 is not acceptable. A request that accepts nothing there is
    /// gets text 0.0.4 too: a scrape that can be read beats an error that cannot.
    ///
    /// At most 32 ranges and 4 KiB are read, and what is malformed is passed over.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue, header::ACCEPT};
    /// use otel_metrics_guard::exposition::MediaType;
    ///
    /// let mut headers = HeaderMap::new();
    /// assert_eq!(MediaType::negotiate(&headers), MediaType::Text);
    ///
    /// let asked = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";
    /// headers.insert(ACCEPT, HeaderValue::from_static(asked));
    /// assert_eq!(MediaType::negotiate(&headers), MediaType::OpenMetrics);
    /// ```
    #[must_use]
    pub fn negotiate(headers: &HeaderMap) -> Self {
        // For each offer the range that describes it most closely: its specificity, weight, order.
        let mut found = [None::<(u8, u16, usize)>; OFFERS.len()];
        for (order, range) in accept::ranges(headers).enumerate() {
            for ((_, offered), best) in OFFERS.iter().zip(&mut found) {
                if let Some(specificity) = range.specificity(offered)
                    && best.is_none_or(|best| best.0 < specificity)
                {
                    *best = Some((specificity, range.weight, order));
                }
            }
        }
        let acceptable = || {
            OFFERS.iter().zip(found).filter_map(|(offer, best)| {
                let (_, weight, order) = best.filter(|(_, weight, _)| *weight > 0)?;
                Some((offer.0, weight, order))
            })
        };
        let best = acceptable().max_by_key(|(_, weight, order)| (*weight, Reverse(*order)));
        match best {
            Some((Self::Text1_0_0, ..)) if acceptable().any(|offer| offer.0 == Self::Text) => {
                Self::Text
            }
            Some((media_type, ..)) => media_type,
            None => Self::Text,
        }
    }

    /// The value of the `Content-Type` header.
    #[must_use]
    pub const fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::OpenMetrics0_0_1 => "application/openmetrics-text; version=0.0.1; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::Text1_0_0 => "text/plain; version=1.0.0; charset=utf-8; escaping=underscores",
        })
    }

    /// The format it stands for.
    #[must_use]
    pub const fn format(self) -> Format {
        match self {
            Self::OpenMetrics | Self::OpenMetrics0_0_1 => Format::OpenMetrics,
            Self::Text | Self::Text1_0_0 => Format::Text,
        }
    }
}

/// What can be had; of offers that one range describes equally well, the later is better.
const OFFERS: [(MediaType, Offered); 4] = [
    (MediaType::Text1_0_0, text("1.0.0", false)),
    (MediaType::OpenMetrics0_0_1, openmetrics("0.0.1", false)),
    (MediaType::OpenMetrics, openmetrics("1.0.0", true)),
    (MediaType::Text, text("0.0.4", true)),
];

const fn openmetrics(version: &'static str, is_default: bool) -> Offered {
    Offered {
        type_: "application",
        subtype: "openmetrics-text",
        version,
        is_default,
    }
}

const fn text(version: &'static str, is_default: bool) -> Offered {
    Offered {
        type_: "text",
        subtype: "plain",
        version,
        is_default,
    }
}
