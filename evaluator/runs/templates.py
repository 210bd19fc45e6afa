"""A user's prompt template, checked on a benchmark's first question before anything is sent."""

import asyncio

from evaluator.engine.dry import first_calls
from evaluator.engine.task import Task
from evaluator.errors import UsageError, did_you_mean
from evaluator.locale import N_
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
        raise UsageError(
            N_(
                "{option} of {name}: --mode {mode} asks in words of its own",
                option=OPTION,
                name=name,
                mode=task.mode,
            )
        )
    calls = asyncio.run(first_calls(task.solve, sample))
    if not calls or not all(call.prompt.has_examples for call in calls):
        raise UsageError(
            N_("{option}: {name} asks in words of its own alone", option=OPTION, name=name)
        )
    known = sorted(sample.fields.keys() - ANSWERS - {WORKED})
    used = placeholders(template)
    for each in sorted(used - set(known)):
        hint = did_you_mean(each, known, N_("there are {names}", names=", ".join(known)))
        raise UsageError(
            N_(
                "{option} of {name}: there is no {{{{ {each} }}}}; {hint}",
                option=OPTION,
                name=name,
                each=each,
                hint=hint,
            )
        )
    if not used:
        raise UsageError(
            N_(
                "{option} of {name}: it names no field, such as {{{{ question }}}}: {template!r}",
                option=OPTION,
                name=name,
                template=template,
            )
        )
    if task.shots and not task.form.shots_as_turns and "examples" not in used:
        raise UsageError(
            N_(
                "{option} of {name}: without {{{{ examples }}}} the {shots} worked "
                "{shots:example is|examples are} not shown; add it, or give few_shot_num 0 or "
                "--shots-as-turns",
                option=OPTION,
                name=name,
                shots=task.shots,
            )
        )
    filled(template, sample.fields)
