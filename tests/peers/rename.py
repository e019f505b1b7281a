#!/usr/bin/env python3
"""Renames every named stage of every Dockerfile below a folder with two language servers, and counts the builds that break.

    cargo build && tests/peers/rename.py [FOLDER]

FOLDER is ../shared/corpus/dockerfiles unless given. Needs npm for the other server, docker-langserver, which goes into
.cache/peers. Each server is asked at the name behind AS; its edits are applied, and `dockerfile-ls graph` tells whether
the build is the same but for the name. A server that says no has not broken anything: that is counted apart.
"""

import collections
import itertools
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = ROOT / "target/debug/dockerfile-ls"
PEERS = ROOT / ".cache/peers"
PACKAGE = "dockerfile-language-server-nodejs@0.15.0"
NEW_NAME = "fresh-name-1"


class Server:
    """A language server on stdio that gets one file after the other."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.ids = itertools.count(1)
        symbols = {"hierarchicalDocumentSymbolSupport": True}
        capabilities = {"textDocument": {"rename": {}, "documentSymbol": symbols}}
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
        self.notify("initialized", {})

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def ask(self, method, params):
        """The result of a request, or None where the server says no."""
        number = next(self.ids)
        self.send({"id": number, "method": method, "params": params})
        while True:
            length = 0
            while line := self.process.stdout.readline().strip():
                key, value = line.split(b":", 1)
                if key.lower() == b"content-length":
                    length = int(value)
            message = json.loads(self.process.stdout.read(length))
            if message.get("id") == number and "method" not in message:
                return message.get("result")
            if "id" in message and "method" in message:
                # Whatever it asks of its client: there is none.
                self.send({"id": message["id"], "result": None})

    def open(self, uri, text):
        document = {"uri": uri, "languageId": "dockerfile", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def rename(self, uri, position):
        """The text edits, or None where the server says no."""
        document = {"uri": uri}
        result = self.ask("textDocument/rename", {"textDocument": document, "position": position, "newName": NEW_NAME})
        if result is None:
            return None
        changes = result.get("changes", {}).get(uri, [])
        return changes + [edit for change in result.get("documentChanges", []) for edit in change["edits"]]


def apply(text, edits):
    """The text after the edits. Columns count in UTF-16."""
    raw = text.encode("utf-16-le")
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line.encode("utf-16-le")) + 2)
    offset = lambda place: starts[place["line"]] + 2 * place["character"]
    for edit in sorted(edits, key=lambda edit: offset(edit["range"]["start"]), reverse=True):
        start, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
        raw = raw[:start] + edit["newText"].encode("utf-16-le") + raw[end:]
    return raw.decode("utf-16-le")


def graph(text, renamed=None):
    """What the build does, without the names of stages but with the name of the one that was renamed."""
    run = subprocess.run([OURS, "graph", "--format", "json", "-"], input=text.encode(), capture_output=True, check=True)
    found = json.loads(run.stdout)
    for stage in found["stages"]:
        if stage["index"] == renamed and stage["name"] != NEW_NAME:
            return None
        stage.pop("name")
        if stage["base"] and stage["base"]["kind"] == "stage":
            stage["base"].pop("value")
    return found


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "../shared/corpus/dockerfiles"
    other = PEERS / "node_modules/.bin/docker-langserver"
    if not other.exists():
        subprocess.run(["npm", "install", "--silent", "--prefix", PEERS, PACKAGE], check=True)
    servers = {"dockerfile-ls": Server([OURS, "--stdio"]), "docker-langserver": Server([other, "--stdio"])}
    counts = {name: collections.Counter() for name in servers}
    broken = {name: [] for name in servers}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        text = path.read_bytes().decode(errors="replace")
        uri = path.resolve().as_uri()
        for server in servers.values():
            server.open(uri, text)
        before = graph(text)
        symbols = servers["dockerfile-ls"].ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
        stages = [symbol for symbol in symbols or [] if symbol["kind"] == 2]
        for index, stage in enumerate(stages):
            if stage["name"] == f"stage {index}":
                continue
            for name, server in servers.items():
                edits = server.rename(uri, stage["selectionRange"]["start"])
                if not edits:
                    verdict = "refused"
                elif graph(apply(text, edits), index) == before:
                    verdict = "right"
                else:
                    verdict = "wrong"
                    broken[name].append(f"{path.name}: {stage['name']}")
                counts[name][verdict] += 1
        for server in servers.values():
            server.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    for name, count in counts.items():
        for line in broken[name]:
            print(f"{name} breaks {line}")
        total = sum(count.values())
        print(f"{name}: of {total} renames {count['right']} right, {count['wrong']} wrong, {count['refused']} refused")


main()
