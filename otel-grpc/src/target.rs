//! The server a channel is configured for, from its target.
//!
//! The conventions want the address as configured: resolved addresses come and go, and thousands of
//! them would be thousands of series. The forms are those of gRPC's naming document.

/// Host and port of a target; without a port where the target names none, and whole where it names
/// more than one server or a scheme of its own.
pub(crate) fn parse(target: &str) -> (&str, Option<u16>) {
    let (scheme, rest) = match target.split_once(':') {
        Some((scheme @ ("dns" | "unix" | "http" | "https" | "passthrough"), rest)) => {
            (scheme, rest)
        }
        Some((_, rest)) if rest.starts_with("//") => return (target, None),
        Some(("ipv4" | "ipv6" | "unix-abstract" | "vsock", _)) => return (target, None),
        _ => ("", target),
    };
    // What follows `//` is an authority; for a name service it is the one that is asked.
    let endpoint = match (scheme, rest.strip_prefix("//")) {
        ("http" | "https", Some(rest)) => rest.split(['/', '?']).next().unwrap_or(rest),
        (_, Some(rest)) if scheme == "unix" => rest,
        (_, Some(rest)) => rest.split_once('/').map_or(rest, |(_, endpoint)| endpoint),
        (_, None) => rest,
    };
    match scheme {
        "unix" => (endpoint, None),
        _ if endpoint.contains(',') => (target, None),
        _ => host_and_port(endpoint),
    }
}

fn host_and_port(endpoint: &str) -> (&str, Option<u16>) {
    if let Some(rest) = endpoint.strip_prefix('[')
        && let Some((host, port)) = rest.split_once(']')
    {
        return (
            host,
            port.strip_prefix(':').and_then(|port| port.parse().ok()),
        );
    }
    match endpoint.rsplit_once(':') {
        // An IPv6 address without brackets has no port.
        Some((host, _)) if host.contains(':') => (endpoint, None),
        Some((host, port)) => match port.parse() {
            Ok(port) => (host, Some(port)),
            Err(_) => (endpoint, None),
        },
        None => (endpoint, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_a_target() {
        for (target, host, port) in [
            ("shop:50051", "shop", Some(50051)),
            ("shop", "shop", None),
            ("dns:shop:50051", "shop", Some(50051)),
            ("dns:///shop:50051", "shop", Some(50051)),
            ("dns://8.8.8.8/shop:50051", "shop", Some(50051)),
            ("http://shop.example:8080/", "shop.example", Some(8080)),
            ("https://shop.example", "shop.example", None),
            ("http://[::1]:50051", "::1", Some(50051)),
            ("[::1]:50051", "::1", Some(50051)),
            ("::1", "::1", None),
            ("unix:///run/shop.sock", "/run/shop.sock", None),
            ("unix:run/shop.sock", "run/shop.sock", None),
            (
                "ipv4:10.0.0.1:80,10.0.0.2:80",
                "ipv4:10.0.0.1:80,10.0.0.2:80",
                None,
            ),
            ("zk://zk1,zk2/shop", "zk://zk1,zk2/shop", None),
            ("a:1,b:2", "a:1,b:2", None),
            ("passthrough:///shop:1", "shop", Some(1)),
        ] {
            assert_eq!(parse(target), (host, port), "{target}");
        }
    }
}
