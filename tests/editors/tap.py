#!/usr/bin/env python3
"""Stands between an editor and the server, and judges what they said to each other.

tap.py record LOG COMMAND [WORD...]   run the server, pass every byte on, write each message to LOG as one line of JSON
tap.py check LOG...                   print what breaks the protocol in such logs; exit code 1 if anything does
"""
import json, os, subprocess, sys, threading, time

from texts import Texts

# What a server may ask for, and where the client must have said that it understands.
REQUESTS = {
    "workspace/configuration": "workspace.configuration",
    "workspace/workspaceFolders": "workspace.workspaceFolders",
    "workspace/applyEdit": "workspace.applyEdit",
    "workspace/codeLens/refresh": "workspace.codeLens.refreshSupport",
    "workspace/semanticTokens/refresh": "workspace.semanticTokens.refreshSupport",
    "workspace/inlayHint/refresh": "workspace.inlayHint.refreshSupport",
    "workspace/diagnostic/refresh": "workspace.diagnostics.refreshSupport",
    "workspace/foldingRange/refresh": "workspace.foldingRange.refreshSupport",
    "window/workDoneProgress/create": "window.workDoneProgress",
    "window/showMessageRequest": "window.showMessage",
    "window/showDocument": "window.showDocument.support",
}
NOTIFICATIONS = {"textDocument/publishDiagnostics", "window/showMessage", "window/logMessage", "telemetry/event",
                 "$/progress", "$/logTrace", "$/cancelRequest"}
BEFORE_INITIALIZED = {"window/showMessage", "window/logMessage", "telemetry/event", "window/showMessageRequest", "$/progress"}


def record(path, command):
    log, lock = open(path, "a", buffering=1), threading.Lock()

    def note(**line):
        with lock:
            log.write(json.dumps(line) + "\n")

    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
    note(pid=server.pid)

    def pump(source, sink, who, whom):
        rest = b""
        while data := os.read(source, 65536):
            rest = frames(rest + data, lambda **line: note(**{who: line}))  # first, so that no answer comes before its question
            try:
                write_all(sink, data)
            except OSError:
                return note(closed=whom)
        note(closed=who)

    def errors():
        for line in server.stderr:
            note(stderr=line.decode(errors="replace").rstrip())
            sys.stderr.buffer.write(line)

    def client():
        pump(0, server.stdin.fileno(), "client", "server")
        server.stdin.close()
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            note(fault="the server still runs 5 s after the end of its input")
            server.kill()

    threads = [threading.Thread(target=client, daemon=True), threading.Thread(target=errors, daemon=True)]
    for thread in threads:
        thread.start()
    pump(server.stdout.fileno(), 1, "server", "client")
    code = server.wait()
    threads[1].join(1)
    note(exit=code)
    log.flush()
    os._exit(code if code >= 0 else 1)  # the editor may keep our input open, which a thread still reads


def write_all(sink, data):
    while data:
        data = data[os.write(sink, data):]


def frames(data, note):
    """Notes every whole message in `data` and returns the rest."""
    while (end := data.find(b"\r\n\r\n")) >= 0:
        headers = dict(line.lower().split(b":", 1) for line in data[:end].split(b"\r\n") if b":" in line)
        try:
            length = int(headers[b"content-length"])
            if len(data) < end + 4 + length:
                return data
            note(message=json.loads(data[end + 4:end + 4 + length]))
        except (KeyError, ValueError) as error:
            note(fault=f"{type(error).__name__}: {error}", bytes=repr(data[:200]))
            length = 0
        data = data[end + 4 + length:]
    return data


def check(path):
    """The faults of one recorded session, as sentences."""
    lines = [json.loads(line) for line in open(path, encoding="utf-8")]
    faults, waiting, answered, asked, late = [], {}, set(), {}, set()
    capabilities, initialized, shutdown, ending = {}, False, False, False
    texts = Texts()

    def says(where):
        value = capabilities
        for key in where.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        return value not in (None, False)

    for line in lines:
        if "client" not in line and "server" not in line:
            if "fault" in line:
                faults.append(line["fault"])
            if "panicked" in line.get("stderr", ""):
                faults.append("the server wrote: " + line["stderr"])
            if line.get("exit", 0) != 0 and shutdown:
                faults.append(f"exit code {line['exit']} after a shutdown")
            if line.get("closed") == "server" and not ending:
                faults.append("the server ended before the client did")
            ending |= line.get("closed") == "client"
            continue
        (who, content), = line.items()
        message = content.get("message")
        if message is None:
            faults.append(f"{who}: {content['fault']}: {content['bytes']}")
            continue
        shape, wrong = shape_of(message)
        if who == "client" and not wrong and shape != "response":
            texts.told(message)
        if wrong:
            faults.append(f"{who}: {wrong}: {json.dumps(message)[:200]}")
        elif who == "client" and shape == "request":
            waiting[message["id"]] = message
            late |= {message["id"]} if shutdown else set()
            shutdown |= message["method"] == "shutdown"
            if message["method"] == "initialize":
                capabilities = message["params"]["capabilities"]
        elif who == "client" and shape == "notification":
            ending |= message["method"] == "exit"
        elif who == "client":
            asked.pop(message["id"], None)
        elif shape == "request":
            asked[message["id"]] = message["method"]
            faults += [f"not declared by the client: {what}" for what in undeclared(message, says)]
        elif shape == "notification":
            if message["method"] not in NOTIFICATIONS:
                faults.append(f"the server sent an unknown notification: {message['method']}")
        else:
            request = waiting.pop(message["id"], None)
            if request is None:
                again = "a second answer" if message["id"] in answered else "an answer without a question"
                faults.append(f"{again}: {json.dumps(message)[:200]}")
                continue
            answered.add(message["id"])
            initialized |= request["method"] == "initialize"
            # After a shutdown "invalid request" is the right answer.
            if message.get("error", {}).get("code") in (-32603, -32601, -32700, -32600) and message["id"] not in late:
                faults.append(f"{request['method']}: {message['error']['message']}")
            faults += [f"{request['method']}: the client does not know {what}" for what in unknown(request, message.get("result"), says)]
            faults += [f"{request['method']}: {what}" for what in texts.judge(request, message.get("result"))]
        if who == "server" and not initialized and shape != "response" and message.get("method") not in BEFORE_INITIALIZED:
            faults.append(f"{message.get('method')} before the answer to initialize")
    # Helix kills the tap when it quits, so its log may stop short; the server then sees the end of its input and must go by itself.
    killed = not any("exit" in line for line in lines)
    ending |= killed and shutdown
    # What was asked just before the end needs no answer.
    if not ending:
        faults += [f"no answer to {request['method']}" for request in waiting.values()]
    elif any(request["method"] == "initialize" for request in waiting.values()):
        faults.append("no answer to initialize")
    if killed and outlives(lines[0]["pid"]):
        faults.append("the server outlived its editor")
    return faults, sum("client" in line or "server" in line for line in lines)


def outlives(pid):
    for _ in range(50):
        if not os.path.exists(f"/proc/{pid}"):
            return False
        time.sleep(0.1)
    return True


def shape_of(message):
    """request, notification or response; or what is wrong with it."""
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        return None, "not JSON-RPC 2.0"
    keys = set(message) - {"jsonrpc"}
    if "id" in keys and type(message["id"]) not in (int, str):
        return None, "an id that is neither number nor string"
    if "method" in keys and keys <= {"id", "method", "params"} and isinstance(message["method"], str):
        return ("request" if "id" in keys else "notification"), None
    if keys == {"id", "result"} or keys == {"id", "error"}:
        return "response", None
    return None, "a message of no known shape"


def undeclared(request, says):
    method = request["method"]
    if method in ("client/registerCapability", "client/unregisterCapability"):
        params = request["params"]
        for registration in params.get("registrations", params.get("unregisterations", [])):
            name = registration["method"].replace("/", ".")
            if not says(name + ".dynamicRegistration"):
                yield f"dynamic registration of {registration['method']}"
    elif method not in REQUESTS:
        yield f"the request {method}"
    elif not says(REQUESTS[method]):
        yield method


def unknown(request, result, says):
    """Which forms in an answer the client has not declared."""
    method, results = request["method"], result if isinstance(result, list) else [result]
    if method == "textDocument/rename" and isinstance(result, dict):
        if "documentChanges" in result and not says("workspace.workspaceEdit.documentChanges"):
            yield "documentChanges"
    elif method == "textDocument/definition":
        if any(r and "targetUri" in r for r in results) and not says("textDocument.definition.linkSupport"):
            yield "location links"
    elif method == "textDocument/completion" and result:
        items = result.get("items", []) if isinstance(result, dict) else result
        if any(i.get("insertTextFormat") == 2 for i in items) and not says("textDocument.completion.completionItem.snippetSupport"):
            yield "snippets"
        if any("insert" in i.get("textEdit", {}) for i in items) and not says("textDocument.completion.completionItem.insertReplaceSupport"):
            yield "insert and replace ranges"
        if isinstance(result, dict) and "itemDefaults" in result and not says("textDocument.completion.completionList.itemDefaults"):
            yield "item defaults"
    elif method == "textDocument/documentSymbol":
        if any(r and "selectionRange" in r for r in results) and not says("textDocument.documentSymbol.hierarchicalDocumentSymbolSupport"):
            yield "hierarchical symbols"


def main():
    mode, paths = sys.argv[1], sys.argv[2:]
    if mode == "record":
        record(paths[0], paths[1:])
    failed = False
    for path in paths:
        faults, messages = check(path)
        failed |= bool(faults)
        print(f"{os.path.basename(path)}: {messages} messages, {len(faults)} faults")
        for fault in dict.fromkeys(faults):
            print(f"  {fault}")
    sys.exit(failed or not paths)


main()
