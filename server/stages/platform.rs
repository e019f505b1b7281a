//! Names of platforms, as github.com/containerd/platforms reads them.

/// What `--platform` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    pub os: String,
    pub architecture: String,
}

const SYSTEMS: [&str; 17] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
];
const ARCHITECTURES: [&str; 24] = [
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "ppc64",
    "ppc64le",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

impl Platform {
    /// Reads `os[(version)][/architecture[/variant]]`, or an architecture alone; `None` if it is neither. What is left out
    /// is that of a builder on linux/amd64 (`platforms.Parse`).
    pub fn parse(text: &str) -> Option<Platform> {
        let parts: Vec<&str> = text.split('/').collect();
        let (name, options) = match parts[0].split_once('(') {
            Some((name, rest)) => (name, Some(rest.strip_suffix(')')?)),
            None => (parts[0], None),
        };
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
        let is_part = |part: &&str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
        };
        if name.is_empty()
            || !name.bytes().all(is_name)
            || !options.is_none_or(are_options)
            || !parts[1..].iter().all(is_part)
        {
            return None;
        }
        let os = match name.to_ascii_lowercase() {
            os if os == "macos" => "darwin".to_owned(),
            os => os,
        };
        match parts[..] {
            [_] if SYSTEMS.contains(&os.as_str()) => Some(Platform { os, architecture: "amd64".into() }),
            [architecture] => {
                let architecture = normal_architecture(architecture);
                ARCHITECTURES
                    .contains(&architecture.as_str())
                    .then(|| Platform { os: "linux".into(), architecture })
            }
            [_, architecture] | [_, architecture, _] => {
                Some(Platform { os, architecture: normal_architecture(architecture) })
            }
            _ => None,
        }
    }
}

/// What stands in the brackets behind a system: a version, and features behind a `+` each.
fn are_options(text: &str) -> bool {
    let is_option = |b: u8| b.is_ascii_alphanumeric() || b"_.%-".contains(&b);
    // Two hexadecimal digits follow each `%`.
    let has_digits = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|b| b.is_ascii_hexdigit());
    let mut parts = text.split('+');
    let version = parts.next().unwrap_or_default();
    text.split('%').skip(1).all(has_digits)
        && version.bytes().all(is_option)
        && parts.all(|feature| !feature.is_empty() && feature.bytes().all(is_option))
}

/// What a platform of one word may be.
pub fn words() -> Vec<&'static str> {
    SYSTEMS
        .into_iter()
        .chain(ARCHITECTURES)
        .chain(["macos"])
        .chain(OTHER_NAMES.map(|(name, _)| name))
        .collect()
}

/// What architectures are called as well.
const OTHER_NAMES: [(&str, &str); 6] = [
    ("i386", "386"),
    ("x86_64", "amd64"),
    ("x86-64", "amd64"),
    ("aarch64", "arm64"),
    ("armhf", "arm"),
    ("armel", "arm"),
];

fn normal_architecture(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let other = OTHER_NAMES.iter().find(|(other, _)| *other == name);
    other.map_or(name, |(_, normal)| (*normal).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_read_as_containerd_reads_them() {
        let cases = [
            ("linux/amd64", Some(("linux", "amd64"))),
            ("Linux/X86_64/v1", Some(("linux", "amd64"))),
            ("windows(10.0.17763)/amd64", Some(("windows", "amd64"))),
            ("arm64", Some(("linux", "arm64"))),
            ("macos", Some(("darwin", "amd64"))),
            ("a/b", Some(("a", "b"))),
            ("nonsense", None),
            ("windows(10.0%2f+win32k)/amd64", Some(("windows", "amd64"))),
            ("windows(10+)/amd64", None),
            ("windows(1%2)/amd64", None),
            ("linux/", None),
            ("", None),
            ("linux/*", None),
            ("linux/a/b/c", None),
        ];
        for (text, expected) in cases {
            let found = Platform::parse(text);
            let found = found.as_ref().map(|found| (found.os.as_str(), found.architecture.as_str()));
            assert_eq!(found, expected, "{text}");
        }
    }
}
