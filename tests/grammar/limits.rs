//! Sizes that no person types: opening and editing end, in a thread with a 2 MB stack, and no node is an ERROR.

use std::{thread, time::Instant};

use dockerfile_ls::document::Document;

use crate::nodes::nodes;

/// Lines of a long file; other sizes follow from it. Without optimisation a tenth has to do.
const SIZE: usize = if cfg!(debug_assertions) { 10_000 } else { 100_000 };

/// Opens a text, types one character in its middle and one at its end.
fn survives(what: &'static str, text: String) {
    let run = move || {
        let start = Instant::now();
        let doc = Document::open(&text, 0);
        let opened = start.elapsed();
        let middle = (0..=text.len() / 2).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        let mut draft = doc.draft();
        draft.replace(middle..middle, "x");
        draft.replace(text.len() + 1..text.len() + 1, "\"");
        let edited = draft.finish(1);
        println!("{what}: {} bytes in {opened:?}, with an edit {:?}", text.len(), start.elapsed());
        for doc in [doc, edited] {
            if let Err(node) = nodes(doc.syntax()) {
                panic!("{what}: {node}");
            }
        }
    };
    let thread = thread::Builder::new().stack_size(2 << 20).spawn(run).expect("a thread starts");
    thread.join().unwrap_or_else(|_| panic!("{what}"));
}

#[test]
fn long_files() {
    survives("lines", "RUN make && make install\n".repeat(SIZE));
    survives("blank lines", "\n".repeat(10 * SIZE));
    survives("comments", "# a\n".repeat(SIZE));
    survives("directives", "# escape=`\n".repeat(SIZE));
    survives("stages", "FROM a AS b\nCOPY --from=b / /\n".repeat(SIZE / 5));
    survives("half-typed lines", "FROM \nCOPY --from=\nF\nRUN --mount=\nENV \nARG A=\n".repeat(SIZE / 6));
    survives("carriage returns", "FROM a\r".repeat(SIZE));
    survives("heredocs", "RUN <<EOF\nx\nEOF\n".repeat(SIZE / 3));
}

#[test]
fn long_lines() {
    for keyword in
        ["RUN", "FROM", "COPY", "ENV", "ENV a=", "LABEL \"a", "ARG", "USER", "EXPOSE", "NOPE", "#", ""]
    {
        survives("one word", format!("{keyword} {}\n", "x".repeat(10 * SIZE)));
        survives("many words", format!("{keyword} {}\n", "x ".repeat(5 * SIZE)));
    }
    survives("non-ASCII", format!("FROM {}\n", "é日".repeat(2 * SIZE)));
    survives("NUL", format!("FROM {}\n", "\0".repeat(2 * SIZE)));
    survives("flags", format!("COPY {}\n", "--from=a ".repeat(SIZE / 2)));
    survives("mounts", format!("RUN {}\n", "--mount=type=bind,from=a ".repeat(SIZE / 3)));
    survives("mount options", format!("RUN --mount={}\n", "from=a,".repeat(SIZE)));
    survives("JSON", format!("CMD [{}\"\"]\n", "\"a\", ".repeat(SIZE)));
    survives("no JSON", format!("CMD [{}\n", "\"a\", ".repeat(SIZE)));
    survives("variables", format!("FROM {}\n", "$a${b:-c}".repeat(SIZE / 2)));
}

#[test]
fn long_instructions() {
    for keyword in ["RUN", "COPY", "ENV", "ARG", "FROM", "NOPE"] {
        survives("continuations", format!("{keyword} {}\n", "a=b \\\n  ".repeat(SIZE)));
        survives("glued", format!("{keyword} {}\n", "a\\\n".repeat(SIZE)));
        survives("comments between", format!("{keyword} {}\n", "a=b \\\n# c\n".repeat(SIZE / 2)));
        survives("a block of comments", format!("{keyword} a \\\n{} b\n", "# c\n".repeat(SIZE)));
        survives("a block of blank lines", format!("{keyword} a \\\n{} b\n", "\n".repeat(SIZE)));
        survives("nothing but continuations", format!("{keyword} {}\n", "\\\n".repeat(SIZE)));
    }
}

#[test]
fn deep_nesting() {
    survives("ONBUILD", "ONBUILD ".repeat(SIZE / 5));
    for keyword in ["FROM ", "ENV a=", "ENV \"a=", "ARG A=", "COPY --from=", "USER ", "RUN --mount=from="] {
        survives("open expansions", format!("{keyword}{}", "${a:-".repeat(SIZE / 5)));
        survives("expansions", format!("{keyword}{}{}\n", "${a:-".repeat(SIZE / 5), "}".repeat(SIZE / 5)));
        survives("quotes in expansions", format!("{keyword}{}\n", "\"${a:-".repeat(SIZE / 5)));
    }
}

#[test]
fn nothing_is_closed() {
    for keyword in [
        "RUN",
        "COPY",
        "ENV",
        "ENV a=",
        "LABEL",
        "ARG a=",
        "FROM",
        "CMD [",
        "VOLUME [",
        "RUN --mount=",
        "COPY --from=",
    ] {
        for open in [
            "\"",
            "'",
            "${",
            "$",
            "\\",
            "`",
            "\"'",
            "[",
            "<<",
            "<<\"",
            "<<A ",
            "{",
            "\"\\\n",
            "\"a \\\n# b\n",
        ] {
            survives("open", format!("{keyword}{}", open.repeat(SIZE / 5)));
            survives("open behind a blank", format!("{keyword} {}", open.repeat(SIZE / 10)));
        }
    }
}

#[test]
fn heredocs_beyond_what_the_scanner_remembers() {
    let markers = |count: usize| (0..count).map(|n| format!("<<E{n} ")).collect::<String>();
    let bodies = |count: usize| (0..count).map(|n| format!("x\nE{n}\n")).collect::<String>();
    for count in [64, 100, 200, 2_000] {
        survives("heredocs in one instruction", format!("RUN {}\n{}", markers(count), bodies(count)));
        survives("the same of a COPY", format!("COPY {}/d\n{}", markers(count), bodies(count)));
    }
    for length in [254, 255, 256, 300, 10_000] {
        let name = "é".repeat(length / 2);
        survives("a long delimiter", format!("RUN <<{name}\nx\n{name}\nRUN y\n"));
    }
}
