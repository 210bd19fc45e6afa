"""`evaluator schema`: the shape of the files that the commands write, for programs."""

from typing import Annotated

import typer


def schema(
    name: Annotated[str | None, typer.Argument(help="run, outcomes, samples, report, ...")] = None,
) -> None:
    """Print the JSON Schema of a file, or the names of all."""
    from evaluator.results.schemas import available, packed

    typer.echo(packed(name).decode() if name else "\n".join(available()), nl=name is None)
