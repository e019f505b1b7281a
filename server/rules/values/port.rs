//! Ports, as EXPOSE takes them (dockerfile2llb/convert_expose.go).

use std::{net::IpAddr, ops::Range};

/// Why a port is none, with the part of the text that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortError {
    /// Nothing in front of the `/`, or at all.
    NoPort(Range<usize>),
    Protocol(Range<usize>),
    Address(Range<usize>),
    /// No number from 0 to 65535, or two with a `-`, the smaller first.
    Number(Range<usize>),
    /// A range of ports on the host that does not fit that of the container.
    Ranges(Range<usize>),
}

/// The protocols, in lower case.
pub const PROTOCOLS: [&str; 3] = ["tcp", "udp", "sctp"];

/// Checks `[[address:]host port:]port[/protocol]`.
pub fn check(text: &str) -> Result<(), PortError> {
    let (rest, container) = match text.rsplit_once(':') {
        Some((rest, container)) => (Some(rest), container),
        None => (None, text),
    };
    let (address, host) = match rest.map(|rest| rest.rsplit_once(':').unwrap_or(("", rest))) {
        Some((address, host)) => (address, host),
        None => ("", ""),
    };
    let at = text.len() - container.len();
    let (port, protocol) = container.split_once('/').unwrap_or((container, ""));
    if port.is_empty() {
        return Err(PortError::NoPort(at..text.len()));
    }
    if !protocol.is_empty() && !PROTOCOLS.contains(&protocol.to_lowercase().as_str()) {
        return Err(PortError::Protocol(text.len() - protocol.len()..text.len()));
    }
    if !is_address(address) {
        return Err(PortError::Address(0..address.len()));
    }
    let (first, last) = range(port).ok_or(PortError::Number(at..at + port.len()))?;
    if !host.is_empty() {
        let of_host = at - 1 - host.len()..at - 1;
        let (host_first, host_last) = range(host).ok_or_else(|| PortError::Number(of_host.clone()))?;
        if last - first != host_last - host_first && first != last {
            return Err(PortError::Ranges(of_host));
        }
    }
    Ok(())
}

/// An IP address, in brackets or not; none is fine.
fn is_address(text: &str) -> bool {
    let address = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((inner, "")) if !inner.contains('[') => inner,
            _ => return false,
        },
        None => text,
    };
    address.is_empty() || address.parse::<IpAddr>().is_ok()
}

/// `80` or `80-90`: the first and the last port.
fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_those_of_buildkit() {
        for text in [
            "80",
            "0",
            "+80",
            "80/tcp",
            "80/UDP",
            "80/",
            "80-90",
            "80-80/sctp",
            "8080:80",
            ":80",
            "1.2.3.4:80:80",
            "1.2.3.4::80",
            "[::1]:80:80",
            "::1:80:80",
            "[]:80:80",
            "80-82:90-92",
            "80-82:90",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        use PortError::{Address, NoPort, Number, Protocol, Ranges};
        for (text, expected) in [
            ("/tcp", NoPort(0..4)),
            ("80:", NoPort(3..3)),
            ("80/http", Protocol(3..7)),
            ("80/tcp/udp", Protocol(3..10)),
            ("a", Number(0..1)),
            ("65536", Number(0..5)),
            ("90-80", Number(0..5)),
            ("80-", Number(0..3)),
            ("-80", Number(0..3)),
            ("0x50", Number(0..4)),
            ("x:80", Number(0..1)),
            ("1.2.3:80:80", Address(0..5)),
            ("[::1:80:80", Address(0..4)),
            ("80-82:90-93", Ranges(0..5)),
        ] {
            assert_eq!(check(text), Err(expected), "{text}");
        }
    }
}
