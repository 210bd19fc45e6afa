"""`make soak`: many samples, two clients, three servers that fail and restart, ten kills.

SAMPLES=N for fewer than a million.  Fails where a sample is lost, answered twice, or scored
otherwise than without faults.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import orjson
import psutil

from tests.speed.mirror import mirror
from tests.speed.processes import Running
from tests.speed.runs import EVALUATOR

from .servers import SHARE, Served, restarted

SAMPLES = int(os.environ.get("SAMPLES", 1_000_000))
SERVERS, CLIENTS, KILLS = 3, 2, 10
SLOTS = 64


def command(servers: list[Served], data: Path, out: Path, clients: int) -> list[str]:
    """The run."""
    urls = [word for server in servers for word in ("--base-url", server.base_url)]
    words = [EVALUATOR, "run", "gsm8k", "--model", "stub", *urls, "--data-dir", str(data)]
    words += ["--out", str(out), "--clients", str(clients), "--concurrency", str(SLOTS)]
    return [*words, "--progress", "none", "--no-smoke"]


class Watched:
    """A run whose memory is looked at until it ends; MB, of the parent and of all its clients."""

    def __init__(self, words: list[str]) -> None:
        self._running = Running(words)
        self.memory: list[float] = []

    def watch(self, seconds: float) -> bool:
        """Whether it still goes on after so many seconds."""
        deadline = monotonic() + seconds
        process = psutil.Process(self._running.pid)
        while monotonic() < deadline:
            try:
                if process.status() == psutil.STATUS_ZOMBIE:
                    return False
                tree = [process, *process.children()]
                self.memory.append(sum(each.memory_info().rss for each in tree) / 1e6)
            except psutil.NoSuchProcess:
                pass
            sleep(0.5)
        return True

    def kill(self) -> None:
        """Ends it as a crash does; its clients must end by themselves."""
        clients = psutil.Process(self._running.pid).children()
        psutil.Process(self._running.pid).kill()
        self._running.wait()
        _, alive = psutil.wait_procs(clients, 20)
        if alive:
            sys.exit(f"soak: {len(alive)} clients outlived their run")

    def wait(self) -> None:
        """Its end, which must be a good one."""
        while self.watch(60):
            pass
        ended = self._running.wait()
        if ended.code:
            sys.exit(f"soak: the run ended with code {ended.code}: {ended.last_line}")


def outcomes(folder: Path) -> dict[str, tuple[str, float | None]]:
    """Status and value of each sample.  Ends the program where one stands there twice."""
    found: dict[str, tuple[str, float | None]] = {}
    for line in map(orjson.loads, (folder / "outcomes.jsonl").open("rb")):
        if line["id"] in found:
            sys.exit(f"soak: sample {line['id']} ended twice")
        found[line["id"]] = line["status"], line["value"]
    return found


def answered(folder: Path) -> int:
    """Replies in the journal.  Ends the program where one stands there twice."""
    keys = [bytes.fromhex(orjson.loads(line)["key"]) for line in journal(folder)]
    if len(set(keys)) < len(keys):
        sys.exit(f"soak: {len(keys) - len(set(keys))} replies stand in the journal twice")
    return len(keys)


def size(folder: Path) -> int:
    """Bytes of all journals."""
    return sum(each.stat().st_size for each in folder.glob("responses*.jsonl"))


def journal(folder: Path) -> list[bytes]:
    """The lines of all journals."""
    files = sorted(folder.glob("responses*.jsonl"))
    return [line for each in files for line in each.read_bytes().splitlines(keepends=True)]


def main() -> None:
    with TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        data = mirror(folder / "data", SAMPLES)
        calm = [Served(0, 0.0)]
        began = monotonic()
        quiet = Watched(command(calm, data, folder / "calm", 1))
        quiet.wait()
        calm[0].stop()
        seconds = monotonic() - began
        tell(f"without faults, one client: {seconds:.0f} s, at most {max(quiet.memory):.0f} MB")
        troubled(folder, data, seconds)


def troubled(folder: Path, data: Path, seconds: float) -> None:
    """The same with all that goes wrong; `seconds` is what it took without."""
    servers = [Served(seed, SHARE) for seed in range(SERVERS)]
    words, began = command(servers, data, folder / "soak", CLIENTS), monotonic()
    memory: list[float] = []
    kills = 0
    with restarted(servers) as restarts:
        for kill in range(KILLS):
            running = Watched(words)
            there = size(folder / "soak")
            going = True
            while going and size(folder / "soak") == there:  # a kill is to meet it at work
                going = running.watch(0.5)
            if going and running.watch(1 + kill % 3 + seconds / KILLS / 2):
                running.kill()
                kills += 1
            else:
                running.wait()
            memory.append(max(running.memory))
        last = Watched(words)
        last.wait()
    for server in servers:
        server.stop()
    ended = outcomes(folder / "soak")
    if ended != outcomes(folder / "calm") or len(ended) != SAMPLES:
        sys.exit("soak: the scores are not those without faults")
    replies = answered(folder / "soak")
    tell(f"{CLIENTS} clients, {SERVERS} servers, {SHARE:.0%} faults: {monotonic() - began:.0f} s")
    tell(
        f"{kills} kills, {len(restarts)} restarts; {len(ended)} samples, {replies} replies, each "
        "once; scores equal"
    )
    half = len(last.memory) // 2
    tell(
        f"memory of parent and clients: {max(memory):.0f} MB at most before a kill; in the last "
        f"run {max(last.memory[:half]):.0f} MB in its first half, {max(last.memory[half:]):.0f} "
        "MB in its second"
    )


def tell(line: str) -> None:
    """Says it at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
