"""Samples of a task's documents: what lm-eval would ask of each, in both wordings."""

from collections.abc import Iterator, Sequence
from typing import Any

from lm_eval.api.task import ConfigurableTask

from evaluator.types import DataRow, Message, Sample

FEWSHOT_SEED = 1234  # lm-eval's own


def samples_of(task: ConfigurableTask, name: str = "") -> Iterator[Sample]:
    """The task's documents in order; worked examples are drawn as lm-eval draws them.

    `name` is that of the task in a group.
    """
    task.set_fewshot_seed(FEWSHOT_SEED)
    for number, document in enumerate(task.task_docs):
        yield _sample(task, number, document, name)


def _sample(task: ConfigurableTask, number: int, document: DataRow, name: str) -> Sample:
    text, turns = wordings(task, document)
    asked = task.construct_requests(
        doc=document, ctx=text, metadata=(task.task_name, number, task.config.repeats)
    )
    requests = asked if isinstance(asked, list) else [asked]
    return Sample(
        f"{name}/{number}" if name else str(number),
        {
            "task": task.task_name,
            "document": document,
            "requests": [(each.request_type, list(each.args)) for each in requests],
            "turns": turns,
            "several": (task.multiple_input, task.multiple_target),
        },
        target(task, document),
        name,
    )


def wordings(task: ConfigurableTask, document: DataRow) -> tuple[Any, list[Message]]:
    """The text for a model to go on with, a list of them for each choice; the turns of a chat.

    Both show the same worked examples. Only what is generated has turns.
    """
    shots = task.config.num_fewshot or 0
    prefix = task.doc_to_prefix(document)
    if task.OUTPUT_TYPE != "generate_until":
        return task.fewshot_context(document, num_fewshot=shots, gen_prefix=prefix), []
    drawn = task.sampler.rnd.getstate() if shots else None
    turns: list[Message] = task.fewshot_context(
        document,
        num_fewshot=shots,
        apply_chat_template=True,
        fewshot_as_multiturn=True,
        chat_template=lambda messages, **_: messages,
        gen_prefix=prefix,
    )
    if drawn:
        task.sampler.rnd.setstate(drawn)
    return task.fewshot_context(document, num_fewshot=shots, gen_prefix=prefix), turns


def target(task: ConfigurableTask, document: DataRow) -> str:
    """The ground truth, in words."""
    right = task.doc_to_target(document)
    if isinstance(right, int) and task.config.doc_to_choice is not None:
        choices: Sequence[str] = task.doc_to_choice(document)
        return choices[right] if 0 <= right < len(choices) else str(right)
    if isinstance(right, list):
        return " | ".join(map(str, right))
    return str(right)
