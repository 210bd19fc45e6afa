"""Which tests need a sandbox, and programs that try to do harm."""

import shutil

import pytest

needs_sandbox = pytest.mark.skipif(
    not shutil.which("bwrap"), reason="bubblewrap is not installed: apt install bubblewrap"
)
HARMFUL = {
    "a fork bomb": "import os\nwhile True:\n    os.fork()",
    "a bomb of threads": "import threading as t\nwhile True:\n    t.Thread(target=input).start()",
    "a command": "import subprocess\nsubprocess.run(['/bin/true'])",
    "an endless loop": "while True:\n    pass",
    "a long sleep": "import time\ntime.sleep(1000)",
    "10 GB of memory": "held = bytearray(10 << 30)",
    "a socket": "import socket\nsocket.create_connection(('1.1.1.1', 53), 2)",
    "the machine's own network": "import socket\nsocket.create_connection(('127.0.0.1', PORT), 2)",
    "a file outside": "open('OUTSIDE', 'w').write('x')",
    "a file at the root": "open('/x', 'w').write('x')",
    "a file of the system": "open('/usr/x', 'w').write('x')",
    "a file among the packages": "import numpy\nopen(numpy.__file__, 'a').write('x')",
    "shared memory": "open('/dev/shm/x', 'w').write('x')",
    "a large file": "open('x', 'w').write('x' * (200 << 20))",
    "many files": "for i in range(50):\n    open(f'{i}', 'w').write('x' * (10 << 20))",
    "its parent's end": "import os\nos.kill(os.getppid(), 9)",
    "the evaluator's end": "import os\nos.kill(PID, 9)",
    "the environment": "import os\nos.environ['SECRET_KEY']",
    "the environment of others": "open('/proc/PID/environ').read()",
    "files of the user": "open('OUTSIDE').read()",
    "an early end": "import os\nos._exit(0)",
    "a quiet end": "raise SystemExit(0)",
    "a crash": "import ctypes\nctypes.string_at(0)",
    "a flood of words": "while True:\n    print('x' * 1000)",
    "a flood into every file": "import os\nwhile True:\n    for i in range(64):\n"
    "        try:\n            os.write(i, b'z' * 5000)\n        except OSError:\n            pass",
    "no code": "Sorry, I cannot do that.",
}
