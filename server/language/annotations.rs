//! Keys of labels that registries and tools know (opencontainers/image-spec, annotations.md).

/// The keys behind `org.opencontainers.image.`, the usual ones first, each with what it holds.
pub const KEYS: [(&str, &str); 14] = [
    ("source", "Where the source code is"),
    ("description", "What the image is, for people"),
    ("title", "Its name, for people"),
    ("version", "The version of the software"),
    ("revision", "The commit that it is built from"),
    ("created", "When it was built, as RFC 3339 writes it"),
    ("authors", "Who is responsible for it"),
    ("vendor", "The organization that gives it out"),
    ("licenses", "Its licenses, as SPDX names them"),
    ("url", "Where there is more to read"),
    ("documentation", "Where its documentation is"),
    ("ref.name", "The name of what it is referred by"),
    ("base.name", "The image that it is built on"),
    ("base.digest", "The digest of the image that it is built on"),
];

/// What stands in front of the keys.
pub const PREFIX: &str = "org.opencontainers.image.";
