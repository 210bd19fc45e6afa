"""A Ray cluster of three nodes on this machine. Run by a Python that has Ray.

Prints its address. A line of standard input kills a node in which a server or a client runs; its
end all.
"""

import sys
from contextlib import suppress
from typing import Any

import psutil
from ray.cluster_utils import Cluster

NODES = 3
MEMORY = 80 * 2**20  # bytes of a node's object store, which nobody uses


def serves(node: Any) -> bool:
    """Whether one of our servers runs there, or a client of a run."""
    (raylet,) = node.all_processes["raylet"]
    for each in psutil.Process(raylet.process.pid).children(recursive=True):
        with suppress(psutil.Error):
            if "launch.cluster.node" in each.cmdline() or "ray::serve" in " ".join(each.cmdline()):
                return True
    return False


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    none = {"num_cpus": 0, "num_gpus": 0, "object_store_memory": MEMORY}
    cluster = Cluster(initialize_head=True, head_node_args=none)
    one = {"num_cpus": 1, "num_gpus": 1, "object_store_memory": MEMORY}
    nodes = [cluster.add_node(**one) for _ in range(NODES)]
    say(cluster.address)
    for _ in sys.stdin:
        node = next(each for each in nodes if serves(each))
        nodes.remove(node)
        cluster.remove_node(node, allow_graceful=False)
        say("killed")
    cluster.shutdown()


if __name__ == "__main__":
    main()
