"""A user's prompt template, checked on a benchmark's first question before anything is sent."""

import asyncio

from evaluator.engine.dry import first_calls
from evaluator.engine.task import Task
from evaluator.errors import UsageError, did_you_mean
from evaluator.prompts import filled, placeholders

OPTION = "--dataset-args: prompt_template"
WORKED = "worked"  # the worked examples, as objects
ANSWERS = frozenset({"answer", "steps", "target"})  # which a question must not give away


def check_template(task: Task) -> None:
    """Raises UsageError where a task has a template that does not fit its questions."""
    name, template = task.benchmark.name, task.form.prompt_template
    if not template:
        return
    sample = next(iter(task.samples))
    if task.mode != "generate":
        raise UsageError(f"{OPTION} of {name}: --mode {task.mode} asks in words of its own")
    calls = asyncio.run(first_calls(task.solve, sample))
    if not calls or not all(call.prompt.has_examples for call in calls):
        raise UsageError(f"{OPTION}: {name} asks in words of its own alone")
    known = sorted(sample.fields.keys() - ANSWERS - {WORKED})
    used = placeholders(template)
    for each in sorted(used - set(known)):
        hint = did_you_mean(each, known, f"there are {', '.join(known)}")
        raise UsageError(f"{OPTION} of {name}: there is no {{{{ {each} }}}}; {hint}")
    if not used:
        raise UsageError(
            f"{OPTION} of {name}: it names no field, such as {{{{ question }}}}: {template!r}"
        )
    if task.shots and not task.form.shots_as_turns and "examples" not in used:
        raise UsageError(
            f"{OPTION} of {name}: without {{{{ examples }}}} the {task.shots} worked examples are "
            "not shown; add it, or give few_shot_num 0 or --shots-as-turns"
        )
    filled(template, sample.fields)
