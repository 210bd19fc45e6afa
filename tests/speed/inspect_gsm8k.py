"""GSM8K as a task for `inspect eval`, which has none of its own.  Read by inspect, not by us."""

# mypy: disable-error-code="import-not-found, untyped-decorator"
# inspect-ai is not among the dependencies
from typing import Any

from inspect_ai import Task, task
from inspect_ai.dataset import Sample, json_dataset
from inspect_ai.scorer import match
from inspect_ai.solver import generate


def sample(row: dict[str, Any]) -> Sample:
    target = row["answer"].rpartition("####")[2].strip().replace(",", "")
    return Sample(input=row["question"], target=target)


@task
def gsm8k(path: str) -> Task:
    """The rows of one file, asked as they stand."""
    return Task(json_dataset(path, sample), solver=generate(), scorer=match(numeric=True))
