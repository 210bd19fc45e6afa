"""Fleets in clusters, without one: scripts, requests, readings, losses, and the node itself."""

import ipaddress
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from launch.cluster import fleet, registry
from launch.cluster.cluster import Report, ServerTask
from launch.cluster.models import to_come
from launch.cluster.node import command_line, environment, own_address
from launch.cluster.node_folder import Changes, NodeFolder, NodeRecord, NodeTask
from launch.cluster.ray_cluster import report_of as ray_report
from launch.cluster.ray_cluster import resources, said_by
from launch.cluster.server import ClusterServer
from launch.cluster.slurm import batch_script, given_options, read_queue, report_of
from launch.cluster.submitted import option_line
from launch.cluster.tasks import tasks_of
from launch.errors import StartError, UsageError
from launch.fleet_options import FleetOptions
from launch.processes import process_tree
from launch.processes.signals import Signals
from launch.progress import Progress
from tests.launch.launching import ROOT, living, wait_until

ENTRY = {"role": "model", "model": "a", "base_url": "http://n1:8000/v1", "gpus": 1}


@pytest.mark.parametrize(
    ("gpus", "given", "expected", "absent"),
    [
        (1, "", "#SBATCH --gres=gpu:1", ""),
        (0, "", "#SBATCH --no-requeue", "gres"),
        (4, "--partition gpu --time 8:00:00", "#SBATCH --partition gpu --time 8:00:00", ""),
        (4, "--gpus-per-node=a100:4", "#SBATCH --gpus-per-node=a100:4", "gres"),
        (1, "--comment 'two words'", "#SBATCH --comment 'two words'", ""),
    ],
)
def test_the_batch_script_asks_slurm_for_a_server(
    gpus: int, given: str, expected: str, absent: str
) -> None:
    folder = NodeFolder(Path("/shared/my fleet"), "a-1.1")
    task = ServerTask("a-1.1", (), (), gpus)
    script = batch_script(folder, task, "fleet-a-1.1", given_options(given), Path("/work"))

    assert expected in script.splitlines()
    assert not absent or absent not in script
    assert script.startswith("#!/bin/sh\n#SBATCH --job-name=fleet-a-1.1\n")
    assert "#SBATCH '--output=/shared/my fleet/servers/a-1.1.log'" in script
    words = shlex.split(script.splitlines()[-1])
    assert words[-3:] == ["launch.cluster.node", "/shared/my fleet", "a-1.1"]
    assert all(line[0] == "#" for line in script.splitlines()[:-1])


def test_options_of_sbatch_that_cannot_be_read_are_a_mistake() -> None:
    with pytest.raises(UsageError, match="--sbatch-args"):
        given_options("--comment 'open")


def ended(why: str, where: str = "h1", hopeless: bool = False) -> Report:
    return Report("ended", where, why, (), hopeless)


QUEUE = """7|RUNNING|n1|None
8|PENDING||Resources
9|CANCELLED|n2|None
slurm_load_jobs error
10_2|NODE_FAIL|n3|None
"""


@pytest.mark.parametrize(
    ("job", "record", "silent", "expected"),
    [
        ("8", None, 0.0, Report("waiting", "", "Resources")),
        ("7", None, 99.0, Report("running", "n1")),
        ("7", NodeRecord(3, "h1", (ENTRY,)), 5.0, Report("running", "h1", "", (ENTRY,))),
        ("7", NodeRecord(3, "h1", (ENTRY,)), 61.0, ended("its node has been silent for 60 s")),
        ("7", NodeRecord(3, "h1", (), "no GPU", True), 0.0, ended("no GPU", hopeless=True)),
        ("9", NodeRecord(3, "h1", (), "it was stopped"), 0.0, ended("it was cancelled")),
        ("10_2", NodeRecord(3, "h1", (ENTRY,)), 0.0, ended("its node failed")),
        ("11", NodeRecord(3, "h1", (ENTRY,)), 0.0, ended("Slurm knows it no more")),
        ("11", None, 0.0, ended("Slurm knows it no more", "")),
        ("9", None, 0.0, ended("it was cancelled", "n2")),
    ],
)
def test_how_a_job_of_slurm_is(
    job: str, record: NodeRecord | None, silent: float, expected: Report
) -> None:
    assert report_of(read_queue(QUEUE).get(job), record, silent, 60.0) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, Report("running")),
        (NodeRecord(1, "h", (ENTRY,)), Report("running", "h", "", (ENTRY,))),
        (NodeRecord(1, "h", (), "died", True), Report("ended", "h", "died", (), True)),
        (NodeRecord(1, "h", (ENTRY,), "exit code 1"), Report("ended", "h", "exit code 1")),
    ],
)
def test_how_an_actor_of_ray_is(said: NodeRecord | None, expected: Report) -> None:
    assert ray_report(said) == expected


def test_what_an_actor_asks_ray_for() -> None:
    asked = resources(ServerTask("a", (), (), 2))

    assert (asked["num_gpus"], asked["num_cpus"]) == (2, 1)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("The actor died.\n\tclass_name: RayNode\n\tpid: 7", "The actor died"),
        ("Its node failed. Some common causes include: (1) memory", "Its node failed"),
        ("", "it died"),
        ("killed " * 100, ("killed " * 100)[:200].rstrip(".")),
    ],
)
def test_an_error_of_ray_is_a_short_line(error: str, expected: str) -> None:
    assert said_by(RuntimeError(error)) == expected


FILE = """
[[server]]
model = "x/a"
name = "a"
{}
[[server]]
model = "x/judge"
role = "judge"
tp = 4
"""


@pytest.mark.parametrize(
    ("table", "gpus", "expected"),
    [
        ("", "", [1]),
        ("tp = 2", "", [2]),
        ("replicas = 3", "", [1, 1, 1]),
        ("tp = 2\nreplicas = 2", "", [2, 2]),
        ("gpus = 4", "", [4]),
        ("gpus = 8\ntp = 2", "", [2, 2, 2, 2]),
        ("gpus = 8\nreplicas = 2", "", [4, 4]),
        ("flags = ['-tp', '2']\nreplicas = 2", "", [2, 2]),
    ],
)
def test_a_job_for_each_server(table: str, gpus: str, expected: list[int], tmp_path: Path) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text(FILE.format(table))
    tasks = tasks_of(FleetOptions(config=file, on="slurm", gpus=gpus), ("--all",), ("x",))

    assert [each.gpus for each in tasks.models["x/a"]] == expected
    assert [each.gpus for each in tasks.judge] == [4]
    assert [each.name for each in tasks.models["x/a"]][-1] == f"a-{len(expected)}"
    words = tasks.models["x/a"][0].words
    assert words[:4] == ("--model", "x/a", "--role", "model")
    assert words[words.index("--replicas") + 1] == "1"
    assert tasks.models["x/a"][0].flags[0] == "--all"
    assert tasks.judge[0].flags == ()


def test_servers_on_cpus(tmp_path: Path) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text(FILE.format("replicas = 2").replace("tp = 4", ""))
    tasks = tasks_of(FleetOptions(config=file, on="ray", gpus="none"), (), ())

    assert [each.gpus for each in tasks.models["x/a"]] == [0, 0]
    assert tasks.lines == [
        "  x/a  2 servers on the CPU each",
        "  x/judge, the judge  1 server on the CPU",
    ]


@pytest.mark.parametrize(
    ("gpus", "message"), [("0,1", "names GPUs of this machine"), ("none", "is to have GPUs")]
)
def test_gpus_that_a_cluster_cannot_give(gpus: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text(FILE.format(""))

    with pytest.raises(UsageError, match=message):
        tasks_of(FleetOptions(config=file, on="slurm", gpus=gpus), (), ())


def test_the_options_of_a_launcher_in_the_background() -> None:
    options = FleetOptions(
        config=Path("f.toml"), on="slurm", submit=True, name="f", lease=9.0, if_needed=True
    )

    expected = ("--config", "f.toml", "--if-needed", "--on", "slurm", "--name", "f")
    assert sorted(option_line(options)) == sorted([*expected, "--lease", "9.0"])


class FakeCluster:
    """Notes what is asked of it. `refuses` each job but the first."""

    title, logs = "job", ""

    def __init__(self, refuses: bool = False) -> None:
        self.refuses, self.submitted, self.cancelled = refuses, list[str](), list[str]()

    def submit(self, task: ServerTask) -> str:
        if self.refuses and self.submitted:
            raise StartError("the partition is down")
        self.submitted.append(task.name)
        return str(len(self.submitted))

    def look(self, jobs: Collection[str]) -> Mapping[str, Report]:
        return {}

    def cancel(self, jobs: Collection[str]) -> None:
        self.cancelled += jobs

    def left(self, jobs: Collection[str]) -> list[str]:
        return []


@pytest.fixture
def server(tmp_path: Path) -> ClusterServer:
    (tmp_path / "servers").mkdir()
    return ClusterServer(ServerTask("a-1", ()), tmp_path)


def answer(port: int) -> Report:
    return Report("running", "h", "", ({**ENTRY, "base_url": f"http://h:{port}/v1"},))


def deaths(server: ClusterServer) -> list[bool]:
    return [Path(each["died"]).exists() for each in server.entries]


def test_a_lost_server_is_started_again_and_its_old_address_is_dead_once_it_answers(
    server: ClusterServer,
) -> None:
    cluster = FakeCluster()
    server.start(cluster)
    said = [server.take(answer(1), cluster)]
    said.append(server.take(Report("ended", "h", "its node failed"), cluster))
    before = deaths(server)
    said.append(server.take(answer(2), cluster))

    assert said == [
        "server a-1 answers at http://h:1/v1 (job 1 on h)",
        "server a-1: job 1 on h was lost: its node failed; it is started again (1 of 2)",
        "server a-1 answers at http://h:2/v1 (job 2 on h)",
    ]
    assert before == [False]
    assert deaths(server) == [True, False]
    assert (cluster.submitted, cluster.cancelled) == (["a-1.1", "a-1.2"], ["1"])
    assert all(each["api_key_env"] == "EVALUATOR_FLEET_KEY" for each in server.entries)


def test_a_server_is_started_again_twice_at_most(server: ClusterServer) -> None:
    cluster = FakeCluster()
    server.start(cluster)
    for port in range(3):
        server.take(answer(port), cluster)
        said = server.take(Report("ended", "h", "it was cancelled"), cluster)

    assert said.endswith("it was cancelled; it is not started again")
    assert server.gone == "it was cancelled"
    assert deaths(server) == [True, True, True]
    assert len(cluster.submitted) == 3


@pytest.mark.parametrize("hopeless", [True, False])
def test_one_that_never_answered_is_not_started_again_where_that_changes_nothing(
    server: ClusterServer, hopeless: bool
) -> None:
    cluster = FakeCluster()
    server.start(cluster)
    server.take(Report("ended", "h", "out of memory", (), hopeless), cluster)

    assert bool(server.gone) == hopeless


def test_a_cluster_that_refuses_the_second_start_is_said(server: ClusterServer) -> None:
    cluster = FakeCluster(refuses=True)
    server.start(cluster)
    said = server.take(Report("ended", "", "its node failed"), cluster)

    assert said.endswith("it cannot be started again: the partition is down")
    assert server.gone == "the partition is down"


def test_a_node_whose_name_cannot_be_resolved_goes_by_its_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "no-such-host.invalid")
    address = own_address()
    monkeypatch.setattr(socket, "gethostname", lambda: "localhost")

    assert ipaddress.ip_address(address)
    assert own_address() == "localhost"


def test_servers_are_to_come_until_they_answer_or_are_given_up(server: ClusterServer) -> None:
    cluster = FakeCluster()
    server.start(cluster)
    counts = [to_come([server])]
    server.take(answer(1), cluster)
    counts.append(to_come([server]))
    server.take(Report("ended", "h", "its node failed"), cluster)
    counts.append(to_come([server]))
    server.give_up("it was cancelled")
    counts.append(to_come([server]))

    assert counts == [1, 0, 1, 0]


TRY = """
import json, os, pathlib, sys
for each in json.load(open(os.environ["EVALUATOR_ENDPOINTS"]))["endpoints"]:
    if each["role"] == "judge" and sys.argv[1] == "unjudged":
        pathlib.Path(each["unneeded"]).touch()
sys.exit(3)
"""


@pytest.mark.parametrize(
    ("kind", "expected"), [("judged", ["judge-1.1", "a-1.1"]), ("unjudged", ["a-1.1"])]
)
def test_a_judge_with_nothing_to_do_has_no_job(
    kind: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As COMMAND tells where it is tried without servers."""
    monkeypatch.setenv("EVALUATOR_CACHE_DIR", str(tmp_path))
    signals, fake = Signals(), FakeCluster()
    monkeypatch.setattr(Signals, "watch", lambda self: self.received.append(15))
    monkeypatch.setattr(fleet, "cluster_of", lambda options, folder: fake)
    file = tmp_path / "fleet.toml"
    file.write_text(FILE.format(""))
    options = FleetOptions(config=file, on="ray", if_needed=True)
    words = (sys.executable, "-c", TRY, kind)
    code = fleet.run_cluster_fleet(options, words, signals, Progress())

    assert (code, fake.submitted) == (143, expected)


def test_what_a_node_runs() -> None:
    folder = NodeFolder(Path("/shared/f"), "a-1.1")
    task = ServerTask("a-1.1", ("--model", "x/a", "--tp", "2"), ("--max-num-seqs", "8"), 2)
    words = command_line(folder, NodeTask(task, 60.0), "n1")

    assert words[1:7] == ["-m", "launch", "with", "--model", "x/a", "--tp"]
    assert words[words.index("--gpus") + 1] == "all"
    assert words[words.index("--address") + 1] == "n1"
    assert words[words.index("--") :][:4] == ["--", "--max-num-seqs", "8", "--"]
    assert words[-2:] == ["launch.cluster.register", "/shared/f/servers/a-1.1.served.json"]
    assert "--gpus" not in command_line(folder, NodeTask(ServerTask("a", ()), 60.0), "n1")


def test_the_key_of_a_fleet_reaches_its_servers_alone() -> None:
    made = environment({"EVALUATOR_ENDPOINTS": "x", "HOME": "/h"}, "secret")

    assert made == {"HOME": "/h", "VLLM_API_KEY": "secret", "LLAMA_API_KEY": "secret"}


def test_tasks_and_records_are_read_as_they_were_written(tmp_path: Path) -> None:
    (tmp_path / "servers").mkdir()
    folder = NodeFolder(tmp_path, "a-1.1")
    task = NodeTask(ServerTask("a-1.1", ("--model", "x"), ("-tp", "2"), 2), 60.0, "n1")
    record = NodeRecord(4, "n1", (ENTRY,), "why", True)
    nothing = folder.read_record()
    folder.write_task(task)
    folder.write_record(record)

    assert (nothing, folder.read_task(), folder.read_record()) == (None, task, record)


def test_only_a_change_is_a_sign_of_life() -> None:
    changes = Changes()
    changes.since -= 50
    stale = changes.unchanged_for(None)

    assert stale >= 50
    assert changes.unchanged_for("1") < 50


STUB = "import os, sys; sys.argv += ['--api-key', os.environ['VLLM_API_KEY']]; "
STUB += "import runpy; runpy.run_module('tests.stub', run_name='__main__')"


@pytest.fixture
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A node with a stub, and a lease of so many seconds."""
    (tmp_path / "servers").mkdir()
    folder = NodeFolder(tmp_path, "a-1.1")
    where = ("--host", "{host}", "--port", "{port}", "--model", "x/a")
    engine = shlex.join([sys.executable, "-c", STUB, *where])
    words = ("--model", "x/a", "--engine", "command", "--engine-command", engine)
    folder.write_task(NodeTask(ServerTask("a-1.1", words), request.param, "127.0.0.1"))
    folder.key.write_text("secret")
    process = subprocess.Popen(
        [sys.executable, "-m", "launch.cluster.node", str(tmp_path), "a-1.1"],
        env={**os.environ, "EVALUATOR_CACHE_DIR": str(tmp_path / "cache")},
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    leader = process_tree.identity(process.pid)
    yield process
    process_tree.stop(leader)
    process.wait()


@pytest.mark.parametrize("node", [2.0], indirect=True)
def test_a_node_tells_where_it_serves_and_ends_without_its_launcher(
    node: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    folder, beats = NodeFolder(tmp_path, "a-1.1"), iter(range(10**6))

    def served() -> tuple[Any, ...]:
        folder.alive.write_text(str(next(beats)))
        record = folder.read_record()
        return record.entries if record else ()

    wait_until(served, patience=60)
    (entry,) = served()
    tree = [each.pid for each in process_tree.process_tree(process_tree.identity(node.pid))]
    node.wait(timeout=30)  # nobody renews the lease
    record = folder.read_record()

    assert (entry["model"], entry["role"]) == ("x/a", "model")
    assert "secret" not in json.dumps(entry)
    assert record
    assert record.ended == "its launcher is gone"
    wait_until(lambda: not living(tree))


@pytest.mark.parametrize("node", [600.0], indirect=True)
def test_a_node_that_is_told_to_end_takes_its_server_along(
    node: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    folder = NodeFolder(tmp_path, "a-1.1")
    wait_until(folder.served.exists, patience=60)
    tree = [each.pid for each in process_tree.process_tree(process_tree.identity(node.pid))]
    node.send_signal(signal.SIGTERM)
    node.wait(timeout=30)
    record = folder.read_record()

    assert record
    assert record.ended == "it was stopped by SIGTERM"
    wait_until(lambda: not living(tree))


def test_a_fleet_has_a_folder_with_a_key_for_the_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVALUATOR_CACHE_DIR", str(tmp_path))
    folder = registry.make_folder("f")
    us = process_tree.identity(os.getpid())
    host = os.uname().nodename
    registry.write(registry.FleetRecord("f", "slurm", host, us.pid, us.created_at, 2, 1, ("7",)))

    assert (folder / "key").stat().st_mode & 0o777 == 0o600
    assert [each.state for each in registry.records()] == ["running"]
    assert registry.free_name("f") == "f-2"
    with pytest.raises(UsageError, match="runs already"):
        registry.make_folder("f")
    registry.remove("f")
    assert (registry.records(), (folder / "key").exists()) == ([], False)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--on", "kubernetes"), "none of local, slurm, ray"),
        (("--on", "slurm", "--gpus", "0"), "names GPUs of this machine"),
    ],
)
def test_mistakes_are_told_before_anything_is_submitted(
    words: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    (tmp_path / "fleet.toml").write_text('[[server]]\nmodel = "x/a"\n')
    done = subprocess.run(
        [sys.executable, "-m", "launch", "fleet", "--config", "fleet.toml", *words, "--", "true"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "300"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 2
    assert message in done.stderr
