//! Signals, as STOPSIGNAL takes them on Linux (moby/sys/signal, `ParseSignal`).

/// The names of Linux's signals in lower case, without `SIG`. Those of real time come with them.
pub const NAMES: [&str; 34] = [
    "abrt", "alrm", "bus", "chld", "cld", "cont", "fpe", "hup", "ill", "int", "io", "iot", "kill", "pipe",
    "poll", "prof", "pwr", "quit", "segv", "stkflt", "stop", "sys", "term", "trap", "tstp", "ttin", "ttou",
    "urg", "usr1", "usr2", "vtalrm", "winch", "xcpu", "xfsz",
];

/// Whether a text names a signal, or is a number other than 0.
pub fn is_signal(text: &str) -> bool {
    if let Ok(number) = text.parse::<i64>() {
        return number != 0;
    }
    let lower = text.to_lowercase();
    let name = lower.strip_prefix("sig").unwrap_or(&lower);
    NAMES.contains(&name) || is_real_time(name)
}

fn is_real_time(name: &str) -> bool {
    let within = |offset: &str, most: u32| {
        let number = super::number::unsigned(offset, 10).filter(|number| (1..=most).contains(number));
        number.is_some_and(|number| number.to_string() == offset)
    };
    match (name.strip_prefix("rtmin"), name.strip_prefix("rtmax")) {
        (Some(""), _) | (_, Some("")) => true,
        (Some(offset), _) => offset.strip_prefix('+').is_some_and(|offset| within(offset, 15)),
        (_, Some(offset)) => offset.strip_prefix('-').is_some_and(|offset| within(offset, 14)),
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_names_and_numbers() {
        for text in ["SIGTERM", "sigterm", "term", "9", "-1", "+9", "SIGRTMIN", "RTMIN+15", "SIGRTMAX-14"] {
            assert!(is_signal(text), "{text}");
        }
        for text in
            ["", "0", "SIG", "SIGFOO", "SIGSIGTERM", "9 9", "RTMIN+16", "RTMIN+01", "RTMAX-15", "RTMIN-1"]
        {
            assert!(!is_signal(text), "{text}");
        }
    }
}
