#!/usr/bin/env python3
"""Drives a real Helix, 25.01 and later, with keys in a tmux terminal:  helix.py HX

WORKSPACE is a copy of FIXTURE: the Dockerfile in app/, a folder with .git above it, where the files are that build it. Helix finds
our languages.toml, the server and another one through its environment. Every check prints one line.
"""
import os, re, subprocess, sys, time

from terminal import alive, check, eventually, keys, leave, read, screen, shows, start, stop, tmux, types, wait

HX = sys.argv[1]
WORKSPACE, FIXTURE = os.environ["WORKSPACE"], os.environ["FIXTURE"]
FILE = os.path.join(WORKSPACE, "app", "Dockerfile")
COMPOSE, BAKE, WORKFLOW = "compose.yaml", "docker-bake.hcl", ".github/workflows/ci.yml"


def main():
    start(f"'{HX}' Dockerfile", os.path.dirname(FILE))
    try:
        eventually("opens the file", shows(r"NOR +Dockerfile"))
        for test in colours, diagnostics, definition, references, hover, graph, inlay_hints, completion, words, signatures, formatting, rename, refusal:
            restore()
            test()
        for test in builds, across, others:
            test()
        command("quit-all!")
        check("quits", wait(lambda: not alive()))
    finally:
        stop()
    leave()


def diagnostics():
    check("a correct file has no unknown stage", unknown_stages() == 0, screen())
    line, _ = place("ENTRYPOINT", "ENTRYPOINT")
    new_line("COPY --from=bulder /a /b")
    eventually("typing an unknown stage shows a warning, once", lambda: unknown_stages() == 1)
    keys("Space", "d")
    wait(shows(UNKNOWN))
    check("it is a warning", shows(rf"WARN .*{UNKNOWN}")(), screen())
    types("No stage named")  # among what else there is to say of the file
    keys("Enter")  # selects it: backwards, or forwards up to its last character
    eventually("it is at the name", lambda: at(line, 13)() or at(line, 18)())
    keys("Escape")
    go(line, 13)
    keys("e", "c")
    types("builder")
    keys("Escape")
    eventually("correcting the name removes it", lambda: unknown_stages() == 0)
    restore()
    new_line("COPY --chown=é😀 --from=tsetr /a /b")
    eventually("an unknown stage after non-ASCII text too", lambda: unknown_stages() == 1)
    keys("Space", "d")
    wait(shows(UNKNOWN))
    types("No stage named")
    keys("Enter")
    eventually("at its place", lambda: at(line, 24)() or at(line, 28)())


def definition():
    builder = place("FROM golang", "builder")
    jumps = [("--from=builder", "builder", builder), ("FROM builder", "builder", builder), ("--from=BUILDER", "BUILDER", builder),
             ("type=bind,from=builder", "builder", builder), ("😀 --mount=from=builder", "builder", builder),
             ("golang:${GO_VERSION}", "GO_VERSION", place("ARG GO_VERSION", "GO_VERSION")),
             ("--from=certs", "certs", place("FROM debian:12-slim AS certs", "certs"))]  # the second of the two
    for context, word, (line, column) in jumps:
        go(*place(context, word))
        keys("g", "d")
        # Helix selects the name with the cursor on its first character, or on its last.
        eventually(f"definition of {context}", lambda: at(line, column)() or at(line, column + len(word) - 1)())
        keys("Escape")


def references():
    go(*place("😀 --from=builder", "builder"))
    keys("g", "r")
    eventually("the picker of references has every place", shows(r" 6/6 "))
    keys("Escape")


def hover():
    go(*place("--from=builder", "builder"))
    before = screen()
    keys("Space", "k")
    wait(lambda: screen() != before)
    time.sleep(0.3)
    added = set(screen().splitlines()) - set(before.splitlines())
    check("hover shows text about the stage", any("builder" in line for line in added) and "No hover" not in screen(), screen())
    keys("Escape")


def colours():
    """By the grammar and queries of the repository; without them a Dockerfile has one colour here."""
    lines = [coloured(line) for line in tmux("capture-pane", "-p", "-e").splitlines()]

    def colour(context, word):
        for text, colours in lines:
            if context in text:
                return colours[text.index(word, text.index(context))]

    keyword, image, stage = colour("FROM golang", "FROM"), colour("FROM golang", "golang"), colour("FROM golang", "builder")
    check("keywords have a colour of their own", keyword == colour("WORKDIR /src", "WORKDIR") and keyword not in (image, None), lines[:8])
    check("a stage has the same everywhere", stage == colour("--from=builder", "builder") == colour(",from=builder", "builder"), lines)
    check("which is not that of an image or path", stage not in (image, colour("WORKDIR /src", "/src")), lines[:8])


def coloured(line):
    """The text of a line, and the colour of each of its characters."""
    text, colours, colour = "", [], None
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if part.startswith("\x1b"):
            found = re.search(r"(?<!\d)(38;[25];[\d;]+|3[0-79]|9[0-7])(?!\d)", part)
            colour = found.group() if found else None if part in ("\x1b[m", "\x1b[0m") else colour
        else:
            text, colours = text + part, colours + [colour] * len(part)
    return text, colours


def graph():
    if not newer():
        return
    command("sh dockerfile-ls graph %{buffer_name}")
    eventually("a command shows the graph", shows(r"(?s)runtime.*assets.*builder"))
    keys("Escape")


def newer():
    """Helix 25.07 or later."""
    return subprocess.run([HX, "--version"], capture_output=True, text=True).stdout.split()[1] >= "25.07"


def inlay_hints():
    command("set lsp.display-inlay-hints true")
    command("goto 1")
    for text, hint in ("FROM golang:${GO_VERSION}", "= golang:1.25"), ("COPY go.mod go.sum ./", "= /src/"):
        eventually(f"{text} has its hint", shows(re.escape(f"{text} {hint}")))
    command("set lsp.display-inlay-hints false")
    eventually("and none when they are off", lambda: "= golang:1.25" not in screen())


def completion():
    cases = [("COPY --from=", ["assets", "builder", "certs", "tester"], "te", "ster"),
             ("COPY --chown=é😀 --from=", ["assets", "builder", "certs", "tester"], "as", "sets"),
             ("RUN --mount=type=bind,from=", ["assets", "builder", "certs", "tester"], "bu", "ilder")]
    for text, stages, begun, rest in cases:
        restore()
        new_line(text, leave=False)

        def popup():
            return screen().split(text, 1)[-1].split("from=")[-1]

        check(f"{text} offers the stages", wait(lambda: all(stage in popup() for stage in stages)), screen())
        check("not the stage itself", "runtime" not in popup(), screen())
        types(begun)
        wait(lambda: begun + rest in popup() and not any(stage in popup() for stage in stages if not stage.startswith(begun)))
        keys("C-n", "Enter", "Escape")
        want = read(FILE + ".fixture").replace("ENTRYPOINT", text + begun + rest + "\nENTRYPOINT")
        check("and inserts the one chosen", saves(want), read(FILE))


def words():
    """One of each kind of word: what is typed, the entry, which is the first, and the line that this gives."""
    for text, entry, want in (
        ("co", "COPY", "COPY"), ("COPY --ch", "--chown", "COPY --chown="),
        ("RUN --mount=type=cache,id=a-b,ta", "target", "RUN --mount=type=cache,id=a-b,target="), ("FROM node:24-", "node:24-slim", "FROM node:24-slim"),
        ("FROM alpine:$GO", "GO_VERSION", "FROM alpine:$GO_VERSION"), ("COPY web/in", "index.js", "COPY web/index.js"),
        ("COPY --from=builder /out/", "/out/app", "COPY --from=builder /out/app"), ("USER nob", "nobody", "USER nobody"),
    ):
        restore()
        new_line(text, leave=False)
        shown = lambda: re.findall(rf" {re.escape(entry)} +(?:keyword|field|property|value|reference|variable|file|constant)\b", screen())
        check(f"completion of {text}, once", wait(shown) and len(shown()) == 1, screen())
        keys("C-n", "Enter", "Escape")
        check("writes it", saves(read(FILE + ".fixture").replace("ENTRYPOINT", want + "\nENTRYPOINT")), read(FILE))
    restore()
    new_line("co", leave=False)
    wait(shows("COPY source target"))
    keys("C-n", "C-n", "Enter")
    types("here")
    keys("Escape")
    want = read(FILE + ".fixture").replace("ENTRYPOINT", "COPY here target\nENTRYPOINT")
    check("what is typed takes the first place of a form", saves(want), read(FILE))


def signatures():
    new_line("WORKDIR /a", leave=False)
    eventually("a signature shows while one types", shows(r"WORKDIR <path>"))
    keys("Escape")
    restore()
    new_line("RUN make", leave=False)
    eventually("and the one of RUN", shows(r"RUN \[flags\] <command>"))
    types(" install")
    eventually("which goes when the command goes on", lambda: "RUN [flags] <command>" not in screen())
    keys("Escape")
    restore()
    for context, word, text in ("WORKDIR /src", "WORKDIR", "Changes the directory"), ("--chmod=0644", "chmod", "--chmod"):
        go(*place(context, word))
        before = screen().count(text)
        keys("Space", "k")
        eventually(f"hover on {word}", lambda: screen().count(text) > before)
        keys("Escape")


def formatting():
    command("format")
    command("write")
    time.sleep(1)
    tidy = read(FILE)
    lines = lambda text: [line.strip() for line in text.splitlines()]
    check("formatting changes nothing but blanks", lines(tidy) == lines(read(FILE + ".fixture")), tidy)
    with open(FILE, "w", encoding="utf-8", newline="") as file:
        file.write(tidy.replace("WORKDIR /src", "WORKDIR    /src  ").replace("USER 65532", "  USER   65532"))
    command("reload")
    wait(shows("USER   65532"))
    line, column = place("ENTRYPOINT", "ENTRYPOINT")
    go(line, column)
    command("format")
    eventually("and makes a file tidy", lambda: "USER   65532" not in screen())
    check("the cursor stays", at(line, column)(), screen())
    check("as it was", saves(tidy), read(FILE))
    command("format")
    time.sleep(0.5)
    check("a second time does nothing", "[+]" not in screen(), screen())


def rename():
    for context in "😀 --from=builder", "--mount=from=builder", "AS builder":
        restore()
        go(*place(context, "builder"))
        keys("Space", "r")
        check(f"rename from {context} proposes the name", wait(shows(r"rename-to:builder")), screen())
        keys("C-u")
        types("compiler")
        keys("Enter")
        wait(shows(r"AS compiler"))
        check("and changes every place", saves(read(FILE + ".renamed")), read(FILE))


def refusal():
    go(*place("AS builder", "builder"))
    keys("Space", "r")
    wait(shows(r"rename-to:"))
    keys("C-u")
    types("not/valid")
    keys("Enter")
    eventually("rename to not/valid says no", shows(r"\n[^\n]*not/valid[^\n]*\s*$"))
    print("      " + screen().rstrip().splitlines()[-1])
    check("and changes nothing", "[+]" not in screen(), screen())


def builds():
    """Types into each kind of file that names a stage."""
    forget()
    for name, before, after, empty in ((COMPOSE, "      target: ", "", "      target: "), (BAKE, "  target  = \"", "\"", "  target  = "),
                                       (WORKFLOW, "          target: ", "", "          target: ")):
        edit(name)
        line, column = place(before + "tester", "tester", name)
        check(f"{name} has nothing wrong", findings(NOT_FOUND) == 0, screen())
        go(line, column)
        keys("g", "d")
        to, start = place("AS tester", "tester")
        eventually("definition of a target", lambda: showing("Dockerfile") and (at(to, start)() or at(to, start + 5)()))

        edit(name)
        change(line, before + "testre" + after[:0 if '"' in before else None])  # Helix closes the quote itself
        keys("Escape")
        eventually("a misspelt target shows, once", lambda: findings(NOT_FOUND) == 1)
        keys("Space", "d")
        check("it is an error", wait(shows(rf"ERROR .*{NOT_FOUND}")), screen())
        types("no stage")
        keys("Enter")
        eventually("it is at the name", lambda: at(line, column)() or at(line, column + 5)())
        keys("Escape")
        go(line, column)
        keys("e", "c")
        types("assets")
        keys("Escape")
        eventually("correcting it removes it", lambda: findings(NOT_FOUND) == 0)

        edit(name)
        change(line, empty)
        popup = lambda: screen().split(empty.strip(), 2)[-1]
        check("an empty target offers the stages", wait(lambda: all(stage in popup() for stage in ("assets", "builder", "certs"))), screen())
        types("as")
        wait(lambda: "assets" in popup() and "builder" not in popup())
        keys("C-n", "Enter", "Escape")
        want = read(os.path.join(FIXTURE, name)).replace(before + "tester", before + "assets")
        path = os.path.join(WORKSPACE, name)
        check("and inserts the one chosen", saves(want, path), read(path))
        forget()
        edit(name)


def across():
    """What is said of a Dockerfile depends on who builds it, and a name is changed in all files at once."""
    command("set inline-diagnostics.cursor-line hint")
    command("set end-of-line-diagnostics disable")
    line, column = place("AS tester", "tester")

    def said():
        edit("app/Dockerfile")
        go(line, column)
        wait(shows("The default build does not run this stage"))
        return [word for word in ("ci.yml", "compose", "bake") if word in screen()]

    eventually("a Dockerfile knows the Bake file", lambda: said() == ["ci.yml", "compose", "bake"])
    edit(BAKE)
    change(place('"tester"', "tester", BAKE)[0], '  target  = "assets')
    keys("Escape")
    eventually("its diagnostics change with that", lambda: said() == ["ci.yml", "compose"])
    edit(BAKE)
    eventually("and back", lambda: said() == ["ci.yml", "compose", "bake"])
    command("set inline-diagnostics.cursor-line disable")
    command("set end-of-line-diagnostics hint")

    for name, context in ("app/Dockerfile", "AS tester"), (COMPOSE, "target: tester"), (BAKE, '= "tester'):
        for other in COMPOSE, BAKE, WORKFLOW, "app/Dockerfile", name:
            edit(other)
        go(*place(context, "tester", name))
        keys("Space", "r")
        check(f"rename from {name} proposes the name", wait(shows(r"rename-to:tester")), screen())
        keys("C-u")
        types("checker")
        keys("Enter")
        wait(shows(context.replace("tester", "checker")))
        command("write-all")
        for other in COMPOSE, BAKE, WORKFLOW, "app/Dockerfile":
            want = re.sub(r'(target:? +=? *"?|AS )tester', r"\1checker", read(os.path.join(FIXTURE, other)))
            path = os.path.join(WORKSPACE, other)
            check(f"and changes {other}", wait(lambda: read(path) == want), read(path))
    for name in COMPOSE, BAKE, WORKFLOW, "app/Dockerfile":
        edit(name)


def others():
    """Whoever serves a file already goes on to. Before 25.07 Helix asks one server for a hover, and that is the one before ours."""
    edit(COMPOSE)
    line, column = place("target: tester", "tester", COMPOSE)
    go(line, column)
    keys("Space", "k")
    # Of two answers the first to come is on the first page.
    eventually("another server answers to hover", shows(r"the other server|\[1/2\]"))
    check("and ours, where Helix asks both", not newer() or wait(shows("1/2")), screen())
    keys("Escape")
    change(line, "      target: ")
    check("both complete", wait(lambda: "other-word" in screen() and "builder" in screen()), screen())
    types("testre")
    keys("Escape")
    eventually("both have diagnostics", lambda: findings("other-finding") == 1 and findings(NOT_FOUND) == 1)
    edit(COMPOSE)
    command("format")
    check("the other one formats", saves("# formatted\n" + read(os.path.join(FIXTURE, COMPOSE)), os.path.join(WORKSPACE, COMPOSE)), screen())
    edit(COMPOSE)


UNKNOWN, NOT_FOUND = "unknown-stage-reference", "target-not-found"


def unknown_stages():
    return findings(UNKNOWN)


def findings(code):
    """How many the picker of diagnostics shows."""
    keys("Escape", "Space", "d")
    wait(shows(r" \d+/\d+ |No diagnostics"))
    time.sleep(0.1)
    count = len(re.findall(rf"(?:HINT|INFO|WARN|ERROR) .*?\b{code}", screen()))  # not where it stands beside the text
    keys("Escape")
    return count


def edit(name):
    """A file of the fixture as it was, in the editor and on the disk."""
    path = os.path.join(WORKSPACE, name)
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(read(os.path.join(FIXTURE, name)))
    command(f"open {os.path.relpath(path, os.path.dirname(FILE))}")
    command("reload")
    if not wait(lambda: showing(name) and "[+]" not in screen()):
        check(f"{name} reloads", False, screen())


def showing(name):
    """Whether the status line has this file; a spinner may turn before it."""
    return shows(rf"(?m)^ *NOR .*\b{re.escape(os.path.basename(name))} ")()


def forget():
    """Closes the file. Helix 25.01 can send the two edits of a completion in the wrong order, and the server's text is wrong then."""
    command("buffer-close!")


def change(line, text):
    """Types a line in place of another, and stays in insert mode."""
    command(f"goto {line}")
    keys("g", "h", "v", "g", "l", "c")
    types(text)


def place(context, word, name="app/Dockerfile"):
    """Line and column, from 1 and in characters, of `word` in the first line of a file of the fixture with `context`."""
    for number, line in enumerate(read(os.path.join(FIXTURE, name)).splitlines(), 1):
        if context in line:
            return number, line.index(word, line.index(context)) + 1
    raise AssertionError(f"the fixture has no {context}")


def go(line, column):
    command(f"goto {line}")
    keys("g", "h")
    types(f"{column - 1}l" if column > 1 else "")
    if not wait(at(line, column)):
        check(f"the cursor gets to {line}:{column}", False, screen())


def at(line, column):
    """Whether the status line shows this place."""
    return shows(rf"(?m) {line}:{column}\s*$")


def new_line(text, leave=True):
    """Types a line above the last."""
    go(*place("ENTRYPOINT", "ENTRYPOINT"))
    keys("O")
    types(text)
    keys(*["Escape"] * leave)


def restore():
    """The fixture again, on the disk and in the editor."""
    with open(FILE, "w", encoding="utf-8", newline="") as file:
        file.write(read(FILE + ".fixture"))
    command("reload")
    if not wait(lambda: "[+]" not in screen()):
        check("the file reloads", False, screen())


def saves(want, path=FILE):
    command("write")
    return wait(lambda: read(path) == want)


def command(text):
    keys("Escape", ":")
    tmux("send-keys", "-l", text)
    keys("Enter")


main()
