"""`evaluator schema`: the shape of the files that the commands write, for programs."""

import sys

from evaluator.cli.command import Given, command
from evaluator.cli.shared import tell
from evaluator.options.commands import SchemaOptions
from evaluator.options.complaints import read


def schema(given: Given) -> None:
    """Prints the schema of one file, or the names of all."""
    from evaluator.results.schemas import available, packed

    name = read(SchemaOptions, given).name
    if name:
        sys.stdout.write(packed(name).decode())
    else:
        tell("\n".join(available()))


app = command("schema", schema, SchemaOptions)
