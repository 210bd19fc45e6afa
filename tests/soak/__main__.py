"""`make soak`: many samples, two clients, three servers that fail and restart, ten kills.

SAMPLES=N for fewer than a million.  Fails where a sample is lost, answered twice, or scored
otherwise than without faults.
"""

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
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
ROOM, MOST_GROWTH = 16.0, 250.0  # MB, and bytes a sample, from a tenth of the replies to the last
MOST_FILES = 8  # more than at a tenth


def command(servers: list[Served], data: Path, out: Path, clients: int) -> list[str]:
    """The run."""
    urls = [word for server in servers for word in ("--base-url", server.base_url)]
    words = [EVALUATOR, "run", "gsm8k", "--model", "stub", *urls, "--data-dir", str(data)]
    words += ["--out", str(out), "--clients", str(clients), "--concurrency", str(SLOTS)]
    return [*words, "--progress", "none", "--no-smoke"]


@dataclass(frozen=True, slots=True)
class Look:
    """What a run took at one time: memory in MB and open files, of all its processes, and bytes."""

    memory: float
    files: int
    journal: int

    def __str__(self) -> str:
        return f"{self.memory:.0f} MB, {self.files} files, journal {self.journal / 1e6:.0f} MB"


class Watched:
    """A run that is looked at until it ends: the parent and all its clients."""

    def __init__(self, servers: list[Served], data: Path, out: Path, clients: int) -> None:
        self._running = Running(command(servers, data, out, clients))
        self._out = out
        self.looks: list[Look] = []

    @property
    def memory(self) -> list[float]:
        """MB, of each look."""
        return [look.memory for look in self.looks]

    @property
    def at_work(self) -> list[Look]:
        """The first request, the first tenth of the replies, the last reply, and the end."""
        most = max(look.journal for look in self.looks)
        begun = [
            next(each for each in self.looks if each.journal > part * most) for part in (0, 0.1)
        ]
        asked = next(each for each in self.looks if each.journal == most)
        return [*begun, asked, self.looks[-1]]

    def watch(self, seconds: float) -> bool:
        """Whether it still goes on after so many seconds."""
        deadline = monotonic() + seconds
        process = psutil.Process(self._running.pid)
        while monotonic() < deadline:
            try:
                if process.status() == psutil.STATUS_ZOMBIE:
                    return False
                tree = [process, *process.children()]
                memory = sum(each.memory_info().rss for each in tree) / 1e6
                files = sum(each.num_fds() for each in tree)
                self.looks.append(Look(memory, files, size(self._out)))
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
    """Bytes of all journals, the shards of clients among them until they are taken over."""
    total = 0
    for each in folder.glob("responses*.jsonl"):
        with suppress(FileNotFoundError):  # taken over since
            total += each.stat().st_size
    return total


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
        quiet = Watched(calm, data, folder / "calm", 1)
        quiet.wait()
        calm[0].stop()
        seconds = monotonic() - began
        tell(f"without faults, one client: {seconds:.0f} s, at most {max(quiet.memory):.0f} MB")
        told = zip(("first reply", "a tenth", "last reply", "end"), quiet.at_work, strict=True)
        tell("; ".join(f"{when}: {look}" for when, look in told))
        check_growth(quiet.at_work)
        troubled(folder, data, seconds)


def check_growth(looks: list[Look]) -> None:
    """Ends the program where memory or open files grew with the samples."""
    _, tenth, last, _ = looks
    growth, samples = last.memory - tenth.memory, 0.9 * SAMPLES
    each = growth * 1e6 / samples
    tell(f"from a tenth to the last reply: {growth:+.0f} MB, {each:+.0f} bytes a sample")
    if growth > ROOM + MOST_GROWTH * samples / 1e6:
        sys.exit(
            f"soak: memory grew by more than {ROOM:.0f} MB and {MOST_GROWTH:.0f} bytes a sample"
        )
    if last.files > tenth.files + MOST_FILES:
        sys.exit(f"soak: {last.files} open files at the last reply, {tenth.files} at a tenth")


def troubled(folder: Path, data: Path, seconds: float) -> None:
    """The same with all that goes wrong; `seconds` is what it took without."""
    servers = [Served(seed, SHARE) for seed in range(SERVERS)]
    out, began = folder / "soak", monotonic()
    memory: list[float] = []
    kills = 0
    allowed = Lock()
    with restarted(servers, allowed) as restarts:
        for kill in range(KILLS):
            with allowed:
                running, going = begun(servers, data, out)
            if going and running.watch(1 + kill % 3 + seconds / KILLS / 2):
                running.kill()
                kills += 1
            else:
                running.wait()
            memory.append(max(running.memory))
        with allowed:
            last, _ = begun(servers, data, out)
        last.wait()
    for server in servers:
        server.stop()
    ended = outcomes(out)
    if ended != outcomes(folder / "calm") or len(ended) != SAMPLES:
        sys.exit("soak: the scores are not those without faults")
    replies = answered(out)
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


def begun(servers: list[Served], data: Path, out: Path) -> tuple[Watched, bool]:
    """A run at work, or that has ended already.  A kill is to meet it at work.

    Meanwhile no server may restart: a URL that does not answer at the beginning is taken for a
    mistake of the user's.
    """
    there = size(out)
    running = Watched(servers, data, out, CLIENTS)
    going = True
    while going and size(out) == there:
        going = running.watch(0.5)
    return running, going


def tell(line: str) -> None:
    """Says it at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
