"""`python -m launch.cluster.register FILE`: the COMMAND of a server on another machine.

Copies endpoints.json to FILE, where the node reports it, and stays until all servers have died.
Then `launch with` starts them once more, beside another one of this.
"""

import json
import os
import sys
import time
from pathlib import Path

from ..commands.endpoints_file import VARIABLE
from .node_folder import write_whole

LOOK_EVERY = 0.5  # seconds
DIED = 1


def main(target: Path) -> int:
    text = Path(os.environ[VARIABLE]).read_text(encoding="utf-8")
    died = [Path(each["died"]) for each in json.loads(text)["endpoints"]]
    write_whole(target, text)
    while not all(each.exists() for each in died):
        time.sleep(LOOK_EVERY)
    return DIED


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
