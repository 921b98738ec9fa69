//! Content negotiation.
//!
//! Prometheus refuses a scrape whose `Content-Type` it did not ask for, and old readers know text
//! 0.0.4 alone; so OpenMetrics goes only to who asks for it, and everyone else gets text 0.0.4.

use std::cmp::Reverse;

use http::{HeaderMap, HeaderValue};

use super::accept::{self, Offered};
use super::{Escaping, Format, MediaType};

/// What a request is to be answered with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Negotiated {
    media_type: MediaType,
    escaping: Option<Escaping>,
}

impl Negotiated {
    /// Chooses by the `Accept` headers of a request.
    ///
    /// The highest weight wins; among equals, the range that comes first. `*/*` is no request for
    /// OpenMetrics, and a range without a version means OpenMetrics 1.0.0 or text 0.0.4. A request
    /// that accepts nothing there is gets text 0.0.4 too: a scrape that can be read beats an error
    /// that cannot.
    ///
    /// At most 32 ranges and 4 KiB are read, and what is malformed is passed over.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue, header::ACCEPT};
    /// use otel_metrics_guard::exposition::{Format, Negotiated};
    ///
    /// let mut headers = HeaderMap::new();
    /// assert_eq!(Negotiated::from_headers(&headers).format(), Format::Text);
    ///
    /// let asked = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";
    /// headers.insert(ACCEPT, HeaderValue::from_static(asked));
    /// assert_eq!(Negotiated::from_headers(&headers).format(), Format::OpenMetrics);
    /// ```
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Self {
        // For each offer the range that describes it most closely, with its specificity and place.
        let mut found = [None::<(u8, usize, accept::MediaRange<'_>)>; OFFERS.len()];
        for (order, range) in accept::ranges(headers).enumerate() {
            for ((_, offered), best) in OFFERS.iter().zip(&mut found) {
                if let Some(specificity) = range.specificity(offered)
                    && best.is_none_or(|(closest, ..)| closest < specificity)
                {
                    *best = Some((specificity, order, range));
                }
            }
        }
        OFFERS
            .iter()
            .zip(found)
            .filter_map(|((media_type, _), best)| Some((*media_type, best?)))
            .filter(|(_, (.., range))| range.weight > 0)
            .max_by_key(|(_, (_, order, range))| (range.weight, Reverse(*order)))
            .map(|(media_type, (.., range))| Self {
                media_type,
                escaping: range.escaping,
            })
            .unwrap_or_default()
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> MediaType {
        self.media_type
    }

    /// The format.
    #[must_use]
    pub const fn format(self) -> Format {
        self.media_type.format()
    }

    /// The value of the `Content-Type` header. It names an escaping scheme where one was asked for in
    /// a version that knows them, and in text 1.0.0, which is about nothing else, in any case.
    #[must_use]
    pub const fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match (self.media_type, self.escaping) {
            (MediaType::OpenMetrics, None) => {
                "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
            (MediaType::OpenMetrics, Some(Escaping::AllowUtf8)) => {
                "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
            }
            (MediaType::OpenMetrics, Some(Escaping::Underscores)) => {
                "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
            }
            (MediaType::OpenMetrics, Some(Escaping::Values)) => {
                "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=values"
            }
            (MediaType::OpenMetrics0_0_1, _) => {
                "application/openmetrics-text; version=0.0.1; charset=utf-8"
            }
            (MediaType::Text, _) => "text/plain; version=0.0.4; charset=utf-8",
            (MediaType::Text1_0_0, Some(Escaping::AllowUtf8)) => {
                "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
            }
            (MediaType::Text1_0_0, None | Some(Escaping::Underscores)) => {
                "text/plain; version=1.0.0; charset=utf-8; escaping=underscores"
            }
            (MediaType::Text1_0_0, Some(Escaping::Values)) => {
                "text/plain; version=1.0.0; charset=utf-8; escaping=values"
            }
        })
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
