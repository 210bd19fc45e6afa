"""What runs inside of the sandbox: reads programs from its input, and runs the first that compiles.

It is given to an interpreter as text, and so imports nothing of the project. Its first line of
output says that it has begun, its second how the program ended. That line begins with a word that
the program has not seen in its input, so that one that ends early or prints has not passed.
"""

import json
import os
import resource
import sys
from types import CodeType

SAID = 300  # characters of an error that are told


def compiled(programs: list[str]) -> CodeType:
    """The first program that compiles.  Raises what the first one does where none does."""
    failed: BaseException | None = None
    for program in programs:
        try:
            return compile(program, "program.py", "exec")
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            failed = failed or error
    raise failed or ValueError("no program")


def run(programs: list[str]) -> str:
    """Runs a program, and says what it raised; nothing where it came to its end."""
    try:
        exec(compiled(programs), {"__name__": "program"})
    except BaseException as error:  # noqa: BLE001  whatever a model's program raises, it has failed
        return f"{type(error).__name__}: {error}"[:SAID]
    return ""


def main() -> None:
    """Takes the limits, runs a program, and answers on an output that it is not told of."""
    given = json.loads(sys.stdin.buffer.read())
    answers = os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    for name, most in given["limits"].items():
        resource.setrlimit(getattr(resource, name), (most, most))
    sys.path += given["packages"]
    token = given.pop("token")
    os.write(answers, b"begun\n")
    said = run(given["programs"])
    os.write(answers, f"{token} {json.dumps(said)}\n".encode())
    os._exit(0)


main()
