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
