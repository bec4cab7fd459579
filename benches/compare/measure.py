"""Long-lived programs that are given a round each in turn, and commands that run once."""

import json
import os
import pathlib
import statistics
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")


class Served:
    """A program that says "ready" after its first text and does a round for each line."""

    def __init__(self, name, command, texts, environment=None):
        self.name, self.command, self.texts = name, [str(c) for c in command], texts
        self.environment = {**os.environ, **(environment or {})}
        self.process, self.starts, self.rounds = None, [], []

    def start(self):
        began = time.perf_counter()
        log = subprocess.DEVNULL if not os.environ.get("KARUTA_COMPARE_LOUD") else None
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=self.environment)
        for line in self.process.stdout:
            if line.strip() == "ready":
                self.starts.append({"seconds": time.perf_counter() - began, "cpu": self.cpu()})
                return True
        self.process.wait()
        return False

    def cpu(self):
        """Processor time so far, all threads, in seconds."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def round(self):
        before = self.cpu()
        self.process.stdin.write("round\n")
        self.process.stdin.flush()
        while not (line := self.process.stdout.readline()).startswith("{"):
            if not line:
                raise RuntimeError(f"{self.name} went away")
        self.rounds.append({**json.loads(line), "cpu": self.cpu() - before})

    def resident(self):
        """Most memory so far, in MB (10^6 bytes)."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6

    def quit(self):
        self.process.stdin.write("quit\n")
        self.process.stdin.flush()
        self.process.wait()

    def result(self, peak):
        documents, size = len(self.texts), sum(len(t.encode("utf-8")) for t in self.texts)
        wall, cpu = [r["seconds"] for r in self.rounds], [r["cpu"] for r in self.rounds]
        return {
            "name": self.name,
            "documents": documents,
            "bytes": size,
            "items": self.rounds[-1]["items"],
            "seconds": {"min": min(wall), "median": statistics.median(wall), "all": wall},
            "cpu_seconds": {"min": min(cpu), "median": statistics.median(cpu), "all": cpu},
            "documents_per_second": {"best": documents / min(wall), "median": documents / statistics.median(wall)},
            "mb_per_second": {"best": size / 1e6 / min(wall), "median": size / 1e6 / statistics.median(wall)},
            "mb_per_cpu_second": size / 1e6 / max(min(cpu), 1 / TICK),
            "start_seconds": min(s["seconds"] for s in self.starts),
            "start_cpu_seconds": min(s["cpu"] for s in self.starts),
            "peak_mb": peak,
        }


def interleaved(programs, rounds, say):
    """Rounds in turn, so that a busy moment of the machine does not strike one program alone."""
    there = []
    for p in programs:
        started = p.start()
        for _ in range(2):
            # a quick start is worth a second and a third look
            if started and p.starts[0]["seconds"] < 5:
                p.quit()
                started = p.start()
        if started:
            there.append(p)
        else:
            say(f"{p.name} does not start and is left out: {' '.join(p.command)}")
    for n in range(rounds + 1):
        for p in there:
            p.round()
        say(f"round {n} of {rounds}: " + ", ".join(f"{p.name} {p.rounds[-1]['seconds']:.2f} s ({p.rounds[-1]['cpu']:.2f})" for p in there))
    results = []
    for p in there:
        # the first round warms up
        p.rounds = p.rounds[1:]
        results.append(p.result(p.resident()))
        p.quit()
    return results


def once(command, **more):
    """Runs a command: wall clock, processor time and most memory."""
    began = time.perf_counter()
    process = subprocess.Popen([str(c) for c in command], stderr=subprocess.DEVNULL, **more)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return {"seconds": seconds, "user": used.ru_utime, "system": used.ru_stime, "peak_mb": used.ru_maxrss * 1024 / 1e6}
