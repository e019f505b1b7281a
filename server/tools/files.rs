//! Programs that move files about, and those that write none.

use super::words::{Operand, Word, leading, text, words, words_of_names};
use super::writes::nothing;
use super::{Call, Output, OutputPath, Product, Scope, Writes};

/// Programs that write nothing, or nothing but what `>` takes, or change what is there already.
const HARMLESS: &[&str] = &[
    ":",
    "[",
    "[[",
    "alias",
    "apt-cache",
    "apt-config",
    "apt-key",
    "apt-mark",
    "awk",
    "base32",
    "base64",
    "basename",
    "bc",
    "break",
    "c_rehash",
    "cat",
    "cd",
    "certutil",
    "chgrp",
    "chmod",
    "chown",
    "chsh",
    "cksum",
    "cmp",
    "column",
    "comm",
    "continue",
    "cut",
    "date",
    "debconf-set-selections",
    "declare",
    "df",
    "diff",
    "dirname",
    "dirs",
    "dpkg-architecture",
    "dpkg-divert",
    "dpkg-query",
    "dpkg-reconfigure",
    "dpkg-statoverride",
    "du",
    "echo",
    "env",
    "execstack",
    "exit",
    "export",
    "expr",
    "false",
    "file",
    "find",
    "fold",
    "getcap",
    "getconf",
    "getent",
    "git-lfs",
    "gpg",
    "gpgconf",
    "grep",
    "egrep",
    "fgrep",
    "groups",
    "hash",
    "head",
    "hexdump",
    "hostname",
    "id",
    "jobs",
    "jq",
    "kill",
    "killall",
    "ldconfig",
    "ldd",
    "let",
    "local",
    "locale",
    "locale-gen",
    "ls",
    "lsb_release",
    "lscpu",
    "lsof",
    "md5sum",
    "mknod",
    "mktemp",
    "mount",
    "nl",
    "nm",
    "nproc",
    "objdump",
    "od",
    "openssl",
    "paste",
    "patchelf",
    "pgrep",
    "pkg-config",
    "pkgconf",
    "pkill",
    "popd",
    "printenv",
    "printf",
    "ps",
    "pushd",
    "pwd",
    "read",
    "readelf",
    "readlink",
    "readonly",
    "realpath",
    "return",
    "rev",
    "rm",
    "rmdir",
    "sed",
    "select",
    "seq",
    "service",
    "set",
    "setcap",
    "sha1sum",
    "sha256sum",
    "sha512sum",
    "shift",
    "shopt",
    "shred",
    "shuf",
    "size",
    "sleep",
    "sort",
    "stat",
    "strings",
    "stty",
    "sum",
    "sync",
    "systemctl",
    "tac",
    "tail",
    "test",
    "tput",
    "tr",
    "trap",
    "tree",
    "true",
    "tty",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "umount",
    "unalias",
    "uname",
    "uniq",
    "unlink",
    "unset",
    "update-alternatives",
    "update-locale",
    "wait",
    "wc",
    "whereis",
    "which",
    "who",
    "whoami",
    "xmllint",
    "xxd",
    "yes",
    "yq",
];

/// Flags of curl whose value may be the next argument.
const CURL: &[&str] = &[
    "o",
    "output",
    "H",
    "header",
    "u",
    "user",
    "X",
    "request",
    "d",
    "data",
    "A",
    "user-agent",
    "e",
    "referer",
    "m",
    "max-time",
    "retry",
    "retry-delay",
    "retry-max-time",
    "connect-timeout",
    "proto",
    "proto-redir",
    "proxy",
    "x",
    "cacert",
    "cert",
    "E",
    "key",
    "K",
    "config",
    "w",
    "write-out",
    "b",
    "cookie",
    "c",
    "cookie-jar",
    "D",
    "dump-header",
    "F",
    "form",
    "r",
    "range",
    "T",
    "upload-file",
    "y",
    "Y",
    "z",
    "output-dir",
    "data-raw",
    "data-binary",
    "url",
    "resolve",
    "create-file-mode",
    "tls-max",
    "ciphers",
    "netrc-file",
    "C",
    "continue-at",
    "limit-rate",
    "max-redirs",
    "parallel-max",
    "oauth2-bearer",
];

const WGET: &[&str] = &[
    "O",
    "output-document",
    "P",
    "directory-prefix",
    "o",
    "output-file",
    "t",
    "tries",
    "T",
    "timeout",
    "U",
    "user-agent",
    "header",
    "user",
    "password",
    "a",
    "i",
    "input-file",
    "w",
    "wait",
    "waitretry",
    "e",
    "execute",
    "ca-certificate",
    "Q",
    "retry-on-http-error",
    "dns-timeout",
    "connect-timeout",
    "read-timeout",
    "post-data",
    "A",
    "R",
    "l",
    "level",
    "D",
    "X",
    "I",
];

const TAR: &[&str] = &[
    "f",
    "file",
    "C",
    "directory",
    "I",
    "use-compress-program",
    "transform",
    "xform",
    "strip-components",
    "strip",
    "exclude",
    "X",
    "exclude-from",
    "T",
    "files-from",
    "b",
    "K",
    "L",
    "N",
    "V",
    "owner",
    "group",
    "mode",
    "mtime",
    "sort",
    "H",
    "format",
    "wildcards-match",
    "checkpoint",
    "checkpoint-action",
];

const GIT: &[&str] = &[
    "b",
    "branch",
    "depth",
    "o",
    "origin",
    "c",
    "config",
    "j",
    "jobs",
    "reference",
    "separate-git-dir",
    "template",
    "filter",
    "shallow-since",
    "shallow-exclude",
    "server-option",
    "u",
    "upload-pack",
    "bundle-uri",
];

pub(super) fn writes<'a>(call: Call<'a>) -> Writes<'a> {
    let arguments = call.arguments;
    match call.name {
        "cp" | "mv" | "ln" | "install" | "link" | "rsync" => Writes::Only(copied(call)),
        "mkdir" => Writes::Only(
            operands(call, &["m", "mode"]).map(|path| Output::exact(path, Product::Other)).collect(),
        ),
        "touch" => {
            let named = operands(call, &["d", "date", "r", "reference", "t", "time"]);
            Writes::Only(named.map(|path| Output::exact(path, Product::Other)).collect())
        }
        "tee" | "truncate" | "mkfifo" => Writes::Only(
            operands(call, &["s", "size", "r", "m"])
                .map(|path| Output::exact(path, Product::Other))
                .collect(),
        ),
        "dd" => {
            let file = arguments.iter().filter(|word| leading(word).starts_with("of="));
            Writes::Only(
                file.map(|argument| Output::exact(Operand { argument, from: 3 }, Product::Other)).collect(),
            )
        }
        "tar" | "bsdtar" => tar(call),
        "unzip" | "7z" | "7za" => unzip(call),
        "gzip" | "gunzip" | "bzip2" | "bunzip2" | "xz" | "unxz" | "zstd" | "unzstd" | "zip" | "brotli" => {
            compress(call)
        }
        "curl" => curl(call),
        "wget" => wget(call),
        "git" => git(call),
        "find" if ["-exec", "-execdir", "-ok", "-fprint", "-fprintf"].iter().any(|flag| call.says(flag)) => {
            found(call)
        }
        "xargs" => piped(call),
        "patch" => Writes::AtLeast(Vec::new()),
        "." | "source" | "eval" => Writes::Anything,
        "gpg" | "openssl" | "certutil" | "mktemp" | "sort" | "awk" | "yq" | "jq" | "xmllint" | "base64" => {
            named_output(call)
        }
        "command" | "exec" | "time" | "builtin" | "sudo" | "timeout" | "nice" => nothing(),
        "update-ca-certificates" => super::writes::system(),
        "dpkg-deb" => Writes::AtLeast(Vec::new()),
        name if HARMLESS.contains(&name) => nothing(),
        _ => Writes::Anything,
    }
}

fn operands<'a>(call: Call<'a>, valued: &'static [&'static str]) -> impl Iterator<Item = Operand<'a>> {
    words(call.arguments, valued).filter_map(|word| match word {
        Word::Operand(operand) => Some(operand),
        Word::Flag(..) => None,
    })
}

/// `cp a b`, `cp -t dir a b`, `mv a dir/`, `install -d dir`, `ln -s a b`.
fn copied<'a>(call: Call<'a>) -> Vec<Output<'a>> {
    let valued: &'static [&'static str] = match call.name {
        "install" => &["m", "mode", "o", "owner", "g", "group", "t", "target-directory", "S", "suffix"],
        "rsync" => &[
            "e",
            "exclude",
            "include",
            "f",
            "filter",
            "exclude-from",
            "include-from",
            "T",
            "rsync-path",
            "chown",
            "chmod",
        ],
        _ => &["t", "target-directory", "S", "suffix"],
    };
    let mut directory = None;
    let mut makes = false;
    let mut parents = false;
    let mut paths = Vec::new();
    for word in words(call.arguments, valued) {
        match word {
            Word::Flag("t" | "target-directory", value) => directory = value,
            Word::Flag("d" | "directory", _) if call.name == "install" => makes = true,
            Word::Flag("parents" | "R", _) => parents = true,
            Word::Flag(..) => {}
            Word::Operand(operand) => paths.push(operand),
        }
    }
    if makes {
        return paths.into_iter().map(|path| Output::exact(path, Product::Other)).collect();
    }
    let (sources, target) = match (directory, paths.as_slice()) {
        (Some(directory), sources) => (sources, directory),
        (None, [sources @ .., target]) if !sources.is_empty() => (sources, *target),
        // `ln -s /a/b` makes `b`.
        (None, [only]) if call.name == "ln" => {
            let name = only.file_name().map(Output::usual_other);
            return name.into_iter().collect();
        }
        (None, _) => return Vec::new(),
    };
    let into = directory.is_some() || sources.len() > 1 || target.trailing().ends_with('/') || is_dot(target);
    if parents || !into || call.name == "rsync" {
        // Whether the target is a directory by now, only running it would tell.
        return vec![Output::under(target, Product::Other)];
    }
    let inside = |source: &Operand<'a>| match source.file_name() {
        Some(name) => Output::inside(target, name, Scope::Under, Product::Other),
        None => Output::under(target, Product::Other),
    };
    sources.iter().map(inside).collect()
}

fn is_dot(path: Operand) -> bool {
    matches!(path.text(), Some("." | ".."))
}

impl<'a> Output<'a> {
    /// A file, or a directory with files, of this name where the command runs.
    fn usual_other(name: &'a str) -> Output<'a> {
        Output::usual(name, Product::Other)
    }
}

fn tar<'a>(call: Call<'a>) -> Writes<'a> {
    // `tar xzf a -C b` and `tar -xzf a -C b` are the same.
    let bundle = call.word(0).filter(|word| !word.starts_with('-')).unwrap_or_default();
    let rest = if bundle.is_empty() { call } else { call.behind(1 + usize::from(bundle.contains('f'))) };
    let mut creates = bundle.contains(['c', 'r', 'u']);
    let mut lists = bundle.contains('t');
    let mut prints = bundle.contains('O');
    let mut file = bundle.contains('f').then(|| call.arguments.get(1).map(Operand::from)).flatten();
    let mut directory = None;
    for word in words(rest.arguments, TAR) {
        match word {
            Word::Flag("c" | "create" | "r" | "append" | "u" | "update", _) => creates = true,
            Word::Flag("t" | "list", _) => lists = true,
            Word::Flag("O" | "to-stdout", _) => prints = true,
            Word::Flag("f" | "file", value) => file = value,
            Word::Flag("C" | "directory" | "cd", value) => directory = value,
            Word::Flag(..) | Word::Operand(_) => {}
        }
    }
    if creates {
        let named = file.filter(|file| file.text() != Some("-"));
        return Writes::Only(named.map(|file| Output::exact(file, Product::Other)).into_iter().collect());
    }
    if lists || prints {
        return nothing();
    }
    Writes::Only(vec![match directory {
        Some(directory) => Output::under(directory, Product::Other),
        None => Output::usual_other(""),
    }])
}

fn unzip<'a>(call: Call<'a>) -> Writes<'a> {
    let mut directory = None;
    for word in words(call.arguments, &["d", "x", "P"]) {
        match word {
            Word::Flag("d", value) if call.name == "unzip" => directory = value,
            // To the standard output, or a look inside only.
            Word::Flag("p" | "l" | "t" | "Z", _) if call.name == "unzip" => return nothing(),
            Word::Flag(..) | Word::Operand(_) => {}
        }
    }
    let seven = || {
        let out = call.arguments.iter().find(|word| leading(word).starts_with("-o"))?;
        (call.name != "unzip").then_some(Operand { argument: out, from: 2 })
    };
    Writes::Only(vec![match directory.or_else(seven) {
        Some(directory) => Output::under(directory, Product::Other),
        None => Output::usual_other(""),
    }])
}

/// `gzip a` writes `a.gz` next to `a`.
fn compress<'a>(call: Call<'a>) -> Writes<'a> {
    let prints =
        words(call.arguments, &["o"]).any(|word| matches!(word, Word::Flag("c" | "stdout" | "to-stdout", _)));
    if prints || operands(call, &["o"]).next().is_none() {
        return nothing();
    }
    let first = operands(call, &["o"]).next().filter(|_| call.name == "zip");
    match first {
        Some(archive) => Writes::Only(vec![Output::under(archive, Product::Other)]),
        None => {
            Writes::AtLeast(operands(call, &["o"]).map(|file| Output::under(file, Product::Other)).collect())
        }
    }
}

fn curl<'a>(call: Call<'a>) -> Writes<'a> {
    let mut outputs = Vec::new();
    let mut directory = None;
    let mut by_name = false;
    for word in words(call.arguments, CURL) {
        match word {
            Word::Flag("o" | "output" | "c" | "cookie-jar" | "D" | "dump-header", Some(file)) => {
                if !matches!(file.text(), Some("-" | "/dev/null")) {
                    outputs.push(Output::exact(file, Product::Other));
                }
            }
            Word::Flag("output-dir", value) => directory = value,
            Word::Flag("O" | "remote-name" | "remote-name-all" | "J" | "remote-header-name", _) => {
                by_name = true
            }
            Word::Flag(..) | Word::Operand(_) => {}
        }
    }
    if let Some(directory) = directory {
        return Writes::Only(vec![Output::under(directory, Product::Other)]);
    }
    if by_name {
        // The last part of the address, unless the server says otherwise.
        outputs.extend(
            operands(call, CURL)
                .map(|url| Output::usual(downloaded(url).unwrap_or_default(), Product::Other)),
        );
    }
    Writes::Only(outputs)
}

fn wget<'a>(call: Call<'a>) -> Writes<'a> {
    let mut directory = None;
    for word in words(call.arguments, WGET) {
        match word {
            Word::Flag("O" | "output-document", Some(file)) => {
                let named = !matches!(file.text(), Some("-" | "/dev/null"));
                return Writes::Only(
                    named.then(|| Output::exact(file, Product::Other)).into_iter().collect(),
                );
            }
            // `-qO-` and `-nv` are spelt of several letters.
            Word::Flag("spider", _) => return nothing(),
            Word::Flag("P" | "directory-prefix", value) => directory = value,
            Word::Flag("r" | "recursive" | "m" | "mirror" | "i" | "input-file", _) => {
                return Writes::AtLeast(Vec::new());
            }
            Word::Flag(..) | Word::Operand(_) => {}
        }
    }
    let file = |url: Operand<'a>| match (directory, downloaded(url)) {
        (Some(directory), Some(name)) => Output::inside(directory, name, Scope::Under, Product::Other),
        (Some(directory), None) => Output::under(directory, Product::Other),
        (None, name) => Output::usual(name.unwrap_or_default(), Product::Other),
    };
    Writes::Only(operands(call, WGET).map(file).collect())
}

/// The file name in an address.
fn downloaded<'a>(url: Operand<'a>) -> Option<&'a str> {
    let name = url.file_name()?;
    // A query is no part of the name for curl, and is one for wget.
    (!name.contains(['?', '#']) && url.trailing().contains('/')).then_some(name)
}

fn git<'a>(call: Call<'a>) -> Writes<'a> {
    let mut at = 0;
    let mut elsewhere = None;
    while let Some(flag) = call.word(at).filter(|word| word.starts_with('-')) {
        if flag == "-C" {
            elsewhere = call.arguments.get(at + 1).map(Operand::from);
        }
        at += if matches!(flag, "-C" | "-c") { 2 } else { 1 };
    }
    let rest = call.behind(at + 1);
    match call.word(at).unwrap_or_default() {
        "clone" => {
            let mut paths = operands(rest, GIT);
            let (Some(url), directory) = (paths.next(), paths.next()) else { return nothing() };
            if elsewhere.is_some() {
                return Writes::Anything;
            }
            Writes::Only(vec![match directory {
                Some(directory) => Output::under(directory, Product::Other),
                None => {
                    let name = url.file_name().unwrap_or_default();
                    Output::usual_other(name.strip_suffix(".git").unwrap_or(name))
                }
            }])
        }
        "config" | "rev-parse" | "describe" | "log" | "status" | "diff" | "show" | "branch" | "tag"
        | "remote" | "fetch" | "gc" | "add" | "commit" | "ls-files" | "ls-remote" | "rev-list"
        | "cat-file" | "version" | "--version" | "" => nothing(),
        "init" => Writes::Only(vec![match operands(rest, &["b", "initial-branch"]).next() {
            Some(directory) => Output::under(directory, Product::Other),
            None => Output::usual_other(".git"),
        }]),
        _ if elsewhere.is_some() => {
            Writes::Only(elsewhere.map(|to| Output::under(to, Product::Other)).into_iter().collect())
        }
        // Checkouts, submodules, patches: files of the work tree, which may begin above.
        _ => Writes::AtLeast(Vec::new()),
    }
}

/// `find … -exec rm {} +`: as harmless as the programs that it starts.
fn found<'a>(call: Call<'a>) -> Writes<'a> {
    let starts =
        call.arguments.windows(2).filter(|pair| matches!(text(&pair[0]), Some("-exec" | "-execdir" | "-ok")));
    let mut programs = starts.map(|pair| text(&pair[1]).unwrap_or_default());
    let harmless = programs.all(|name| HARMLESS.contains(&name));
    if harmless && !call.says("-fprint") && !call.says("-fprintf") { nothing() } else { Writes::Anything }
}

/// `xargs rm -rf`: as harmless as the program that it starts.
fn piped<'a>(call: Call<'a>) -> Writes<'a> {
    let valued = ["-n", "-P", "-I", "-L", "-d", "-a", "-s", "-i"];
    let mut at = 0;
    while let Some(flag) = call.arguments.get(at).map(leading).filter(|word| word.starts_with('-')) {
        at += 1 + usize::from(valued.contains(&flag));
    }
    match call.arguments.get(at) {
        None => nothing(),
        Some(word) => match text(word) {
            Some(name) if HARMLESS.contains(&name) => nothing(),
            Some("apk" | "apt-get" | "apt" | "dpkg") => super::writes::system(),
            _ => Writes::Anything,
        },
    }
}

/// Programs that print, unless `-o` names a file.
fn named_output<'a>(call: Call<'a>) -> Writes<'a> {
    if matches!(call.name, "awk" | "yq" | "jq") {
        return nothing();
    }
    let valued: &'static [&'static str] = &[
        "o",
        "out",
        "output",
        "keyout",
        "in",
        "key",
        "keyserver",
        "recv-keys",
        "homedir",
        "subj",
        "days",
        "newkey",
    ];
    let file = |word| match word {
        Word::Flag("o" | "out" | "output" | "keyout", Some(file)) => {
            Some(Output::exact(file, Product::Other))
        }
        Word::Flag(..) | Word::Operand(_) => None,
    };
    match call.name {
        "openssl" => Writes::Only(words_of_names(call.arguments, valued).filter_map(file).collect()),
        // A directory of its own, which its name tells nobody.
        "mktemp" => Writes::Only(vec![Output {
            path: OutputPath::Default("/tmp"),
            scope: Scope::Under,
            product: Product::Other,
        }]),
        "gpg" if call.says("--import") || call.says("--recv-keys") || call.says("--verify") => nothing(),
        _ => Writes::Only(words(call.arguments, valued).filter_map(file).collect()),
    }
}
