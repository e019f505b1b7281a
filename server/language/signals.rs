//! What signals mean that a container can be stopped with (signal(7)).

/// Names without `SIG`, numbers on x86 and ARM, and what the signal says to a program.
pub const SIGNALS: [(&str, u8, &str); 31] = [
    ("HUP", 1, "The terminal is gone; many servers read their settings again"),
    ("INT", 2, "Interrupt, as Ctrl+C sends it; many programs stop quickly"),
    ("QUIT", 3, "Quit, as Ctrl+\\ sends it; nginx and PHP-FPM finish their requests first"),
    ("ILL", 4, "An instruction that the processor does not know"),
    ("TRAP", 5, "A breakpoint"),
    ("ABRT", 6, "Abort; most programs leave a core dump"),
    ("BUS", 7, "A wrong access to memory"),
    ("FPE", 8, "A wrong calculation"),
    ("KILL", 9, "Ends the program at once; it can't clean up"),
    ("USR1", 10, "What the program makes of it; Apache restarts, nginx opens its logs again"),
    ("SEGV", 11, "An access to memory that is not there"),
    ("USR2", 12, "What the program makes of it"),
    ("PIPE", 13, "Nobody reads what is written"),
    ("ALRM", 14, "A timer has run out"),
    ("TERM", 15, "Asks the program to end; what `docker stop` sends by default"),
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
    ("WINCH", 28, "The size of the terminal has changed; Apache finishes its requests and ends"),
    ("IO", 29, "Input or output is possible"),
    ("PWR", 30, "The power fails; OpenRC's init shuts down"),
    ("SYS", 31, "A call that the kernel does not know"),
];

/// Values of STOPSIGNAL that programs take for a reason to stop, the usual ones first.
pub const STOPPING: [&str; 9] =
    ["SIGTERM", "SIGINT", "SIGQUIT", "SIGWINCH", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGKILL", "SIGRTMIN+3"];

/// The signal that a STOPSIGNAL names: with or without `SIG`, in any case, or by its number.
pub fn signal(text: &str) -> Option<&'static (&'static str, u8, &'static str)> {
    if let Ok(number) = text.parse::<u8>() {
        return SIGNALS.iter().find(|signal| signal.1 == number);
    }
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    if name == "RTMIN+3" {
        return Some(&("RTMIN+3", 37, "Halts the system; systemd as first process shuts down"));
    }
    SIGNALS.iter().find(|signal| signal.0 == name)
}
