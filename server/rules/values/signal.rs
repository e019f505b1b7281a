//! Signals, as STOPSIGNAL takes them on Linux (moby/sys/signal, `ParseSignal`).

/// The names of Linux's signals, without `SIG`. Those of real time come with them.
pub const NAMES: [&str; 34] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL",
    "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1",
    "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
];

/// Whether a text names a signal, or is a number other than 0.
pub fn is_signal(text: &str) -> bool {
    if let Ok(number) = text.parse::<i64>() {
        return number != 0;
    }
    let upper = text.to_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    NAMES.contains(&name) || is_real_time(name)
}

fn is_real_time(name: &str) -> bool {
    let within = |offset: &str, most: u32| {
        let number = super::number::unsigned(offset, 10).filter(|number| (1..=most).contains(number));
        number.is_some_and(|number| number.to_string() == offset)
    };
    match (name.strip_prefix("RTMIN"), name.strip_prefix("RTMAX")) {
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
        for text in ["", "0", "SIG", "SIGFOO", "SIGSIGTERM", "9 9", "RTMIN+16", "RTMIN+01", "RTMAX-15", "RTMIN-1"] {
            assert!(!is_signal(text), "{text}");
        }
    }
}
