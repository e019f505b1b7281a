#!/usr/bin/env python3
"""Asks two language servers for Dockerfiles the same at every position, and tells where the other one answers and ours does not.

    cargo build && tests/peers/compare.py [FOLDER] [--other COMMAND]

FOLDER is ../shared/corpus/dockerfiles unless given. Needs npm for the other server, docker-langserver, which goes into
.cache/peers; --other names another command. --multi-stage takes files with several FROMs only, without the forty that
dotnet/dotnet-docker makes from templates; --some N takes every N-th file. Positions are the start, the middle and the end of each
word; --every takes each column. Nothing here asks the network, so tags from Docker Hub are not compared.

`Kind` below says for each request what "ours answers too, and at least as much" means; `REASONS` names the differences where
the other answer is wrong by BuildKit's rules, each with the test that it has to pass. What is left is a gap.
"""

import argparse
import collections
import concurrent.futures
import itertools
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = ROOT / "target/debug/dockerfile-ls"
PEERS = ROOT / ".cache/peers"
PACKAGE = "dockerfile-language-server-nodejs@0.15.0"
# Seconds that the other server has for some requests. Who takes longer hangs, as docker-langserver does where the names of
# stages and images make a circle: `FROM golang AS deps`, `FROM deps AS golang`.
PATIENCE = 30
# Requests that are on their way at once: fewer bytes than a pipe takes, so nobody waits for the other for ever.
BATCH = 100
CLIENT = {
    "textDocument": {
        "completion": {
            "completionItem": {
                "snippetSupport": True,
                "insertReplaceSupport": True,
                "deprecatedSupport": True,
                "tagSupport": {"valueSet": [1]},
                "documentationFormat": ["markdown"],
            }
        },
        "hover": {"contentFormat": ["markdown"]},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "rename": {"prepareSupport": True},
        "signatureHelp": {"signatureInformation": {"parameterInformation": {"labelOffsetSupport": True}}},
        "semanticTokens": {
            "requests": {"full": True},
            "tokenTypes": ["namespace", "type", "class", "enum", "interface", "parameter", "variable", "property", "enumMember", "macro", "keyword", "modifier", "comment", "string", "number", "regexp", "operator"],
            "tokenModifiers": ["declaration", "readonly", "deprecated", "modification", "defaultLibrary"],
            "formats": ["relative"],
        },
    }
}


class Server:
    """A language server on stdio that gets one file after the other."""

    def __init__(self, command, patience=None):
        self.command, self.patience = command, patience
        self.start()

    def start(self):
        command = self.command
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.ids = itertools.count(1)
        [answer] = self.ask([("initialize", {"processId": None, "rootUri": None, "capabilities": CLIENT})])
        self.offers = answer["capabilities"]
        self.send({"method": "initialized", "params": {}})

    def send(self, *messages):
        for message in messages:
            body = json.dumps({"jsonrpc": "2.0", **message}).encode()
            self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def ask(self, requests):
        """The results of some requests, None for each to which the server says no."""
        results = []
        for start in range(0, len(requests), BATCH):
            watch = threading.Timer(self.patience or 0, self.process.kill)
            if self.patience:
                watch.start()
            batch = {next(self.ids): request for request in requests[start : start + BATCH]}
            self.send(*({"id": number, "method": method, "params": params} for number, (method, params) in batch.items()))
            answers = {}
            while len(answers) < len(batch):
                message = self.read()
                if "method" not in message:
                    answers[message["id"]] = message.get("result")
                elif "id" in message:
                    # Whatever it asks of its client: there is none.
                    self.send({"id": message["id"], "result": None})
            watch.cancel()
            results += [answers[number] for number in batch]
        return results

    def read(self):
        length = 0
        while line := self.process.stdout.readline().strip():
            key, value = line.split(b":", 1)
            if key.lower() == b"content-length":
                length = int(value)
        if not length:
            raise EOFError("the server has ended")
        return json.loads(self.process.stdout.read(length))

    def open(self, uri, text):
        document = {"uri": uri, "languageId": "dockerfile", "version": 1, "text": text}
        self.send({"method": "textDocument/didOpen", "params": {"textDocument": document}})

    def close(self, uri):
        self.send({"method": "textDocument/didClose", "params": {"textDocument": {"uri": uri}}})


class File:
    """A text with its lines, and what BuildKit would read in them."""

    def __init__(self, path):
        self.name = path.name
        self.uri = path.resolve().as_uri()
        self.text = path.read_bytes().decode(errors="replace").removeprefix("\ufeff")
        self.lines = re.split(r"\r\n|\n|\r", self.text)
        # The instructions, their lines joined and comments left out, and to which each line belongs.
        self.instructions, self.numbers = [], []
        continued = False
        for line in self.lines:
            if not continued:
                self.instructions.append("")
            self.numbers.append(len(self.instructions) - 1)
            if not line.lstrip().startswith("#") and (line.strip() or not continued):
                self.instructions[-1] += line.rstrip().removesuffix("\\") if continued else line.strip().removesuffix("\\")
                continued = line.rstrip().endswith("\\")

    def number(self, line):
        """Which instruction a line belongs to."""
        return self.numbers[line]

    def instruction(self, place):
        return self.instructions[self.numbers[place[0]]]

    def slice(self, span):
        """The text of a range of one line. Columns count in UTF-16."""
        (line, start), (_, end) = span
        return self.lines[line].encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le", errors="replace")

    def before(self, place):
        line, column = place
        return self.slice(((line, 0), (line, column)))

    def after(self, place):
        line, column = place
        return self.lines[line].encode("utf-16-le")[2 * column :].decode("utf-16-le", errors="replace")

    def positions(self, every):
        for number, line in enumerate(self.lines):
            # Columns of characters, then of UTF-16.
            columns = {0, len(line)}
            for found in re.finditer(r"\w+|\s+|[^\w\s]", line):
                columns.add(found.start())
                if not found[0].isspace():
                    columns.add((found.start() + found.end()) // 2)
            for column in range(len(line) + 1) if every else sorted(columns):
                yield number, len(line[:column].encode("utf-16-le")) // 2


# The other server asks Docker Hub for tags there, and waits.
IN_TAG = re.compile(r"\s*FROM\s+(--\S+\s+)*[^\s$]*:[^\s/$]*", re.IGNORECASE)


def span(range):
    """A range of the protocol as a pair of places."""
    return (range["start"]["line"], range["start"]["character"]), (range["end"]["line"], range["end"]["character"])


def holds(outer, inner):
    return outer[0] <= inner[0] and inner[1] <= outer[1]


# How each kind of answer is brought into one form, and when ours is enough. A form that is false is no answer.


def definition(answer):
    targets = answer if isinstance(answer, list) else [answer] if answer else []
    return [span(target.get("targetSelectionRange") or target["range"]) for target in targets]


def same_target(theirs, ours):
    """Ours leads to the same name."""
    return any(holds(mine, target) or holds(target, mine) for target in theirs for mine in ours)


def highlight(answer):
    return sorted(span(item["range"]) for item in answer or [])


def all_ranges(theirs, ours):
    """Ours marks all that the other one marks."""
    return set(theirs) <= set(ours)


def hover(answer):
    contents = (answer or {}).get("contents", "")
    parts = contents if isinstance(contents, list) else [contents]
    return "\n".join(part if isinstance(part, str) else part["value"] for part in parts).strip()


def anything(theirs, ours):
    """Ours shows something, too."""
    return bool(ours)


def signature(answer):
    answer = answer or {}
    active = answer.get("activeSignature") or 0
    signatures = answer.get("signatures", [])
    return [
        {
            "label": item["label"],
            "parameters": len(item.get("parameters", [])),
            "active": item.get("activeParameter", answer.get("activeParameter")),
        }
        for item in signatures[active : active + 1]
    ]


def a_parameter(theirs, ours):
    """Ours shows a signature with a parameter that stands out, where the other one has one that exists."""
    in_it = lambda item: item["active"] is not None and item["active"] < item["parameters"]
    return bool(ours) and (not in_it(theirs[0]) or in_it(ours[0]))


def completion(answer):
    items = (answer.get("items", []) if isinstance(answer, dict) else answer) or []
    return [item for item in items if item.get("kind") != 1 or item.get("textEdit")]


PLACEHOLDER = re.compile(r"\$\{\d+:([^{}]*)\}|\$\{\d+\|([^,|]*)[^}]*\}|\$\{\d+\}|\$\d+")


def accepted(item):
    """What accepting an item writes, without the marks of a snippet."""
    edit = item.get("textEdit") or {}
    text = edit.get("newText") or item.get("insertText") or item["label"]
    if item.get("insertTextFormat") == 2:
        text = PLACEHOLDER.sub(lambda found: found[1] or found[2] or "", text).replace("\\$", "$").replace("\\}", "}")
    return text


def essences(item):
    """What an item offers, whatever it fills in behind it: a keyword, a flag, a variable, a stage, a path."""
    text = accepted(item)
    variable = re.fullmatch(r"(\$\{?)?(\w+)\}?", text)
    if variable and (variable[1] or item.get("kind") == 6):
        return {"$" + variable[2]}
    if flag := re.match(r"--[\w-]+", text):
        return {flag[0]}
    if "\n" in text.strip():
        return set()
    return {text.strip().lower(), re.split(r"[ =]", text.strip())[0].lower()}


def main_essence(item):
    """That of an item of the other server, which writes a keyword with what follows."""
    text = accepted(item)
    found = essences(item)
    if item.get("kind") == 14:
        return re.split(r"[ =]", text)[0].lower()
    return min(found, key=lambda essence: (-len(essence), essence))


def shown(file, place, item):
    """Whether a client shows it: what is typed of the word must be in what it filters by, letter by letter."""
    edit = item.get("textEdit") or {}
    whole = edit.get("replace") or edit.get("range")
    if not whole:
        return True
    start, _ = span(whole)
    typed = file.slice((start, place)) if start[0] == place[0] else ""
    letters = iter((item.get("filterText") or item["label"]).lower())
    return all(letter in letters for letter in typed.lower())


def missing_items(file, place, theirs, ours):
    offered = {essence for item in ours if shown(file, place, item) for essence in essences(item)}
    return sorted({main_essence(item) for item in theirs} - {essence for essence in offered} - {""})


def renamed(answer):
    return [span(answer.get("range") or answer)] if answer else []


def folding(answer):
    return sorted((fold["startLine"], fold["endLine"]) for fold in answer or [])


def links(answer):
    return sorted((span(link["range"]), link.get("target") or "") for link in answer or [])


def symbols(answer):
    def flat(items):
        for item in items or []:
            whole = item.get("range") or item["location"]["range"]
            yield span(whole), item["name"]
            yield from flat(item.get("children"))

    return list(flat(answer))


def tokens(answer):
    line = column = 0
    found = []
    data = (answer or {}).get("data", [])
    for at in range(0, len(data), 5):
        lines, columns, length = data[at : at + 3]
        line, column = line + lines, (column if not lines else 0) + columns
        found.append(((line, column), (line, column + length)))
    return found


# What of the other's answer ours lacks, per kind of answer that belongs to a file and not to a place.


def lacking_folds(theirs, ours):
    return [(fold, None) for fold in theirs if fold not in ours]


def lacking_links(theirs, ours):
    """Ours has a link on the same text to the same page."""
    page = lambda target: target.rstrip("/").removeprefix("https://")
    covered = lambda link: [mine for mine in ours if holds(mine[0], link[0])]
    return [
        (link, [target for _, target in covered(link)])
        for link in theirs
        if all(page(mine[1]) != page(link[1]) for mine in covered(link))
    ]


def lacking_symbols(theirs, ours):
    """Each instruction of theirs is one of ours, under its stage; each directive is one, too."""
    starts = {mine[0][0] for mine in ours}
    inside = lambda symbol: any(holds(mine, symbol[0]) for mine, _ in ours)
    return [(symbol, None) for symbol in theirs if symbol[0][0] not in starts and not inside(symbol)]


def lacking_tokens(theirs, ours):
    """Each of theirs is covered by ours."""
    covered = {(line, column) for (line, start), (_, end) in ours for column in range(start, end)}
    return [
        (token, None)
        for token in theirs
        if any((token[0][0], column) not in covered for column in range(token[0][1], token[1][1]))
    ]


AT_PLACES = {
    "documentHighlight": ("textDocument/documentHighlight", highlight, all_ranges),
    "definition": ("textDocument/definition", definition, same_target),
    "hover": ("textDocument/hover", hover, anything),
    "signatureHelp": ("textDocument/signatureHelp", signature, a_parameter),
    "completion": ("textDocument/completion", completion, None),
    "prepareRename": ("textDocument/prepareRename", renamed, anything),
}
IN_FILES = {
    "foldingRange": ("textDocument/foldingRange", folding, lacking_folds),
    "documentLink": ("textDocument/documentLink", links, lacking_links),
    "documentSymbol": ("textDocument/documentSymbol", symbols, lacking_symbols),
    "semanticTokens": ("textDocument/semanticTokens/full", tokens, lacking_tokens),
}
# What users of both see, but is not asked for: no gaps, only told.
BESIDES = {"prepareRename", "semanticTokens"}
# docker-langserver makes highlights of its definitions, so it has none of these where it highlights nothing.
FOLLOWS = {"definition", "prepareRename"}
PROVIDERS = {"prepareRename": "renameProvider", "semanticTokens": "semanticTokensProvider"}

# Where the other one is wrong. Each test sees the file, the place, both answers, and what ours lacks, if that is known.


def is_none_with_flags(file, place, theirs, ours, lacks):
    return lacks == "none" and "--" in file.before(place)


def is_before_hash(file, place, theirs, ours, lacks):
    return lacks in ("escape", "syntax") and not file.before(place).strip() and file.after(place).lstrip().startswith("#")


def above(file, place, pattern):
    """The last line above the place, or its own, that has this form."""
    lines = itertools.chain([file.before(place)], reversed(file.lines[: place[0]]))
    return next((found for line in lines if (found := re.match(pattern, line, re.IGNORECASE))), None)


def is_before_first_from(file, place, theirs, ours, lacks):
    return lacks not in ("from", "arg") and not above(file, place, r"\s*FROM\s")


def is_own_stage(file, place, theirs, ours, lacks):
    own = above(file, place, r"\s*FROM\s.*\sAS\s+(\S+)")
    return own and own[1].lower() == lacks


def is_there_already(file, place, theirs, ours, lacks):
    """The flag stands in this instruction."""
    return lacks.startswith("--") and re.search(re.escape(lacks) + r"\b", file.instruction(place))


def is_inside_healthcheck(file, place, theirs, ours, lacks):
    """In front of the CMD that stands there already."""
    return lacks in ("cmd", "none") and re.search(r"\bCMD\b", file.instruction(place)[9:], re.IGNORECASE)


def is_typed(file, place, theirs, ours, lacks):
    return lacks.startswith("/") and file.before(place).endswith(lacks)


def is_unquoted(file, place, theirs, ours, lacks):
    """Between the quotes of a JSON array."""
    return lacks.startswith("/") and "[" in file.before(place) and file.before(place).count('"') % 2 == 0


def is_no_flag(file, place, theirs, ours, lacks):
    """A flag in a word that does not begin as one, or in the value of another."""
    word = re.search(r"\S*$", file.before(place))[0]
    return lacks.startswith("--") and word and (not "--".startswith(word[:2]) or "=" in word or not lacks.startswith(word))


def is_proxy(file, place, theirs, ours, lacks):
    text = file.instruction(place)
    in_flag = re.search(r"(^|\s)--\S*$", file.before(place))
    return lacks.lower().endswith("_proxy") and (in_flag or not re.match(r"(ONBUILD\s+)?RUN\b", text, re.IGNORECASE))


def is_declared_here(file, place, theirs, ours, lacks):
    """A variable that the instruction itself declares: its value is read before."""
    name = re.escape(lacks.removeprefix("$"))
    return re.match(r"(ONBUILD\s+)?(ENV|ARG)\b.*(?<!\w)" + name + r"(\s|=|$)", file.instruction(place), re.IGNORECASE)


def is_no_variable(file, place, theirs, ours, lacks):
    """`$(command)`, `$@`, `$?` and the like have no name."""
    return all(start == end for start, end in theirs)


def has_operator(file, place, theirs, ours, lacks):
    """Theirs takes `#pattern` and the like in `${NAME#pattern}` for a part of the name."""
    cut = lambda found: (found[0], (found[0][0], found[0][1] + len(re.match(r"\w*", file.slice(found))[0])))
    longer = [found for found in theirs if cut(found) != found]
    return longer and all(found in ours for found in map(cut, theirs) if ours)


def is_declared_again(file, place, theirs, ours, lacks):
    """A name that is declared again, or reads its old value, is another variable from there on."""
    word = name_at(file, place)
    lines = [line for line in file.instructions if re.match(r"\s*(ONBUILD\s+)?(ENV|ARG)\b.*(?<![\w$])" + re.escape(word) + r"\b", line, re.IGNORECASE)]
    read = rf"(ENV|ARG)\b.*(?<![\w$]){re.escape(word)}\b.*\$\{{?{re.escape(word)}\b"
    again = len(lines) > 1 or any(re.search(read, line, re.IGNORECASE) for line in lines)
    return word and again and all(same(file.slice(found), word) for found in theirs)


def is_shell_variable(file, place, theirs, ours, lacks):
    """A variable of a shell: each RUN has its own, and ours marks all of this one."""
    word = name_at(file, place)
    declared = any(re.match(rf"(ONBUILD\s+)?(ENV|ARG)\b.*(?<![\w$]){re.escape(word)}(\s|=|$)", text) for text in file.instructions)
    here = [found for found in theirs if file.number(found[0][0]) == file.number(place[0])]
    return word and not declared and len(here) < len(theirs) and set(here) <= set(ours)


def is_single_quoted(file, place, theirs, ours, lacks):
    """`awk '{ print $1 }'`: no shell reads it."""
    return file.before(place).count("'") % 2 == 1 and (name_at(file, place).isdigit() or str(lacks).startswith("$"))


def is_image_with_tag(file, place, theirs, ours, lacks):
    word = name_at(file, place)
    return any(file.lines[found[0][0]].lstrip().upper().startswith("FROM") and re.match(r"[\w.-]*:", file.lines[found[0][0]][found[0][1] :]) for found in theirs + [((place[0], place[1] - len(re.search(r"[\w.-]*$", file.before(place))[0])), place)]) and word


def is_comment(file, place, theirs, ours, lacks):
    return file.lines[place[0]].lstrip().startswith("#")


def is_no_image(file, place, theirs, ours, lacks):
    """A variable, or no name of an image, which is in lower case."""
    return re.search(r"[A-Z]", file.slice(lacks[0]))


def is_duplicate_stage(file, place, theirs, ours, lacks):
    word = name_at(file, place)
    named = [line for line in file.lines if re.match(r"\s*FROM\s.*\sAS\s+" + re.escape(word) + r"\s*$", line, re.IGNORECASE)]
    return word and len(named) > 1 and ours


def name_at(file, place):
    before, after = file.before(place), file.after(place)
    return re.search(r"[\w.-]*$", before)[0] + re.match(r"[\w.-]*", after)[0] if "$" not in before[-2:] else re.match(r"\w*", after)[0]


def same(one, other):
    return one.lower().startswith(other.lower()) or other.lower().startswith(one.lower())


def is_no_directive(file, place, theirs, ours, lacks):
    return not re.match(r"#\s*[A-Za-z]\w*\s*=", file.lines[lacks[0][0][0]])


def is_no_hub_image(file, place, theirs, ours, lacks):
    """Theirs leads to Docker Hub, where the image is not."""
    (found, target) = lacks
    line, name = file.lines[found[0][0]], file.slice(found)
    host = line[: found[0][1]].endswith("/") and not re.search(r"\sdocker\.io/$", line[: found[0][1]])
    return "hub.docker.com" in target and (host or name == "scratch" or "$" in name or name.startswith("library/"))


REASONS = [
    ("only ARG and FROM can stand above the first FROM", {"completion"}, is_before_first_from),
    ("a stage can't copy from itself", {"completion"}, is_own_stage),
    ("the flag stands there already", {"completion"}, is_there_already),
    ("no flag can stand inside of another word", {"completion"}, is_no_flag),
    ("BuildKit gives the proxy variables to RUN only", {"completion"}, is_proxy),
    ("an instruction does not see the variables that it declares", {"completion"}, is_declared_here),
    ("HEALTHCHECK NONE takes no flags", {"completion"}, is_none_with_flags),
    ("what a HEALTHCHECK does stands there already", {"completion"}, is_inside_healthcheck),
    ("the path stands there already", {"completion"}, is_typed),
    ("a path in a JSON array needs quotes", {"completion"}, is_unquoted),
    ("each RUN has a shell, and variables, of its own", {"documentHighlight"}, is_shell_variable),
    ("what stands in single quotes is no variable", {"documentHighlight", "completion"}, is_single_quoted),
    ("an image with a tag is no stage", {"documentHighlight", "definition"}, is_image_with_tag),
    ("a comment between the lines of an instruction", {"signatureHelp"}, is_comment),
    ("a variable, or a name with upper case, is no image", {"documentLink"}, is_no_image),
    ("nothing before the # of a comment makes it a directive", {"completion"}, is_before_hash),
    ("`$(`, `$@` and the like are no variables", {"documentHighlight"}, is_no_variable),
    ("the name in `${NAME#pattern}` ends before the operator", {"documentHighlight", "definition"}, has_operator),
    ("of two stages of one name BuildKit takes the last", {"documentHighlight", "definition"}, is_duplicate_stage),
    (
        "a name that is declared again, or reads its own old value, is another variable from there on",
        {"documentHighlight", "definition"},
        is_declared_again,
    ),
    ("a comment that is no directive", {"documentSymbol"}, is_no_directive),
    ("the image is not on that page of Docker Hub", {"documentLink"}, is_no_hub_image),
]


def reason(file, kind, place, theirs, ours, lacks):
    """Why ours differs with good reason, or None."""
    for name, kinds, holds_here in REASONS:
        if kind in kinds and holds_here(file, place, theirs, ours, lacks):
            return name
    return None


def compare(path, servers, every):
    """Counts per kind and outcome, and the gaps, of one file."""
    file = File(path)
    counts, gaps = collections.Counter(), []
    theirs, ours = servers
    document = {"textDocument": {"uri": file.uri}}

    def judge(kind, place, enough, their_answer, our_answer, lacks):
        why = None if enough else reason(file, kind, place, their_answer, our_answer, lacks)
        outcome = "enough" if enough else why or "gap"
        counts[kind, outcome] += 1
        if not enough and (not why or ARGUMENTS.all):
            where = {"file": file.name, "kind": kind, "line": place[0] + 1, "column": place[1], "why": why}
            line = file.before(place) + "|" + file.after(place)
            gaps.append({**where, "text": line, "lacks": lacks, "theirs": brief(their_answer), "ours": brief(our_answer)})

    for server in servers:
        server.open(file.uri, file.text)
    try:
        places = list(file.positions(every))
        at = lambda place: {**document, "position": {"line": place[0], "character": place[1]}}
        for kind, (method, form, enough) in AT_PLACES.items():
            if not offers(theirs, kind):
                continue
            asked = places
            if kind == "completion":
                asked = [place for place in places if not IN_TAG.fullmatch(file.before(place))]
            elif kind in FOLLOWS:
                asked = marked
            try:
                answers = theirs.ask([(method, at(place)) for place in asked])
            except (EOFError, BrokenPipeError):
                counts[kind, "dead"] += 1
                theirs.start()
                theirs.open(file.uri, file.text)
                continue
            answered = [(place, found) for place, answer in zip(asked, answers) if (found := form(answer))]
            if kind == "documentHighlight":
                marked = [place for place, _ in answered]
            # Ours is asked where the other one has an answer.
            mine = ours.ask([(method, at(place)) for place, _ in answered]) if offers(ours, kind) else [None] * len(answered)
            for (place, their_answer), answer in zip(answered, mine):
                our_answer = form(answer)
                if kind == "completion":
                    lacks = missing_items(file, place, their_answer, our_answer)
                    for lack in lacks or [None]:
                        judge(kind, place, not lacks, their_answer, our_answer, lack)
                else:
                    judge(kind, place, enough(their_answer, our_answer), their_answer, our_answer, None)
        for kind, (method, form, lacking) in IN_FILES.items():
            if not offers(theirs, kind):
                continue
            [their_answer] = theirs.ask([(method, document)])
            [our_answer] = ours.ask([(method, document)]) if offers(ours, kind) else [None]
            if kind == "documentLink":
                their_answer = resolved(theirs, their_answer)
                our_answer = resolved(ours, our_answer)
            their_answer, our_answer = form(their_answer), form(our_answer)
            lacks = lacking(their_answer, our_answer)
            counts[kind, "enough"] += len(their_answer) - len(lacks)
            for lack, instead in lacks:
                line = lack[0] if kind == "foldingRange" else lack[0][0][0] if kind != "semanticTokens" else lack[0][0]
                column = 0 if kind == "foldingRange" else lack[0][0][1] if kind != "semanticTokens" else lack[0][1]
                judge(kind, (line, column), False, lack, instead, lack)
    finally:
        for server in servers:
            server.close(file.uri)
    return counts, gaps


def resolved(server, found):
    """Links with their targets."""
    asked = [("documentLink/resolve", link) for link in found or [] if "target" not in link]
    answers = iter(server.ask(asked))
    return [link if "target" in link else {**link, **(next(answers) or {})} for link in found or []]


def offers(server, kind):
    return bool(server.offers.get(PROVIDERS.get(kind) or kind.removesuffix("Range") + "Provider")) or bool(
        server.offers.get(kind + "Provider")
    )


def brief(answer):
    text = json.dumps(answer)
    return answer if len(text) < 400 else text[:400]


def work(share):
    """Compares a share of the files, with servers of its own."""
    servers = [Server(shlex.split(ARGUMENTS.other), PATIENCE), Server([ARGUMENTS.server, "--stdio"])]
    counts, gaps = collections.Counter(), []
    for path in share:
        more_counts, more_gaps = compare(path, servers, ARGUMENTS.every)
        counts += more_counts
        gaps += more_gaps
    for server in servers:
        server.process.terminate()
    return counts, gaps


def choose(folder):
    """The files to compare, by name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if ARGUMENTS.multi_stage:
        is_from = re.compile(rb"^[ \t]*FROM[ \t]", re.IGNORECASE | re.MULTILINE)
        verdicts = folder.parent / "verdicts.jsonl"
        if verdicts.is_file():
            # BuildKit has counted them.
            records = [json.loads(line) for line in verdicts.read_text().splitlines()]
            several = {record["file"] for record in records if record["stages"] > 1}
            files = [path for path in files if path.name in several]
        else:
            files = [path for path in files if len(is_from.findall(path.read_bytes())) > 1]
        files = [path for path in files if "_dotnet_dotnet-docker__" not in path.name]
    return files[:: ARGUMENTS.some]


def report(counts, files):
    """The table in the README."""
    print(f"{len(files)} files, {'every column' if ARGUMENTS.every else 'each word at its start, middle and end'}:\n")
    print("| | answers of docker-langserver | ours has all of it | differs with reason | gaps |")
    print("|---|---:|---:|---:|---:|")
    reasons, hung = collections.Counter(), []
    for kind in [*AT_PLACES, *IN_FILES]:
        found = {outcome: count for (of, outcome), count in counts.items() if of == kind}
        enough, gap, dead = (found.pop(outcome, 0) for outcome in ("enough", "gap", "dead"))
        hung += [f"{kind} in {dead} files"] if dead else []
        reasons.update(found)
        different = sum(found.values())
        name = f"besides: {kind}" if kind in BESIDES else kind
        print(f"| {name} | {enough + gap + different:,} | {enough:,} | {different:,} | {gap:,} |")
    if hung:
        print(f"\nNot in it, as the other server ends or hangs for ever: {', '.join(hung)}.")
    if reasons:
        print("\n| answers | where ours differs, and why |\n|---:|---|")
        for name, count in reasons.most_common():
            print(f"| {count:,} | {name} |")


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=ROOT / "../shared/corpus/dockerfiles")
    parser.add_argument("--server", default=OURS, help="our program")
    parser.add_argument("--other", help="the command of the other server")
    parser.add_argument("--multi-stage", action="store_true", help="hand-written files with several stages only")
    parser.add_argument("--some", type=int, default=1, metavar="N", help="every N-th file only")
    parser.add_argument("--every", action="store_true", help="every column instead of three per word")
    parser.add_argument("--gaps", type=pathlib.Path, metavar="FILE", help="write each gap there, as JSON lines")
    parser.add_argument("--all", action="store_true", help="write the differences with a reason, too")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), metavar="N")
    return parser.parse_args()


def main():
    files = choose(ARGUMENTS.folder)
    if not files:
        sys.exit(f"there is no file below {ARGUMENTS.folder}")
    if not ARGUMENTS.other:
        program = PEERS / "node_modules/.bin/docker-langserver"
        if not program.exists():
            subprocess.run(["npm", "install", "--silent", "--prefix", PEERS, PACKAGE], check=True)
        ARGUMENTS.other = f"{shlex.quote(str(program))} --stdio"
    shares = [files[at :: ARGUMENTS.jobs] for at in range(ARGUMENTS.jobs)]
    counts, gaps = collections.Counter(), []
    with concurrent.futures.ThreadPoolExecutor(ARGUMENTS.jobs) as pool:
        for more_counts, more_gaps in pool.map(work, shares):
            counts += more_counts
            gaps += more_gaps
    report(counts, files)
    if ARGUMENTS.gaps:
        ARGUMENTS.gaps.write_text("".join(json.dumps(gap, ensure_ascii=False) + "\n" for gap in gaps))
    sys.exit(any(outcome == "gap" and kind not in BESIDES for kind, outcome in counts))


ARGUMENTS = read_arguments()
main()
