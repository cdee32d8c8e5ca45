#!/usr/bin/env python3
"""Runs the probes of one set against the peer and writes a line for each: set, probe, what came back.

    probe.py SET            inside a client's namespace (see run.sh)
"""
import itertools
import re
import subprocess
import sys
import time

import packets
import wire

DEVICE, PEER = "eth0", "02:00:00:00:00:01"
ADDRESSES = ("10.9.0.1", "fd09::1")
IPV4, IPV6 = ADDRESSES
QUIET = 0.5  # s without a packet after which a program's probe is over: on a busy machine it may pause between two

UNCOUNTED = ("nmap", "fuzz_ip6")  # nmap repeats itself, and fuzz_ip6 would fill a page


class Probes:
    def __init__(self, name):
        self.name = name
        self.wire = wire.Wire(DEVICE, PEER)

    def tell(self, probe, answers, remark=""):
        text = wire.in_words(answers, ADDRESSES, self.name not in UNCOUNTED)
        print(self.name, probe, text + remark, sep="\t", flush=True)

    def program(self, *command, probe=None, ends=True):
        """`ends`: false for a program that waits for long, and is ended once the wire is quiet."""
        self.wire.drain()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if ends:
            output = process.communicate(timeout=100)[0]
            answers = self.wire.answers(0.05)
        else:
            answers = self.wire.exchange(QUIET, process) + self.wire.until(packets.marker())
            process.terminate()
            output = process.communicate()[0]
        probe = probe(output) if callable(probe) else probe
        if probe is not None:
            self.tell(probe or " ".join(command), answers)
        return output

    def ping(self, *arguments):
        """With what ping itself finds: it compares each byte."""
        command = ("ping", "-n", "-c", "1", "-W", "1", *arguments)
        self.wire.drain()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        remark = "; " + re.search(r"\d received", done.stdout)[0] if "received" in done.stdout else "; not sent"
        if "wrong data" in done.stdout:
            remark += ", WRONG DATA"
        self.tell(" ".join(("ping", *arguments)), self.wire.answers(0.05), remark)


def warm_up(probes):
    """So that neighbours know each other, and nothing of their talk delays an answer."""
    for address in ADDRESSES:
        for _ in range(50):
            if subprocess.run(["ping", "-c1", "-W1", address], capture_output=True, check=False).returncode == 0:
                break
            time.sleep(0.1)
        else:
            sys.exit(f"{address} does not answer")
    probes.wire.drain()


def by_packets(probes):
    for title, name, sent in packets.probes():
        probes.wire.drain()
        for packet in sent:
            probes.wire.send(packet)
        answers = probes.wire.until(packets.marker())
        quoted = all(wire.quotes_one_of(answer, sent) for answer in answers)
        probes.tell(f"{title}: {name}", answers, "" if quoted or len(sent) > 1 else "; what it quotes was not sent")


def by_time(probes):
    """What is never whole: Linux gives up on IPv4 after 30 s and on IPv6 after 60 s, and so do we."""
    sent = dict(packets.never_whole())
    probes.wire.drain()
    for packet in sent.values():
        probes.wire.send(packet)
    answers = probes.wire.answers_for(64)
    for name, packet in sent.items():
        probes.tell(name, [answer for answer in answers if wire.is_about(answer, packet)])


def by_ping(probes):
    for options in (
        ["-R"],
        ["-T", "tsonly"],
        ["-T", "tsandaddr"],
        ["-T", "tsprespec", IPV4],
        ["-s", "0"],
        ["-s", "1472", "-M", "do"],
        ["-s", "1473"],
        ["-s", "65507"],
        ["-Q", "0xff"],
        ["-t", "1"],
        ["-p", "ff00ee11", "-s", "3000"],
    ):
        probes.ping(*options, IPV4)
    for options in (["-s", "0"], ["-s", "1452", "-M", "do"], ["-s", "1453"], ["-s", "65507"], ["-Q", "0xff"], ["-t", "1"], ["-F", "12345"]):
        probes.ping("-6", *options, IPV6)
    probes.ping("-b", "10.9.0.255")
    probes.ping("-6", "-L", "ff02::1%eth0")
    for address in ADDRESSES:
        for options in ([], ["-l", "600"]):
            probes.program("tracepath", "-n", "-m", "3", *options, address, probe="")


def by_small_mtu(probes):
    """Both sides have an MTU of 1280."""
    for size in ("1224", "1252", "1253", "3000", "65507"):
        probes.ping("-s", size, IPV4)
        probes.ping("-6", "-s", size, IPV6)
    probes.ping("-R", "-s", "5000", IPV4)
    probes.ping("-T", "tsonly", "-s", "5000", IPV4)


def by_prefix(probes):
    """Nobody assigned these: Linux has a local route for them."""
    for options in ([], ["-R"], ["-T", "tsandaddr"], ["-s", "65507"], ["-t", "1"]):
        probes.ping(*options, "10.8.1.1")
    for address in ("10.8.0.0", "10.8.255.255"):
        probes.ping("-b", address)
    for options in ([], ["-s", "65507"], ["-t", "1"]):
        probes.ping("-6", *options, "fd08::1:1")
    probes.ping("-6", "fd08::")
    for address in ("10.8.1.1", "fd08::1:1"):
        probes.program("tracepath", "-n", "-m", "3", address, probe="")
    probes.program("nmap", "-n", "-sn", "-PE", "--max-retries", "1", "10.8.7.0/27", probe="nmap -sn -PE 10.8.7.0/27")
    for protocol in ("6", "47"):
        scan = ("nmap", "-n", "-sO", "-Pn", "--max-retries", "0", "-p", protocol)
        probes.program(*scan, "10.8.1.1", probe=f"nmap -sO -p {protocol} 10.8.1.1")
        probes.program(*scan, "-6", "fd08::1:1", probe=f"nmap -6 -sO -p {protocol} fd08::1:1")


def by_nmap(probes):
    discover = ("nmap", "--disable-arp-ping", "-n", "-sn", "--max-retries", "0")
    for how in ("-PE", "-PP", "-PM", "-PO", "-PO1", "-PO58", "-PO47", "-PO50,51,253", "-PS80", "-PA80", "-PU"):
        probes.program(*discover, how, IPV4, probe=f"nmap -sn {how}")
    for how in ("-PE", "-PO", "-PO58", "-PO0", "-PO47", "-PO50,51", "-PO59", "-PS80", "-PU"):
        probes.program(*discover, "-6", how, IPV6, probe=f"nmap -6 -sn {how}")
    for protocol in ("0", "1", "2", "4", "6", "17", "41", "47", "58", "59", "132", "253", "254"):
        scan = ("nmap", "-n", "-sO", "-Pn", "--disable-arp-ping", "--max-retries", "0", "-p", protocol)
        probes.program(*scan, IPV4, probe=f"nmap -sO -p {protocol}")
    for protocol in ("0", "1", "43", "44", "50", "51", "58", "59", "60", "135", "253", "254"):
        scan = ("nmap", "-6", "-n", "-sO", "-Pn", "--disable-arp-ping", "--max-retries", "0", "-p", protocol)
        probes.program(*scan, IPV6, probe=f"nmap -6 -sO -p {protocol}")
    detect = ("nmap", "-n", "-O", "-Pn", "-d", "--disable-arp-ping", "--max-retries", "1", "-p", "1")
    found = probes.program(*detect, IPV4)
    for kind in ("IE", "U1"):
        line = re.search(rf"\b{kind}\(([^)]*)\)", found.replace("\nOS:", ""))
        print(probes.name, f"nmap -O, probe {kind}", line[1] if line else "not told", sep="\t")
    probes.program(*detect, "-6", IPV6, probe="nmap -6 -O")


def by_implementation6(probes):
    for case in range(1, 58):
        command = ("atk6-implementation6", "-p", DEVICE, IPV6, str(case))
        probes.program(*command, probe=named(r"Test +(\d+: .*?)(\t|  |$)"), ends=False)


def by_fragmentation6(probes):
    """One run: it waits for a second behind each case, and between some fragments."""
    probes.wire.drain()
    probes.wire.note_times()
    command = ("stdbuf", "-oL", "atk6-fragmentation6", "-p", DEVICE, IPV6)
    cases = []  # (when its line was read: the packets of the case may be quicker, those before it are not), name
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        for line in process.stdout:
            if begun := re.match(r"ATTACK (\w+ \d+ - .*|finalisation)", line):
                cases.append((time.time() - 0.4, begun[1].strip()))
    answers = probes.wire.timed_answers()
    for (begin, name), (end, _) in itertools.pairwise(cases):
        probes.tell(name, [packet for when, packet in answers if begin <= when < end])


def by_fuzz_ip6(probes):
    for options in (["-1"], ["-1", "-I"], ["-1", "-F"], ["-1", "-S"], ["-1", "-D"], ["-1", "-H"], ["-1", "-J"], ["-X"], ["-0"]):
        command = ("atk6-fuzz_ip6", "-a", *options, DEVICE, IPV6)
        probes.program(*command, probe="fuzz_ip6 " + " ".join(options))
    probes.ping("-6", IPV6)


def named(pattern):
    def name(output):
        found = re.search(pattern, output, re.MULTILINE)
        return found[1].strip() if found else "no such case"

    return name


SETS = {
    "packets": by_packets,
    "timeouts": by_time,
    "ping": by_ping,
    "mtu1280": by_small_mtu,
    "prefix": by_prefix,
    "nmap": by_nmap,
    "implementation6": by_implementation6,
    "fragmentation6": by_fragmentation6,
    "fuzz_ip6": by_fuzz_ip6,
}


if __name__ == "__main__":
    run = Probes(sys.argv[1])
    warm_up(run)
    SETS[run.name](run)
