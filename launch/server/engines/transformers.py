"""Hugging Face's own `transformers serve`: slow, and it runs wherever PyTorch does.

It calls a model by its place and answers to no other name. So a link of the model's name is made,
and the server runs in the folder of the link. Its list of models is one of the hub's cache.
"""

from hashlib import blake2b
from pathlib import Path

from ...errors import StartError
from ...locale import N_
from ..command_line import Plan, flag_words, python_environment
from .engine import ServerEngine

CAUSES = (
    (
        r"Missing dependencies for serving",
        N_("transformers lacks what it serves with; pip install 'transformers[serving]'"),
    ),
    (r"No such option|Got unexpected extra argument", N_("transformers serve has no such flag")),
    (
        r"No module named '?transformers\.cli",
        N_("this transformers is too old to serve; pip install -U 'transformers[serving]'"),
    ),
)


def command_line(plan: Plan) -> list[str]:
    flags: dict[str, str | None] = {"--host": plan.host, "--port": str(plan.port)}
    flags["--device"] = "cpu" if plan.placement.on_cpu else "auto"
    start = [str(plan.python), "-m", "transformers.cli.transformers", "serve", plan.name]
    return [*start, *flag_words(flags, plan.extra), *plan.extra]


def named_folder(name: str, model: Path, links: Path) -> Path:
    """The folder below `links` in which `name` is the model. A link is made where there is none."""
    home = links / blake2b(str(model).encode(), digest_size=8).hexdigest()
    link = home / name
    try:
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            link.unlink(missing_ok=True)  # it points to what is gone
            link.symlink_to(model, target_is_directory=True)
    except FileExistsError:
        pass  # another launcher made it meanwhile
    except OSError as error:
        raise StartError(
            N_(
                "the link {link!r} cannot be made ({strerror}); set EVALUATOR_CACHE_DIR to a "
                "writable place",
                link=str(link),
                strerror=error.strerror,
            )
        ) from error
    return home


TRANSFORMERS = ServerEngine(
    "transformers serve",
    command_line,
    python_environment,
    module="transformers",
    lists_models=False,
    causes=CAUSES,
)
