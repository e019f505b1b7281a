//! Signals that containers are stopped with.

/// Values of STOPSIGNAL that programs take for a reason to stop, the usual ones first, each with what it asks for.
pub const SIGNALS: [(&str, &str); 9] = [
    ("SIGTERM", "Stop; what Docker sends without a STOPSIGNAL"),
    ("SIGINT", "Stop, as with Ctrl+C"),
    ("SIGQUIT", "Stop when all requests are answered, for nginx and PHP-FPM"),
    ("SIGWINCH", "Stop when all requests are answered, for Apache's httpd"),
    ("SIGHUP", "The terminal is gone; often: read the settings again"),
    ("SIGUSR1", "Whatever the program makes of it"),
    ("SIGUSR2", "Whatever the program makes of it"),
    ("SIGKILL", "Stop at once; the program can't finish anything"),
    ("SIGRTMIN+3", "Shut down, for systemd"),
];

/// Names without `SIG`, numbers on x86 and ARM, and what the signal says to a program.
pub const ALL: [(&str, u8, &str); 31] = [
    ("HUP", 1, SIGNALS[4].1),
    ("INT", 2, SIGNALS[1].1),
    ("QUIT", 3, SIGNALS[2].1),
    ("ILL", 4, "An instruction that the processor does not know"),
    ("TRAP", 5, "A breakpoint"),
    ("ABRT", 6, "Abort; most programs leave a core dump"),
    ("BUS", 7, "A wrong access to memory"),
    ("FPE", 8, "A wrong calculation"),
    ("KILL", 9, SIGNALS[7].1),
    ("USR1", 10, SIGNALS[5].1),
    ("SEGV", 11, "An access to memory that is not there"),
    ("USR2", 12, SIGNALS[6].1),
    ("PIPE", 13, "Nobody reads what is written"),
    ("ALRM", 14, "A timer has run out"),
    ("TERM", 15, SIGNALS[0].1),
    ("STKFLT", 16, "Not used"),
    ("CHLD", 17, "A child process has ended; programs go on"),
    ("CONT", 18, "Go on after a stop"),
    ("STOP", 19, "Halts the program, which can't refuse and does not end"),
    ("TSTP", 20, "Halts the program, as Ctrl+Z does"),
    ("TTIN", 21, "A program in the background reads from the terminal"),
    ("TTOU", 22, "A program in the background writes to the terminal"),
    ("URG", 23, "Urgent data at a socket"),
    ("XCPU", 24, "Too much processor time"),
    ("XFSZ", 25, "A file has become too large"),
    ("VTALRM", 26, "A timer of processor time has run out"),
    ("PROF", 27, "A timer for profiling has run out"),
    ("WINCH", 28, SIGNALS[3].1),
    ("IO", 29, "Input or output is possible"),
    ("PWR", 30, "The power fails"),
    ("SYS", 31, "A call that the kernel does not know"),
];

/// The signal that a STOPSIGNAL names: with or without `SIG`, in any case, or by its number.
pub fn signal(text: &str) -> Option<&'static (&'static str, u8, &'static str)> {
    if let Ok(number) = text.parse::<u8>() {
        return ALL.iter().find(|signal| signal.1 == number);
    }
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    if name == "RTMIN+3" {
        return Some(&("RTMIN+3", 37, SIGNALS[8].1));
    }
    ALL.iter().find(|signal| signal.0 == name)
}
