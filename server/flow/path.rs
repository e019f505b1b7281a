//! Paths of a Linux file system, as texts.

/// The longest path in bytes (`PATH_MAX`); a longer one counts as unknown.
const LONGEST: usize = 4096;

/// `path` as seen from `directory`, which is absolute, without `.`, `..` and empty parts; `None` if that takes a directory and
/// there is none.
pub fn join(directory: Option<&str>, path: &str) -> Option<String> {
    let start = if path.starts_with('/') { "" } else { directory? };
    let mut parts: Vec<&str> = Vec::new();
    for part in start.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    // No file system has longer ones, and a relative WORKDIR makes each longer than the last.
    let path = format!("/{}", parts.join("/"));
    (path.len() <= LONGEST).then_some(path)
}

/// What follows `directory` in `path`, both absolute and clean: empty for itself, `None` if it does not lie there.
pub fn below<'p>(path: &'p str, directory: &str) -> Option<&'p str> {
    match path.strip_prefix(directory.trim_end_matches('/'))? {
        "" => Some(""),
        rest => rest.strip_prefix('/'),
    }
}

/// Whether `path` is `directory` or lies below it, both absolute and clean.
pub fn is_within(path: &str, directory: &str) -> bool {
    below(path, directory).is_some()
}

/// Whether a destination can only be a directory (dockerfile2llb/convert.go, `pathRelativeToWorkingDir`).
pub fn names_directory(path: &str) -> bool {
    path == "." || path.ends_with('/') || path.ends_with("/.")
}

/// The last part of a path.
pub fn name(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    &path[path.rfind('/').map_or(0, |slash| slash + 1)..]
}

/// The directory that a clean absolute path lies in; that of `/` is `/`.
pub fn parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(slash) => &path[..slash],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_seen_from_a_directory() {
        for (directory, path, expected) in [
            (Some("/app"), "dist", Some("/app/dist")),
            (Some("/app"), "./", Some("/app")),
            (Some("/app"), "../x//y/.", Some("/x/y")),
            (Some("/"), "../..", Some("/")),
            (None, "/a/../b/", Some("/b")),
            (None, "a", None),
        ] {
            assert_eq!(join(directory, path).as_deref(), expected, "{path}");
        }
        assert_eq!(join(Some("/"), &"a/".repeat(3000)), None);
    }

    #[test]
    fn a_path_lies_below_a_directory_and_below_the_root() {
        assert_eq!(below("/app/dist", "/app"), Some("dist"));
        assert_eq!(below("/app", "/app"), Some(""));
        assert_eq!(below("/app2", "/app"), None);
        assert_eq!(below("/app", "/"), Some("app"));
        assert_eq!((name("/a/b/"), name("x"), parent("/a/b"), parent("/a")), ("b", "x", "/a", "/"));
    }
}
