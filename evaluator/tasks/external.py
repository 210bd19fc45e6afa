"""Benchmarks from outside this package: in a file, in a module, or offered by another package.

`capitals.py:CAPITALS` and `package.module:CAPITALS` name a Benchmark object; a package offers its
own under the entry-point group `evaluator.benchmarks`.
"""

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from evaluator.errors import EvaluatorError, UsageError
from evaluator.locale import N_
from evaluator.types import Benchmark

GROUP = "evaluator.benchmarks"


def external_benchmark(name: str) -> Benchmark | None:
    """The benchmark that is named so; None where nothing outside has the name.

    It goes by the name under which it was asked for, so that a later command finds it again.
    Raises UsageError where the file, the module or the object is not what it should be.
    """
    place, colon, attribute = name.rpartition(":")
    if not colon:
        return offered(name)
    module = of_file(name, Path(place)) if place.endswith(".py") else of_module(name, place)
    return replace(member(name, module, attribute), name=name)


def offered(name: str) -> Benchmark | None:
    """The benchmark that an installed package offers under this name."""
    found = next((point for point in points() if point.name == name), None)
    if found is None:
        return None
    try:
        made = found.load()
    except Exception as error:  # whatever another package's code raises
        raise UsageError(
            N_(
                "{name}: {value} cannot be loaded: {error}",
                name=name,
                value=found.value,
                error=_words(error),
            )
        ) from error
    if not isinstance(made, Benchmark):
        raise UsageError(
            N_(
                "{name}: {value} is no Benchmark, but {made!r:.80}",
                name=name,
                value=found.value,
                made=made,
            )
        )
    return replace(made, name=name)


def points() -> Iterator[EntryPoint]:
    """What installed packages offer."""
    yield from entry_points(group=GROUP)


def of_file(name: str, path: Path) -> ModuleType:
    """The module in a file."""
    if not path.is_file():
        raise UsageError(N_("{name}: there is no file {path!r}", name=name, path=str(path)))
    spec = importlib.util.spec_from_file_location(f"evaluator_own_{path.stem}", path)
    assert spec and spec.loader  # of a .py file there is always one
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up there
    try:
        spec.loader.exec_module(module)
    except EvaluatorError:
        raise
    except Exception as error:  # whatever the user's own code raises
        raise UsageError(
            N_(
                "{name}: {path} cannot be loaded: {error}",
                name=name,
                path=path,
                error=_words(error),
            )
        ) from error
    return module


def of_module(name: str, module: str) -> ModuleType:
    """A module on the path, or in the folder in which the command is run."""
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise UsageError(
            N_("{name}: {error}; a file is named as my_file.py:NAME", name=name, error=error)
        ) from error
    except Exception as error:  # whatever the user's own code raises
        raise UsageError(
            N_(
                "{name}: {module} cannot be loaded: {error}",
                name=name,
                module=module,
                error=_words(error),
            )
        ) from error


def member(name: str, module: ModuleType, attribute: str) -> Benchmark:
    """The Benchmark of that name in a module."""
    found = getattr(module, attribute, None)
    if isinstance(found, Benchmark):
        return found
    there = [key for key, value in vars(module).items() if isinstance(value, Benchmark)]
    hint = f"there are {', '.join(there)}" if there else "there is none in it"
    raise UsageError(
        N_(
            "{name}: no Benchmark {attribute!r} in {file}; {hint}",
            name=name,
            attribute=attribute,
            file=module.__file__,
            hint=hint,
        )
    )


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
