//! What an error field says beyond its message: its type and where it came from.

use std::any::type_name;
use std::error::Error;
use std::fmt::{self, Write};

use super::text::Limited;

/// Links of a chain that are written; an error may be its own source.
const MAX_LINKS: usize = 16;
/// Longest chain, as written.
pub(super) const MAX_CHAIN_BYTES: usize = 8 * 1024;

type Probe = fn(&(dyn Error + 'static)) -> Option<&'static str>;

/// Types an error may turn out to have. `dyn Error` does not know its own.
#[derive(Debug)]
pub(crate) struct ErrorTypes(Vec<Probe>);

impl Default for ErrorTypes {
    fn default() -> Self {
        Self(vec![
            probe::<std::io::Error>,
            probe::<fmt::Error>,
            probe::<std::str::Utf8Error>,
            probe::<std::string::FromUtf8Error>,
            probe::<std::num::ParseIntError>,
            probe::<std::num::ParseFloatError>,
            probe::<std::net::AddrParseError>,
            probe::<std::sync::mpsc::RecvError>,
            probe::<std::time::SystemTimeError>,
        ])
    }
}

impl ErrorTypes {
    pub(crate) fn add<E: Error + 'static>(&mut self) {
        self.0.push(probe::<E>);
    }

    pub(super) fn name_of(&self, error: &(dyn Error + 'static)) -> Option<&'static str> {
        self.0.iter().rev().find_map(|probe| probe(error))
    }
}

fn probe<E: Error + 'static>(error: &(dyn Error + 'static)) -> Option<&'static str> {
    error.is::<E>().then(type_name::<E>)
}

/// Writes the error and its sources, one to a line, outermost first.
pub(super) fn write_chain(out: &mut Limited<'_>, error: &(dyn Error + 'static)) -> fmt::Result {
    let mut link = Some(error);
    for number in 0..MAX_LINKS {
        let Some(error) = link else {
            return Ok(());
        };
        if number > 0 {
            out.push("\n");
        }
        write!(out, "{number}: {error}")?;
        link = error.source();
    }
    if link.is_some() {
        out.push("\n…");
    }
    Ok(())
}
