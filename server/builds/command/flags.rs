//! The flags of the commands that build, and how they are read: as pflag does it, which all these programs use.

use crate::builds::words::Word;

/// The flags of a command. Long names are without dashes.
#[derive(Debug)]
pub struct Flags {
    /// They take the next word, whatever it is.
    pub values: &'static [&'static str],
    /// They take a value only behind `=`.
    pub booleans: &'static [&'static str],
    /// Letters with the names that they stand for.
    pub short: &'static [(char, &'static str)],
    /// Whether there are more flags with values than the table has.
    pub is_open: bool,
}

/// `docker build` and `docker buildx build`, with those that only the classic builder has (buildx commands/build.go, docker/cli
/// image/build.go).
pub static DOCKER: Flags = Flags {
    values: &[
        "add-host",
        "allow",
        "annotation",
        "attest",
        "build-arg",
        "build-context",
        "builder",
        "cache-from",
        "cache-to",
        "call",
        "cgroup-parent",
        "cpu-period",
        "cpu-quota",
        "cpu-shares",
        "cpuset-cpus",
        "cpuset-mems",
        "file",
        "iidfile",
        "isolation",
        "label",
        "memory",
        "memory-swap",
        "metadata-file",
        "network",
        "no-cache-filter",
        "output",
        "platform",
        "policy",
        "print",
        "progress",
        "provenance",
        "resource",
        "sbom",
        "secret",
        "security-opt",
        "shm-size",
        "ssh",
        "tag",
        "target",
        "ulimit",
    ],
    booleans: &[
        "check",
        "compress",
        "debug",
        "disable-content-trust",
        "force-rm",
        "load",
        "no-cache",
        "pull",
        "push",
        "quiet",
        "rm",
        "squash",
    ],
    short: &[
        ('c', "cpu-shares"),
        ('f', "file"),
        ('m', "memory"),
        ('o', "output"),
        ('t', "tag"),
        ('D', "debug"),
        ('q', "quiet"),
    ],
    is_open: false,
};

/// `docker buildx bake` (buildx commands/bake.go).
pub static BAKE: Flags = Flags {
    values: &[
        "allow",
        "builder",
        "call",
        "file",
        "list",
        "metadata-file",
        "policy",
        "progress",
        "provenance",
        "sbom",
        "set",
        "var",
    ],
    booleans: &[
        "check",
        "debug",
        "list-targets",
        "list-variables",
        "load",
        "no-cache",
        "print",
        "pull",
        "push",
    ],
    short: &[('f', "file"), ('D', "debug")],
    is_open: false,
};

/// `podman build`, `buildah build` (buildah pkg/cli/common.go).
pub static BUILDAH: Flags = Flags {
    values: &[
        "add-host",
        "annotation",
        "arch",
        "authfile",
        "blob-cache",
        "build-arg",
        "build-arg-file",
        "build-context",
        "cache-from",
        "cache-to",
        "cache-ttl",
        "cap-add",
        "cap-drop",
        "cdi-config-dir",
        "cert-dir",
        "cgroup-parent",
        "cgroupns",
        "compression-format",
        "compression-level",
        "cpp-flag",
        "cpu-period",
        "cpu-quota",
        "cpu-shares",
        "cpuset-cpus",
        "cpuset-mems",
        "creds",
        "cw",
        "decryption-key",
        "device",
        "dns",
        "dns-option",
        "dns-search",
        "env",
        "file",
        "format",
        "from",
        "group-add",
        "hooks-dir",
        "ignorefile",
        "iidfile",
        "iidfile-raw",
        "ipc",
        "isolation",
        "jobs",
        "label",
        "layer-label",
        "logfile",
        "loglevel",
        "manifest",
        "memory",
        "memory-swap",
        "metadata-file",
        "mount",
        "net",
        "network",
        "os",
        "os-feature",
        "os-version",
        "output",
        "override-arch",
        "override-os",
        "pid",
        "platform",
        "progress",
        "raw-iidfile",
        "retry",
        "retry-delay",
        "runtime",
        "runtime-flag",
        "rusage-logfile",
        "sbom",
        "sbom-image-output",
        "sbom-image-purl-output",
        "sbom-merge-strategy",
        "sbom-output",
        "sbom-purl-output",
        "sbom-scanner-command",
        "sbom-scanner-image",
        "secret",
        "security-opt",
        "shm-size",
        "sign-by",
        "signature-policy",
        "source-date-epoch",
        "source-policy-file",
        "ssh",
        "tag",
        "target",
        "timestamp",
        "ulimit",
        "unsetannotation",
        "unsetenv",
        "unsetlabel",
        "userns",
        "userns-gid-map",
        "userns-gid-map-group",
        "userns-uid-map",
        "userns-uid-map-user",
        "uts",
        "variant",
        "volume",
    ],
    booleans: &[
        "all-platforms",
        "compat-volumes",
        "compress",
        "created-annotation",
        "disable-compression",
        "disable-content-trust",
        "force-compression",
        "force-rm",
        "http-proxy",
        "identity-label",
        "inherit-annotations",
        "inherit-labels",
        "layers",
        "load",
        "log-rusage",
        "logsplit",
        "no-cache",
        "no-hostname",
        "no-hosts",
        "omit-history",
        "pull",
        "pull-always",
        "pull-never",
        "quiet",
        "rewrite-timestamp",
        "rm",
        "save-stages",
        "skip-unused-stages",
        "squash",
        "squash-all",
        "stage-labels",
        "stdin",
        "tls-verify",
    ],
    short: &[
        ('c', "cpu-shares"),
        ('f', "file"),
        ('m', "memory"),
        ('o', "output"),
        ('t', "tag"),
        ('v', "volume"),
        ('D', "disable-compression"),
        ('q', "quiet"),
    ],
    is_open: false,
};

/// `nerdctl build` (nerdctl cmd/nerdctl/builder).
pub static NERDCTL: Flags = Flags {
    values: &[
        "add-host",
        "allow",
        "attest",
        "build-arg",
        "build-context",
        "buildkit-host",
        "cache-from",
        "cache-to",
        "file",
        "iidfile",
        "label",
        "network",
        "output",
        "platform",
        "progress",
        "provenance",
        "sbom",
        "secret",
        "source-policy-file",
        "ssh",
        "tag",
        "target",
    ],
    booleans: &["no-cache", "pull", "quiet", "rm"],
    short: &[('f', "file"), ('o', "output"), ('t', "tag"), ('q', "quiet")],
    is_open: false,
};

/// The executor of kaniko: all flags but the booleans take a value (kaniko cmd/executor/cmd/root.go).
pub static KANIKO: Flags = Flags {
    values: &["build-arg", "context", "context-sub-path", "destination", "dockerfile", "target"],
    booleans: &[
        "cache",
        "cache-copy-layers",
        "cache-run-layers",
        "cleanup",
        "compressed-caching",
        "force",
        "force-build-metadata",
        "ignore-var-run",
        "insecure",
        "insecure-pull",
        "log-timestamp",
        "no-push",
        "no-push-cache",
        "push-ignore-immutable-tag-errors",
        "reproducible",
        "single-snapshot",
        "skip-default-registry-fallback",
        "skip-push-permission-check",
        "skip-tls-verify",
        "skip-tls-verify-pull",
        "skip-unused-stages",
        "use-new-run",
        "whitelist-var-run",
    ],
    short: &[('f', "dockerfile"), ('c', "context"), ('d', "destination")],
    is_open: true,
};

/// What stands between `docker` and its sub command (docker/cli cli/flags/options.go).
pub static DOCKER_GLOBAL: Flags = Flags {
    values: &["config", "context", "host", "log-level", "tlscacert", "tlscert", "tlskey"],
    booleans: &["debug", "tls", "tlsverify"],
    short: &[('c', "context"), ('H', "host"), ('l', "log-level"), ('D', "debug")],
    is_open: false,
};

/// Between `buildx` and its sub command.
pub static BUILDX_GLOBAL: Flags =
    Flags { values: &["builder"], booleans: &["debug"], short: &[('D', "debug")], is_open: false };

/// Between `podman` or `buildah` and the sub command (podman cmd/podman/root.go).
pub static PODMAN_GLOBAL: Flags = Flags {
    values: &[
        "cdi-spec-dir",
        "cgroup-manager",
        "config",
        "conmon",
        "connection",
        "context",
        "cpu-profile",
        "default-mounts-file",
        "events-backend",
        "hooks-dir",
        "host",
        "identity",
        "imagestore",
        "log-level",
        "memory-profile",
        "module",
        "namespace",
        "network-backend",
        "network-config-dir",
        "out",
        "registries-conf",
        "root",
        "runroot",
        "runtime",
        "runtime-flag",
        "ssh",
        "storage-driver",
        "storage-opt",
        "tls-ca",
        "tls-cert",
        "tls-details",
        "tls-key",
        "tmpdir",
        "url",
        "volumepath",
    ],
    booleans: &["noout", "remote", "syslog", "trace", "transient-store", "debug"],
    short: &[('c', "connection"), ('H', "host"), ('r', "remote"), ('D', "debug")],
    is_open: false,
};

/// Between `nerdctl` and its sub command.
pub static NERDCTL_GLOBAL: Flags = Flags {
    values: &[
        "address",
        "bridge-ip",
        "cdi-spec-dirs",
        "cgroup-manager",
        "cni-netconfpath",
        "cni-path",
        "data-root",
        "global-dns",
        "global-dns-opts",
        "global-dns-search",
        "host",
        "host-gateway-ip",
        "hosts-dir",
        "namespace",
        "snapshotter",
        "storage-driver",
        "userns-remap",
    ],
    booleans: &[
        "debug",
        "debug-full",
        "experimental",
        "insecure-registry",
        "kube-hide-dupe",
        "selinux-enabled",
    ],
    short: &[('a', "address"), ('H', "host"), ('n', "namespace")],
    is_open: false,
};

/// What a command line says.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Flags that take a value, by their long names, in the order of the words. The value of a flag at the end of its line is
    /// empty.
    pub values: Vec<(String, Word)>,
    /// The other words.
    pub operands: Vec<Word>,
    /// Whether there is a flag that the table does not have.
    pub has_unknown: bool,
}

impl Parsed {
    /// The values of a flag, in their order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a Word> {
        self.values.iter().filter(move |(flag, _)| flag == name).map(|(_, value)| value)
    }
}

impl Flags {
    fn takes_value(&self, name: &str) -> bool {
        self.values.contains(&name) || (self.is_open && !self.booleans.contains(&name))
    }

    /// The name that a letter stands for, and whether it takes a value.
    fn letter(&self, letter: char) -> Option<(&'static str, bool)> {
        let (_, name) = self.short.iter().find(|(short, _)| *short == letter)?;
        Some((name, self.values.contains(name)))
    }

    /// Reads words up to their end, or up to the first operand if the rest belongs to a sub command; how many it has read.
    /// `empty` is asked for a value that is not typed yet behind a word.
    pub fn read(
        &self,
        words: &[Word],
        stops: bool,
        empty: &dyn Fn(&Word) -> Option<Word>,
    ) -> (Parsed, usize) {
        let mut parsed = Parsed::default();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let start = word.start();
            if start == "--" && word.text().is_some() {
                at += 1;
                if !stops {
                    parsed.operands.extend_from_slice(&words[at..]);
                    at = words.len();
                }
                break;
            }
            if start.len() < 2 || !start.starts_with('-') {
                if stops {
                    break;
                }
                parsed.operands.push(word.clone());
                at += 1;
                continue;
            }
            at += 1;
            let taken = match start.strip_prefix("--") {
                Some(_) => self.long(word, &words[at..], &mut parsed, empty),
                None => self.cluster(word, &words[at..], &mut parsed, empty),
            };
            at += usize::from(taken);
        }
        (parsed, at)
    }

    /// `--name=value`, `--name value`, `--name`; whether the next word is its value.
    fn long(
        &self,
        word: &Word,
        rest: &[Word],
        parsed: &mut Parsed,
        empty: &dyn Fn(&Word) -> Option<Word>,
    ) -> bool {
        if let Some((flag, value)) = word.split_once('=') {
            let name = flag.known().trim_start_matches('-').to_owned();
            let is_value = self.takes_value(&name);
            parsed.has_unknown |= !is_value && !self.booleans.contains(&name.as_str());
            if is_value {
                parsed.values.push((name, value));
            }
            return false;
        }
        let name = word.known().trim_start_matches('-').to_owned();
        if self.booleans.contains(&name.as_str()) {
            return false;
        }
        if self.takes_value(&name) {
            return takes(name, word, rest, parsed, empty);
        }
        parsed.has_unknown = true;
        // It may well take a value, as long as something is left for the operands.
        rest.len() > 1 && !rest[0].start().starts_with('-')
    }

    /// `-qft x`, `-fx`, `-f=x`; whether the next word is a value.
    fn cluster(
        &self,
        word: &Word,
        rest: &[Word],
        parsed: &mut Parsed,
        empty: &dyn Fn(&Word) -> Option<Word>,
    ) -> bool {
        let text = word.known();
        let mut letters = word.start();
        letters.remove(0);
        for (at, letter) in letters.char_indices() {
            let Some((name, takes_value)) = self.letter(letter) else {
                parsed.has_unknown = true;
                return false;
            };
            if !takes_value {
                continue;
            }
            let behind = 1 + at + letter.len_utf8();
            if behind == text.len() && word.text().is_some() {
                return takes(name.to_owned(), word, rest, parsed, empty);
            }
            let behind = behind + usize::from(text[behind..].starts_with('='));
            parsed.values.push((name.to_owned(), word.slice(behind..text.len())));
            return false;
        }
        false
    }
}

/// Gives a flag its value; whether it is the next word.
fn takes(
    name: String,
    word: &Word,
    rest: &[Word],
    parsed: &mut Parsed,
    empty: &dyn Fn(&Word) -> Option<Word>,
) -> bool {
    match rest.first() {
        // No stage has such a name: the value is still to come.
        Some(next) if name == "target" && next.start().starts_with(['-', '.', '/']) => {
            parsed.values.extend(empty(word).map(|value| (name, value)));
            parsed.has_unknown = true;
            false
        }
        Some(next) => {
            parsed.values.push((name, next.clone()));
            true
        }
        None => {
            parsed.values.extend(empty(word).map(|value| (name, value)));
            false
        }
    }
}
