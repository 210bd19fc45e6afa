"""Reads command lines with vLLM's own parser: a script for vLLM's Python.

Takes a JSON list of lists of words on standard input; prints as many readings, or what was wrong.
"""

import contextlib
import io
import json
import sys

from vllm.entrypoints.launchers.cli_args import (  # type: ignore[import-not-found]  # not in .venv
    make_arg_parser,
)
from vllm.utils.argparse_utils import (  # type: ignore[import-not-found]  # not in .venv
    FlexibleArgumentParser,
)

READ = ("tensor_parallel_size", "data_parallel_size", "pipeline_parallel_size", "port")


PARSER = make_arg_parser(FlexibleArgumentParser())


def reading(words: list[str]) -> dict[str, object]:
    errors = io.StringIO()
    try:
        with contextlib.redirect_stderr(errors):
            found = PARSER.parse_args(words)
    except (SystemExit, ValueError) as error:
        return {"error": f"{error}: {errors.getvalue()[-500:]}"}
    values = {name: getattr(found, name) for name in READ}
    return {**values, "model": found.model_tag or found.model, "name": found.served_model_name}


if __name__ == "__main__":
    sys.stdout.write(json.dumps([reading(words) for words in json.load(sys.stdin)]))
