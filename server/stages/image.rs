//! Names of images, as github.com/distribution/reference reads them.

use std::fmt;

/// An image name that BuildKit accepts, in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// `docker.io` where none is written.
    pub registry: String,
    /// With `library/` in front where Docker Hub's short form is written.
    pub repository: String,
    pub tag: Option<String>,
    pub digest: Option<String>,
}

/// Why a text is no image name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageError {
    /// It would be one in lower case.
    UpperCase,
    /// It can't be read as one.
    Format,
}

impl Image {
    /// Reads an image name (`reference.ParseNormalizedNamed`).
    pub fn parse(text: &str) -> Result<Image, ImageError> {
        if text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            return Err(ImageError::Format);
        }
        let (registry, rest) = split_registry(text);
        let name_end = rest.find(['@', ':']).unwrap_or(rest.len());
        let (repository, mut suffix) = rest.split_at(name_end);
        let upper = repository.bytes().any(|b| b.is_ascii_uppercase());
        let repository = if registry == "docker.io" && !repository.contains('/') {
            format!("library/{repository}")
        } else {
            repository.to_owned()
        };
        let mut tag = None;
        let mut digest = None;
        if let Some(rest) = suffix.strip_prefix(':') {
            let end = rest.find('@').unwrap_or(rest.len());
            tag = Some(rest[..end].to_owned());
            suffix = &rest[end..];
        }
        if let Some(rest) = suffix.strip_prefix('@') {
            digest = Some(rest.to_owned());
        }
        let lower = repository.to_ascii_lowercase();
        let valid = is_registry(registry)
            && lower.split('/').all(is_path_component)
            && registry.len() + 1 + repository.len() <= 255
            && tag.as_deref().is_none_or(is_tag)
            && digest.as_deref().is_none_or(is_digest);
        match (valid, upper) {
            (true, false) => Ok(Image { registry: registry.to_owned(), repository, tag, digest }),
            (_, true) => Err(ImageError::UpperCase),
            (false, false) => Err(ImageError::Format),
        }
    }

    /// The name of the build context that takes its place where a build gives one (dockerui/config.go, `NamedContext`): the
    /// short form of Docker Hub, without `:latest`.
    pub fn context_name(&self) -> String {
        let name = self.to_string();
        let name = name.strip_prefix("docker.io/").unwrap_or(&name);
        name.strip_suffix(":latest").unwrap_or(name).to_owned()
    }

    /// Whether its name says that it is one of Windows.
    pub fn is_windows(&self) -> bool {
        ["windows", "nanoserver"].iter().any(|name| self.repository.contains(name))
    }
}

/// With `latest` where neither tag nor digest is written, and without `docker.io/library/`.
impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.repository.strip_prefix("library/") {
            Some(short) if self.registry == "docker.io" => f.write_str(short)?,
            _ => write!(f, "{}/{}", self.registry, self.repository)?,
        }
        match (&self.tag, &self.digest) {
            (None, None) => f.write_str(":latest"),
            (tag, digest) => {
                tag.iter().try_for_each(|tag| write!(f, ":{tag}"))?;
                digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
            }
        }
    }
}

/// What can stand for an image in `COPY --from=` without a doubt: it has a part that no stage name can have, or it is
/// one of the images that people copy from by their bare name.
pub fn looks_like_image(text: &str) -> bool {
    text.contains(['/', ':', '@']) || WELL_KNOWN.contains(&text)
}

/// Official images that stand alone in real files.
const WELL_KNOWN: &[&str] = &[
    "adminer",
    "almalinux",
    "alpine",
    "amazoncorretto",
    "amazonlinux",
    "apache",
    "archlinux",
    "bash",
    "buildpack-deps",
    "busybox",
    "caddy",
    "cassandra",
    "centos",
    "clojure",
    "composer",
    "consul",
    "couchbase",
    "couchdb",
    "dart",
    "debian",
    "docker",
    "drupal",
    "eclipse-mosquitto",
    "eclipse-temurin",
    "elasticsearch",
    "elixir",
    "erlang",
    "fedora",
    "flink",
    "gcc",
    "ghost",
    "golang",
    "gradle",
    "groovy",
    "haproxy",
    "haskell",
    "hello-world",
    "httpd",
    "hylang",
    "ibmjava",
    "influxdb",
    "ibm-semeru-runtimes",
    "jetty",
    "joomla",
    "jruby",
    "julia",
    "kibana",
    "kong",
    "liquibase",
    "logstash",
    "mageia",
    "mariadb",
    "maven",
    "mediawiki",
    "memcached",
    "mongo",
    "mono",
    "mysql",
    "nats",
    "neo4j",
    "nextcloud",
    "nginx",
    "node",
    "odoo",
    "openjdk",
    "oraclelinux",
    "percona",
    "perl",
    "photon",
    "php",
    "phpmyadmin",
    "postgres",
    "pypy",
    "python",
    "r-base",
    "rabbitmq",
    "redis",
    "redmine",
    "registry",
    "rockylinux",
    "ros",
    "ruby",
    "rust",
    "sapmachine",
    "solr",
    "sonarqube",
    "spark",
    "swift",
    "telegraf",
    "tomcat",
    "traefik",
    "ubuntu",
    "unit",
    "varnish",
    "vault",
    "wordpress",
    "zookeeper",
];

fn split_registry(text: &str) -> (&str, &str) {
    match text.split_once('/') {
        Some((host, rest))
            if host.contains(['.', ':'])
                || host == "localhost"
                || host.bytes().any(|b| b.is_ascii_uppercase()) =>
        {
            // index.docker.io is an old name of docker.io.
            (if host == "index.docker.io" { "docker.io" } else { host }, rest)
        }
        _ => ("docker.io", text),
    }
}

fn is_registry(host: &str) -> bool {
    if let Some(rest) = host.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else { return false };
        return !address.is_empty()
            && address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':')
            && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    }
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.split('.').all(label) && port.is_none_or(is_port)
}

fn is_port(port: &str) -> bool {
    !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit())
}

/// Runs of `[a-z0-9]` with `.`, `_`, `__` or dashes between them.
fn is_path_component(text: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if !text.starts_with(alphanumeric) || !text.ends_with(alphanumeric) {
        return false;
    }
    text.split(alphanumeric)
        .all(|between| matches!(between, "" | "." | "_" | "__") || between.bytes().all(|b| b == b'-'))
}

fn is_tag(tag: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    tag.len() <= 128
        && tag.bytes().next().is_some_and(word)
        && tag.bytes().all(|b| word(b) || b == b'.' || b == b'-')
}

fn is_digest(digest: &str) -> bool {
    let Some((algorithm, hex)) = digest.split_once(':') else { return false };
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return false,
    };
    hex.len() == length && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let result = Image::parse(text).map(|image| image.to_string());
        assert_eq!(result.unwrap_or_else(|error| format!("{error:?}")), expected, "{text}");
    }

    /// From the tests of github.com/distribution/reference and from BuildKit's messages in the oracle.
    #[test]
    fn names_are_normalised_or_refused() {
        check("alpine", "alpine:latest");
        check("docker.io/library/alpine:3.20", "alpine:3.20");
        check("nvidia/cuda:12", "docker.io/nvidia/cuda:12");
        check("localhost:5000/foo/bar", "localhost:5000/foo/bar:latest");
        check("localhost/foo", "localhost/foo:latest");
        check(&format!("a:1@sha256:{}", "0".repeat(64)), &format!("a:1@sha256:{}", "0".repeat(64)));
        check("my.stage-1__x", "my.stage-1__x:latest");
        check("0", "0:latest");
        check("Build", "UpperCase");
        check("alpine:", "Format");
        check("a@sha256:12", "Format");
        check("/harbor:x", "Format");
        check("-a", "Format");
        check("a_-b", "Format");
        check("", "Format");
        check("é", "Format");
    }
}
