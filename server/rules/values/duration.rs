//! Durations, as Go's `time.ParseDuration` reads them.

/// Why a text is no duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DurationError {
    /// A number without its unit.
    NoUnit,
    Other,
}

/// The units in nanoseconds.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads a duration such as `1m30s`, in nanoseconds.
pub fn parse(text: &str) -> Result<i64, DurationError> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1 } else { 1 };
    if unsigned == "0" {
        return Ok(0);
    }
    if unsigned.is_empty() {
        return Err(DurationError::Other);
    }
    let mut rest = unsigned;
    let mut sum: u64 = 0;
    while !rest.is_empty() {
        let number = digits(rest);
        let after = &rest[number.len()..];
        let fraction = after.strip_prefix('.').map(digits);
        if number.is_empty() && fraction.is_none_or(str::is_empty) {
            return Err(DurationError::Other);
        }
        let after = &after[fraction.map_or(0, |fraction| fraction.len() + 1)..];
        let unit_end = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_end);
        let Some((_, nanoseconds)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(if unit.is_empty() { DurationError::NoUnit } else { DurationError::Other });
        };
        let whole = if number.is_empty() { 0 } else { number.parse().map_err(|_| DurationError::Other)? };
        let part = fraction.filter(|fraction| !fraction.is_empty()).map_or(0.0, |fraction| {
            let part: f64 = format!("0.{fraction}").parse().unwrap_or_default();
            part * *nanoseconds as f64
        });
        sum = u64::checked_mul(whole, *nanoseconds)
            .and_then(|whole| whole.checked_add(part as u64))
            .and_then(|part| part.checked_add(sum))
            .filter(|&sum| sum <= 1 << 63)
            .ok_or(DurationError::Other)?;
        rest = next;
    }
    match (sign, sum) {
        (-1, _) => Ok((sum as i64).wrapping_neg()),
        _ => i64::try_from(sum).map_err(|_| DurationError::Other),
    }
}

fn digits(text: &str) -> &str {
    &text[..text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        for (text, expected) in [
            ("0", 0),
            ("+0", 0),
            ("1s", 1_000_000_000),
            ("1m30s", 90_000_000_000),
            ("1.5h", 5_400_000_000_000),
            (".5s", 500_000_000),
            ("1.s", 1_000_000_000),
            ("-1ms", -1_000_000),
            ("3µs", 3_000),
            ("1us", 1_000),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
        assert_eq!(parse("30"), Err(DurationError::NoUnit));
        for text in
            ["", "+", "s", ".s", "1e3s", "1 s", "1S", "1d", "9999999999h", "99999999999999999999s", "$X"]
        {
            assert_eq!(parse(text), Err(DurationError::Other), "{text}");
        }
    }
}
