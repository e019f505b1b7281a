"""An editor in a tmux terminal of its own, keys for it, what it shows, and checks that print one line each.

TMUX_PROGRAM is the tmux to use; it takes and shows UTF-8, without the user's settings.
"""
import os, re, subprocess, sys, time

TMUX_COMMAND = [os.environ["TMUX_PROGRAM"], "-u", "-S", os.path.join(os.environ["WORKSPACE"], "tmux"), "-f", "/dev/null"]
deadline = 10  # seconds
failed = False


def start(terminal, folder):
    tmux("new-session", "-d", "-x", "200", "-y", "60", "-c", folder, terminal)


def stop():
    if alive():
        tmux("kill-server")


def leave():
    sys.exit(failed)


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def keys(*names):
    """Keys by their tmux names; with a pause, since a terminal sends Escape and the next key as one otherwise."""
    for name in names:
        tmux("send-keys", name)
        time.sleep(0.04)


def types(text):
    for character in text:
        tmux("send-keys", "-l", character)


def screen():
    return tmux("capture-pane", "-p")


def shows(pattern):
    return lambda: re.search(pattern, screen())


def wait(probe):
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        if probe():
            return True
        time.sleep(0.05)
    return False


def eventually(name, probe):
    check(name, wait(probe), screen())


def check(name, ok, seen=""):
    global failed, deadline
    if not ok:
        failed, deadline = True, 2  # a broken server should not take minutes to show
    print(("ok    " if ok else "FAIL  ") + name, flush=True)
    if not ok:
        print(*("      | " + line for line in str(seen).splitlines() if line.strip()), sep="\n", flush=True)


def alive():
    return subprocess.run(TMUX_COMMAND + ["has-session"], capture_output=True).returncode == 0


def tmux(*words):
    return subprocess.run(TMUX_COMMAND + list(words), check=True, capture_output=True, text=True).stdout
