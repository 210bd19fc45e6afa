"""python -m launch VERB [OPTIONS] [-- COMMAND...]: the doorway to `cli`."""

import sys

from . import MODULE

WINDOWS = (
    f"python -m {MODULE} runs on Linux and macOS; on Windows use WSL 2, or measure a server that "
    "runs elsewhere: evaluator run --base-url http://host:8000/v1\n"
)


def main() -> int:
    if sys.platform == "win32":  # before the imports below, which need POSIX signals
        sys.stderr.write(WINDOWS)
        return 2
    from . import cli

    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
