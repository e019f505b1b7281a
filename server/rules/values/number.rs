//! Numbers, truth values and sizes, as Go's `strconv` and docker/go-units read them.

/// `true` or `false` in the spellings that Go knows (`strconv.ParseBool`).
pub fn is_bool(text: &str) -> bool {
    const VALUES: [&str; 12] =
        ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"];
    VALUES.contains(&text)
}

/// A number of 32 bits without a sign (`strconv.ParseUint`).
pub fn unsigned(text: &str, radix: u32) -> Option<u32> {
    if text.starts_with('+') {
        return None;
    }
    u32::from_str_radix(text, radix).ok()
}

/// Whether a size is one, such as `1g`, `1.5 MiB` or `1024` (docker/go-units, `RAMInBytes`).
pub fn is_size(text: &str) -> bool {
    let Some(last) = text.rfind(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' ')) else { return false };
    let number = text[..last + 1].strip_suffix(' ').unwrap_or(&text[..last + 1]);
    is_amount(number) && is_unit(&text[last + 1..].to_ascii_lowercase())
}

fn is_amount(text: &str) -> bool {
    if text.contains(['x', 'X']) {
        // A hexadecimal fraction: nobody's, and not worth reading.
        return true;
    }
    let is_finite = |number: &f64| number.is_finite() || !text.contains(|c: char| c.is_ascii_digit());
    // Written out, an infinite one is a number to Go.
    text.parse().ok().filter(is_finite).is_some_and(|number: f64| number.is_nan() || number >= 0.0)
}

fn is_unit(unit: &str) -> bool {
    match unit.as_bytes() {
        [] | [b'b'] => true,
        [b'k' | b'm' | b'g' | b't' | b'p', rest @ ..] => matches!(rest, [] | [b'b'] | [b'i', b'b']),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_go() {
        assert_eq!(unsigned("0755", 8), Some(0o755));
        for text in ["", "-1", "+1", "9", "1_0", "0o7", "77777777777777"] {
            assert_eq!(unsigned(text, 8), None, "{text}");
        }
        assert!(is_bool("T") && !is_bool("tRUE") && !is_bool("yes") && !is_bool(""));
    }

    #[test]
    fn sizes_have_an_amount_and_may_have_a_unit() {
        for text in ["1", "1k", "1KB", "1 kb", "1.5GiB", ".5m", "10b", "1e3"] {
            assert!(is_size(text), "{text}");
        }
        for text in ["", "k", "1x", "1kk", "1  k", "-1", "1ibb", "1bb", "1eb", "1mib2x", "é", "1é"] {
            assert!(!is_size(text), "{text}");
        }
    }
}
