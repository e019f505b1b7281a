#!/usr/bin/env python3
"""Runs a command where no packet can leave, and writes down each one that tries to.

outside.py LOG COMMAND [WORD...]      to be started by unshare --net, so that the interfaces are its own

The way out is a device that nobody but this script reads.
"""
import fcntl, os, socket, struct, subprocess, sys, threading

TUN, NO_HEADER, SET_INTERFACE = 0x0001, 0x1000, 0x400454CA


def main():
    log, command = sys.argv[1], sys.argv[2:]
    ip("link", "set", "lo", "up")
    device = way_out()
    open(log, "w").close()
    threading.Thread(target=write_down, args=(device, log), daemon=True).start()
    sys.exit(subprocess.call(command))


def way_out():
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, SET_INTERFACE, struct.pack("16sH22x", b"outside", TUN | NO_HEADER))
    ip("addr", "add", "192.0.2.1/24", "dev", "outside")
    ip("link", "set", "outside", "up")
    ip("route", "add", "default", "dev", "outside")
    return device


def write_down(device, path):
    while packet := os.read(device, 65536):
        if packet[0] >> 4 != 4:
            continue  # the kernel greets its IPv6 neighbours, and there is no IPv6 route to anyone else
        with open(path, "a") as log:
            log.write(told(packet) + "\n")


def told(packet):
    words = 4 * (packet[0] & 15)
    port = int.from_bytes(packet[words + 2:words + 4], "big")
    to = f"{socket.inet_ntoa(packet[16:20])} port {port}"
    name = b".".join(labels(packet[words + 20:])).decode(errors="replace") if packet[9] == socket.IPPROTO_UDP and port == 53 else ""
    return f"{to} {name}".rstrip()


def labels(question):
    """The parts of the name that a DNS packet asks for."""
    while question and question[0]:
        yield question[1:1 + question[0]]
        question = question[1 + question[0]:]


def ip(*words):
    subprocess.run(["ip", *words], check=True)


main()
