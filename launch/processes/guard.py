"""Stops a server whose launcher was killed with SIGKILL.

Started as `python -m launch.processes.guard PID CREATED_AT`. Only the launcher holds the other end
of the guard's standard input, which therefore ends with the launcher. A signal at the parent's
death (PR_SET_PDEATHSIG) is not enough: vLLM ignores SIGTERM while it loads, its workers get none.
"""

import sys

from .process_tree import ProcessIdentity, stop

if __name__ == "__main__":
    sys.stdin.read()
    stop(ProcessIdentity(int(sys.argv[1]), float(sys.argv[2])))
