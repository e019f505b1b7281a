#!/usr/bin/env python3
"""Stands between an editor and the server, and judges what they said to each other.

tap.py record LOG COMMAND [WORD...]   run the server, pass every byte on, write each message to LOG as one line of JSON
tap.py check LOG...                   print what breaks the protocol in such logs; exit code 1 if anything does
"""
import json, os, subprocess, sys, threading

from protocol import check


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


def main():
    mode, paths = sys.argv[1], sys.argv[2:]
    if mode == "record":
        record(paths[0], paths[1:])
    failed = False
    for path in paths:
        verdict = check(path)
        failed |= bool(verdict.faults)
        said = f"not judged: {verdict.deliberate}" if verdict.deliberate else f"{len(verdict.faults)} faults"
        print(f"{os.path.basename(path)}: {verdict.messages} messages, {said}")
        for fault in verdict.faults:
            print(f"  {fault}")
        for fault in verdict.tolerated:
            print(f"  tolerated of {fault}")
    sys.exit(failed or not paths)


main()
