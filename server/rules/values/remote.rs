//! Sources that are not files of the build context, and checksums of them (dockerfile2llb/convert_copy.go;
//! dfgitutil/git_ref.go; opencontainers/go-digest).

/// What a COPY or ADD reads from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A file or directory.
    Path,
    /// `https://…`, which is a Git repository if its path ends with `.git`.
    Url,
    Git,
    /// It takes more to tell.
    Unknown,
}

/// Tells what a source is.
pub fn source(text: &str) -> Source {
    if text.starts_with("http://") || text.starts_with("https://") {
        return Source::Url;
    }
    if let Some((scheme, rest)) = text.split_once("://")
        && scheme.chars().all(|c| c.is_ascii_alphanumeric())
    {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '@');
        return match scheme.to_ascii_lowercase().as_str() {
            "git" | "ssh" if !rest.is_empty() && rest.chars().all(is_plain) => Source::Git,
            "git" | "ssh" | "http" | "https" => Source::Unknown,
            _ => Source::Path,
        };
    }
    if text.starts_with("github.com/") {
        return Source::Unknown;
    }
    // `user@host:path` (util/sshutil/scpurl.go).
    let is_user = |user: &str| {
        !user.is_empty() && user.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    let is_host = |host: &str| {
        !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
    };
    let scp = text.split_once('@').and_then(|(user, rest)| Some((user, rest.split_once(':')?)));
    match scp {
        Some((user, (host, path))) if is_user(user) && is_host(host) => {
            if path.contains(['?', '\n', '\r']) {
                Source::Unknown
            } else {
                Source::Git
            }
        }
        _ => Source::Path,
    }
}

/// The algorithms of checksums, and how many hexadecimal digits theirs have.
pub const ALGORITHMS: [(&str, usize); 3] = [("sha256", 64), ("sha384", 96), ("sha512", 128)];

/// Why a checksum is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestError {
    /// No algorithm and a `:`.
    Form,
    Algorithm,
    /// So many digits are asked for.
    Length(usize),
    /// Other characters than digits and `a` to `f`.
    Digits,
}

/// Checks `algorithm:hexadecimal` (go-digest, `Parse`).
pub fn check_digest(text: &str) -> Result<(), DigestError> {
    let (algorithm, digits) = text.split_once(':').ok_or(DigestError::Form)?;
    if algorithm.is_empty() || digits.is_empty() {
        return Err(DigestError::Form);
    }
    let known = ALGORITHMS.iter().find(|(name, _)| *name == algorithm);
    let (_, length) = known.ok_or(DigestError::Algorithm)?;
    if !digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(DigestError::Digits);
    }
    if digits.len() == *length { Ok(()) } else { Err(DigestError::Length(*length)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_told_apart_as_buildkit_does() {
        for (text, expected) in [
            ("a/b", Source::Path),
            ("http:a", Source::Path),
            ("ftp://a/b", Source::Path),
            ("a:b", Source::Path),
            ("a b@c:d", Source::Path),
            ("https://a/b.git", Source::Url),
            ("HTTPS://a/b", Source::Unknown),
            ("git://a/b", Source::Git),
            ("ssh://git@a/b", Source::Git),
            ("git@github.com:a/b", Source::Git),
            ("git@github.com:a/b?c=d", Source::Unknown),
            ("github.com/a/b", Source::Unknown),
        ] {
            assert_eq!(source(text), expected, "{text}");
        }
    }

    #[test]
    fn checksums_are_an_algorithm_and_its_digits() {
        assert_eq!(check_digest(&format!("sha256:{}", "0a".repeat(32))), Ok(()));
        assert_eq!(check_digest(&format!("sha256:{}", "0A".repeat(32))), Err(DigestError::Digits));
        assert_eq!(check_digest("sha256:0"), Err(DigestError::Length(64)));
        assert_eq!(check_digest("md5:0"), Err(DigestError::Algorithm));
        assert_eq!(check_digest("0"), Err(DigestError::Form));
    }
}
