//! Platforms that images are built for.

/// Values of `--platform`, the usual ones first, each with what it means.
pub const PLATFORMS: [(&str, &str); 10] = [
    ("linux/amd64", "64-bit x86"),
    ("linux/arm64", "64-bit ARM"),
    ("linux/arm/v7", "32-bit ARM"),
    ("linux/arm/v6", "Older 32-bit ARM"),
    ("linux/386", "32-bit x86"),
    ("linux/ppc64le", "64-bit POWER"),
    ("linux/s390x", "IBM Z"),
    ("linux/riscv64", "64-bit RISC-V"),
    ("linux/loong64", "64-bit LoongArch"),
    ("windows/amd64", "Windows on 64-bit x86"),
];
