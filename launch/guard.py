"""Outlives a launcher that is killed with -9, and stops its server.

Started as `python -m launch.guard PID CREATED_AT`, with a pipe as standard input that only the
launcher holds: it ends when the launcher does. A signal at the parent's death would not do, as
vLLM ignores SIGTERM while it loads, and its workers would get none.
"""

import sys

from launch.processes import Identity, stop

if __name__ == "__main__":
    sys.stdin.read()
    stop(Identity(int(sys.argv[1]), float(sys.argv[2])))
