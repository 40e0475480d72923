#!/usr/bin/env python3
"""Talks to the article's servers: clients.py MODE [N]. Exit 0 when every answer was right."""
import random
import socket
import struct
import sys
import threading
import time

ADDR = ("127.0.0.1", 8080)


def dial(addr=ADDR):
    # The listing's queue holds five: a full one may reset a client, which then comes again.
    for _ in range(20):
        try:
            s = socket.create_connection(addr, timeout=60)
            break
        except ConnectionResetError:
            time.sleep(0.05)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def line(s):
    got = bytearray()
    while not got.endswith(b"\n"):
        b = s.recv(4096)
        if not b:
            raise SystemExit(f"connection closed after {bytes(got)!r}")
        got += b
    return bytes(got)


def say(s, text, pieces=1):
    """One line, sent in pieces; the listing answers one line for each read."""
    data = text + b"\n"
    cut = sorted(random.sample(range(1, len(data)), min(pieces - 1, len(data) - 1)))
    for a, b in zip([0] + cut, cut + [len(data)]):
        s.sendall(data[a:b])
    want = b"You said " + text + b"\n"
    got = line(s)
    if got != want:
        raise SystemExit(f"sent {text[:60]!r}, got {got[:80]!r}")


def word(rng):
    return bytes(rng.choice(b"abcdefghijklmnopqrstuvwxyz%0123456789") for _ in range(rng.randint(1, 900)))


def many(n):
    """N connections open together, spoken to in turn, in random order, in pieces."""
    rng = random.Random(1)
    conns = [dial() for _ in range(n)]
    for _ in range(4):
        rng.shuffle(conns)
        for s in conns:
            say(s, word(rng), rng.randint(1, 4))
    # all at once: every request is out before the first answer is read
    words = [word(rng) for _ in conns]
    for s, w in zip(conns, words):
        s.sendall(w + b"\n")
    for s, w in zip(conns, words):
        if line(s) != b"You said " + w + b"\n":
            raise SystemExit("a wrong answer")
    for s in conns:
        s.close()


def threads(n):
    """N threads, each opening, speaking and closing again and again."""
    bad = []

    def one(seed):
        try:
            rng = random.Random(seed)
            for _ in range(10):
                s = dial()
                for _ in range(5):
                    say(s, word(rng), 2)
                s.close()
        except BaseException as e:
            bad.append(e)

    ts = [threading.Thread(target=one, args=(i,)) for i in range(n)]
    for t in ts:
        t.start()
    for t in ts:
        t.join()
    if bad:
        raise SystemExit(str(bad[0]))


def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def abrupt(n):
    """N clients that go without a goodbye at every stage; a quiet one must not notice."""
    rng = random.Random(2)
    quiet = dial()
    for i in range(n):
        s = dial()
        stage = i % 6
        if stage == 0:
            reset(s)
        elif stage == 1:
            s.sendall(b"half a li")
            reset(s)
        elif stage == 2:
            s.sendall(word(rng) + b"\n")
            reset(s)
        elif stage == 3:
            say(s, word(rng))
            reset(s)
        elif stage == 4:
            s.sendall(b"no newline")
            s.shutdown(socket.SHUT_WR)
            if s.recv(10) != b"":
                raise SystemExit("an answer to half a line")
            s.close()
        else:
            s.close()
        if i % 10 == 0:
            say(quiet, b"still here %d" % i)
    say(quiet, b"the end")
    quiet.close()
    time.sleep(0.2)


def welcome(_n):
    """Listing 1, gaps filled: three connections, a line each, then it ends."""
    for _ in range(3):
        s = dial(("127.0.0.1", 8082))
        if line(s) != b"welcome\n":
            raise SystemExit("not welcome")
        s.close()


if __name__ == "__main__":
    globals()[sys.argv[1]](int(sys.argv[2]) if len(sys.argv) > 2 else 0)
