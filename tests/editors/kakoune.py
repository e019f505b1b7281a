#!/usr/bin/env python3
"""Drives a real Kakoune and kak-lsp with keys in a tmux terminal:  kakoune.py KAK

WORKSPACE is a copy of FIXTURE: the Dockerfile in app/, a folder with .git above it, where the files are that build it. Kakoune finds
our configuration, kak-lsp, the server and another one through its environment. Every check prints one line.
"""
import os, re, subprocess, sys, time

from terminal import alive, check, eventually, keys, leave, read, screen, shows, start, stop, types, wait

KAK = sys.argv[1]
WORKSPACE, FIXTURE = os.environ["WORKSPACE"], os.environ["FIXTURE"]
DOCKERFILE, COMPOSE, BAKE, WORKFLOW = "app/Dockerfile", "compose.yaml", "docker-bake.hcl", ".github/workflows/ci.yml"
SESSION = f"dockerfile-ls-{os.getpid()}"
answer = os.path.join(os.environ["HOME"], "answer")


def main():
    start(f"'{KAK}' -s {SESSION} -e 'rename-client main'", os.path.join(WORKSPACE, "app"))
    try:
        check("opens", wait(lambda: value("%val{client}") == "main"), screen())
        for test in diagnostics, definition, references, hover, inlay_hints, completion, actions, formatting, rename, refusal, builds, across, graph, others:
            edit(DOCKERFILE)
            test()
        command("quit!")
        check("quits", wait(lambda: not alive()))
    finally:
        stop()
    leave()


def diagnostics():
    eventually("a correct file has a hint", lambda: "DiagnosticHint" in found())
    usual = found()
    check("and no unknown stage", usual.count("DiagnosticWarning") == 1, usual)  # a name given twice
    line = new_line("COPY --from=bulder /a /b")
    eventually("typing an unknown stage shows a warning, at the name", lambda: f"{line}.13,{line}.18|DiagnosticWarning" in found())
    check("it is there once", found().count("DiagnosticWarning") == 2, found())
    go(line, 13)
    keys("e", "c")
    types("builder")
    keys("Escape")
    eventually("correcting the name removes it", lambda: found().count("DiagnosticWarning") == 1)
    edit(DOCKERFILE)
    line = new_line("COPY --chown=é😀 --from=tsetr /a /b")
    eventually("an unknown stage after non-ASCII text too", lambda: f"{line}.28,{line}.32|DiagnosticWarning" in found())


def definition():
    builder = place("FROM golang", "builder")
    for context, word, to in (("--from=builder", "builder", builder), ("FROM builder", "builder", builder), ("--from=BUILDER", "BUILDER", builder),
                              ("type=bind,from=builder", "builder", builder), ("😀 --mount=from=builder", "builder", builder),
                              ("golang:${GO_VERSION}", "GO_VERSION", place("ARG GO_VERSION", "GO_VERSION")),
                              ("--from=certs", "certs", place("FROM debian:12-slim AS certs", "certs"))):
        go(*place(context, word))
        command("lsp-definition")
        eventually(f"definition of {context}", lambda: at(DOCKERFILE, *to))


def references():
    go(*place("😀 --from=builder", "builder"))
    command("lsp-references")
    eventually("references have every place", lambda: value("%val{bufname}") == "*goto*" and buffer("*goto*").strip().count("\n") == 5)
    command("delete-buffer *goto*")


def hover():
    go(*place("--from=builder", "builder"))
    command("lsp-hover")
    eventually("hover tells of the stage", shows(r"(?s)│.*builder.*│"))


def inlay_hints():
    command("lsp-inlay-hints-enable global")
    keys("Escape")
    for text, hint in ("FROM golang:${GO_VERSION}", "= golang:1.25"), ("COPY go.mod go.sum ./", "= /src/"):
        eventually(f"{text} has its hint", shows(re.escape(f"{text} {hint}")))
    command("lsp-inlay-hints-disable global")


def completion():
    for text, stages, begun, rest in (("COPY --from=", ["assets", "builder", "certs", "tester"], "te", "ster"),
                                      ("COPY --chown=é😀 --from=", ["assets", "builder", "certs", "tester"], "as", "sets"),
                                      ("RUN --mount=type=bind,from=", ["assets", "builder", "certs", "tester"], "bu", "ilder")):
        edit(DOCKERFILE)
        line = new_line(text, leave=False)
        popup = lambda: screen().split(text, 1)[-1].split("from=")[-1]
        check(f"{text} offers the stages", wait(lambda: all(stage in popup() for stage in stages)), screen())
        check("not the stage itself", "runtime" not in popup(), screen())
        take(begun, begun + rest)
        check("and inserts the one chosen", wait(lambda: text_of(line) == text + begun + rest), text_of(line))
    for text, begun, entry, want in (("", "CO", "COPY", "COPY"), ("COPY ", "--ch", "--chown", "COPY --chown="),
                                     ("FROM alpine:$", "GO", "GO_VERSION", "FROM alpine:$GO_VERSION"), ("COPY web/", "in", "index.js", "COPY web/index.js"),
                                     ("COPY --from=builder /out/", "", "/out/app", "COPY --from=builder /out/app"), ("USER ", "nob", "nobody", "USER nobody")):
        edit(DOCKERFILE)
        line = new_line(text, leave=False)
        take(begun, entry)
        check(f"completion of {text}{begun}", wait(lambda: text_of(line) == want), [text_of(line), screen()])


def take(begun, entry):
    """Types, and takes an entry of the menu, which the keys reach one by one."""
    types(begun)
    wait(shows(rf"(?m)^[^:]*\b{re.escape(entry)}|{re.escape(entry)} +│"))
    time.sleep(0.3)
    for _ in range(12):
        keys("C-n")
        if wait_for_line(entry):
            break
    keys("Escape")


def wait_for_line(entry):
    time.sleep(0.15)
    line = int(value("%val{cursor_line}"))
    return text_of(line).rstrip("=").endswith(entry)


def actions():
    line = new_line("COPY --from=bulder /a /b")
    wait(lambda: f"{line}.13,{line}.18|DiagnosticWarning" in found())
    go(line, 13)
    command("lsp-code-action 'Use `builder`'")
    check("a code action corrects the name", wait(lambda: text_of(line) == "COPY --from=builder /a /b"), text_of(line))
    eventually("and the warning goes", lambda: found().count("DiagnosticWarning") == 1)


def formatting():
    command("lsp-formatting-sync")
    tidy = buffer()
    lines = lambda text: [line.strip() for line in text.splitlines()]
    check("formatting changes nothing but blanks", lines(tidy) == lines(original(DOCKERFILE)), tidy)
    go(*place("WORKDIR /src", "/src"))
    keys("i")
    types("    ")
    keys("Escape")
    command("lsp-formatting-sync")
    check("and makes a file tidy", wait(lambda: buffer() == tidy), buffer())


def rename():
    for context in "😀 --from=builder", "--mount=from=builder", "AS builder":
        edit(DOCKERFILE)
        go(*place(context, "builder"))
        command("lsp-rename compiler")
        want = read(os.path.join(WORKSPACE, "app/Dockerfile.renamed"))
        check(f"rename from {context} changes every place", wait(lambda: buffer() == want), buffer())


def refusal():
    go(*place("AS builder", "builder"))
    command("lsp-rename not/valid")
    eventually("rename to not/valid says no", shows(r"not/valid.*cannot|cannot.*not/valid|not/valid"))
    check("and changes nothing", buffer() == original(DOCKERFILE), buffer())


def builds():
    for name, before, after in ((COMPOSE, "      target: ", ""), (BAKE, '  target  = "', '"'), (WORKFLOW, "          target: ", "")):
        edit(name)
        line, column = place(before + "tester", "tester", name)
        time.sleep(1)
        if name == COMPOSE:  # its finding comes when the file is opened
            eventually("another server of the same file stays", lambda: "DiagnosticInfo" in found())
        check(f"{name} has nothing wrong", "DiagnosticError" not in found(), found())
        go(line, column)
        command("lsp-definition")
        eventually("definition of a target", lambda: at(DOCKERFILE, *place("AS tester", "tester")))
        edit(name)
        change(line, before + "testre" + after)
        keys("Escape")
        eventually("a misspelt target shows, at the name", lambda: f"{line}.{column},{line}.{column + 5}|DiagnosticError" in found())
        go(line, column)
        keys("e", "c")
        types("assets")
        keys("Escape")
        eventually("correcting it removes it", lambda: "DiagnosticError" not in found())
        edit(name)
        change(line, before)
        take("te", "tester")  # kakoune-lsp does not ask behind a blank
        check("a begun target is completed", text_of(line) == before + "tester", text_of(line))
        edit(name)


def across():
    """What is said of a Dockerfile depends on who builds it, and a name is changed in all files at once."""
    def said():
        go(*place("AS tester", "tester"))
        command("lsp-hover")
        wait(shows("does not run this stage"))
        text = screen()
        keys("Escape")
        return [word for word in ("compose", "bake") if word in text.split("does not run", 1)[-1]]

    eventually("a Dockerfile knows the Bake file", lambda: said() == ["compose", "bake"])
    for name, context in (DOCKERFILE, "AS tester"), (COMPOSE, "target: tester"), (BAKE, '= "tester'):
        for other in COMPOSE, BAKE, WORKFLOW, DOCKERFILE, name:
            edit(other)
        go(*place(context, "tester", name))
        command("lsp-rename checker")
        wait(lambda: context.replace("tester", "checker") in buffer())
        time.sleep(0.3)
        command("write-all")
        for other in COMPOSE, BAKE, WORKFLOW, DOCKERFILE:
            want = re.sub(r'(target:? +=? *"?|AS )tester', r"\1checker", original(other))
            path = os.path.join(WORKSPACE, other)
            check(f"rename from {name} changes {other}", wait(lambda: read(path) == want), read(path))
    for name in COMPOSE, BAKE, WORKFLOW:
        edit(name)


def graph():
    command("dockerfile-ls-stage-graph")
    wait(lambda: "runtime" in buffer("*stage-graph*"))
    shown = buffer("*stage-graph*")
    check("the stage graph is shown", all(stage in shown for stage in ("builder", "assets", "certs", "runtime")), shown)
    command("delete-buffer *stage-graph*")


def others():
    """Only files that may build something get the server."""
    for name, served in (("values.yaml", False), ("app/settings.json", False), ("docker-compose.prod.yml", True), (".gitlab-ci.yml", True),
                         ("package.json", True), ("Makefile", True), ("justfile", True), ("Tiltfile", True), ("build.sh", True)):
        edit(name)
        check(f"{'a' if served else 'no'} server for {name}", ("[dockerfile-ls]" in value("%opt{lsp_servers}")) == served, value("%opt{lsp_servers}"))


def found():
    """The places and kinds of all findings in the buffer."""
    return value("%opt{lsp_inline_diagnostics}")


def value(expansion):
    if os.path.exists(answer):
        os.remove(answer)
    tell(f"evaluate-commands -client main %{{ echo -to-file '{answer}' -- {expansion} }}")
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if os.path.exists(answer):
            return read(answer).rstrip("\n")
        time.sleep(0.01)
    return ""


def buffer(name=None):
    copy = answer + ".text"
    if os.path.exists(copy):
        os.remove(copy)
    tell(f"try %{{ evaluate-commands -client main %{{ evaluate-commands {'-buffer ' + name if name else '-draft'} %{{ write -force '{copy}' }} }} }}")
    end = time.monotonic() + 5
    while time.monotonic() < end and not os.path.exists(copy):
        time.sleep(0.01)
    return read(copy) if os.path.exists(copy) else ""


def text_of(line):
    return (buffer().splitlines() + [""] * line)[line - 1]


def command(text):
    tell(f"evaluate-commands -client main -- %<{text}>" if "<" not in text else text)


def tell(text):
    subprocess.run([KAK, "-p", SESSION], input=text, text=True, capture_output=True)


def edit(name):
    """A file of the fixture as it was, in the editor and on the disk."""
    path = os.path.join(WORKSPACE, name)
    keys("Escape")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(original(name))
    command(f"edit! '{path}'")
    wait(lambda: value("%val{buffile}") == path)
    command("try lsp-did-change")  # as when a user pauses


def change(line, text):
    """Types a line in place of another, and stays in insert mode."""
    go(line, 1)
    keys("x", "H", "c")
    types(text)


def new_line(text, leave=True):
    """Types a line above the last, and tells its number."""
    line, _ = place("ENTRYPOINT", "ENTRYPOINT")
    go(line, 1)
    keys("O")
    types(text)
    keys(*["Escape"] * leave)
    return line


def original(name):
    path = os.path.join(FIXTURE, name)
    return read(path) if os.path.exists(path) else "\n"


def place(context, word, name=DOCKERFILE):
    """Line and column, from 1 and in bytes, of `word` in the first line of a file of the fixture with `context`."""
    for number, line in enumerate(original(name).splitlines(), 1):
        if context in line:
            return number, len(line[:line.index(word, line.index(context))].encode()) + 1
    raise AssertionError(f"the fixture has no {context}")


def go(line, column):
    command(f"select {line}.{column},{line}.{column}")


def at(name, line, column):
    """Whether a selection begins here."""
    return value("%val{buffile}") == os.path.join(WORKSPACE, name) and f"{line}.{column}" in value("%val{selection_desc}").split(",")


main()
