#!/usr/bin/env python3
"""A second language server, as people have one on their YAML files: it must stay, and answer, when ours comes.

Hover, completion, formatting and a diagnostic, all of them the same in every file.
"""
import json, sys

ANSWERS = {
    "initialize": {"capabilities": {"textDocumentSync": 1, "hoverProvider": True, "completionProvider": {}, "documentFormattingProvider": True}},
    "textDocument/hover": {"contents": "the other server"},
    "textDocument/completion": [{"label": "other-word"}],
    "textDocument/formatting": [{"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}, "newText": "# formatted\n"}],
}
DIAGNOSTIC = {"range": ANSWERS["textDocument/formatting"][0]["range"], "severity": 3, "code": "other-finding", "source": "other", "message": "Other finding"}


def main():
    while message := receive():
        method, params = message.get("method"), message.get("params")
        if method == "exit":
            return
        if method == "textDocument/didOpen":
            send(method="textDocument/publishDiagnostics", params={"uri": params["textDocument"]["uri"], "diagnostics": [DIAGNOSTIC]})
        elif method and "id" in message:
            send(id=message["id"], result=ANSWERS.get(method))


def receive():
    length = 0
    while (line := sys.stdin.buffer.readline().strip()):
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    return json.loads(sys.stdin.buffer.read(length)) if length else None


def send(**content):
    text = json.dumps({"jsonrpc": "2.0", **content}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n" % len(text) + text)
    sys.stdout.buffer.flush()


main()
