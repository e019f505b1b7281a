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
        let is_option = |b: u8| b.is_ascii_alphanumeric() || b"_.%-+".contains(&b);
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
        let is_part = |part: &&str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
        };
        if name.is_empty()
            || !name.bytes().all(is_name)
            || !options.unwrap_or_default().bytes().all(is_option)
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

fn normal_architecture(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let other = match name.as_str() {
        "i386" => "386",
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        "armhf" | "armel" => "arm",
        _ => return name,
    };
    other.to_owned()
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
