"""A sample's score by lm-eval's filters and metrics, and totals by its aggregations and groups."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from lm_eval.api.group import Group
from lm_eval.api.instance import Instance
from lm_eval.api.metrics import mean
from lm_eval.api.task import ConfigurableTask

from evaluator.errors import RequestError
from evaluator.lm_eval_tasks.asking import Answer
from evaluator.lm_eval_tasks.building import Named
from evaluator.results.figures import Figure
from evaluator.statistics.bootstrap import RESAMPLES, bootstrap
from evaluator.statistics.intervals import figure, macro
from evaluator.types import MEASURED, SHARE, Outcomes, Sample, Scale, Score

NO_MATCH = "[invalid]"  # what lm-eval's filters say where nothing was found
SHARES = ("acc", "exact", "em", "f1", "mcc", "brier", "pass", "contains", "prompt_level", "inst_")
TO_A_HUNDRED = ("bleu", "chrf", "ter", "rouge")
ANYTHING: Scale = (-1e9, 1e9)  # of a quantity whose ends are not known
FEW = 100  # resamples of texts, which take long to compare; as many as lm-eval takes
Item = Any  # what a metric keeps of a sample, before it is aggregated


@dataclass(frozen=True, slots=True)
class Headline:
    """The metric that is a task's value: the first that is a mean, else the first of all."""

    metric: str
    filter: str
    scale: Scale

    @property
    def name(self) -> str:
        """As it is shown."""
        return shown(self.metric, self.filter)


def headline(task: ConfigurableTask) -> Headline:
    """What a task's samples are worth."""
    known = task.aggregation()
    means = (name for name, aggregate in known.items() if aggregate is mean)
    metric = next(means, None) or next(iter(known), "acc")
    if metric == "word_perplexity" and "bits_per_byte" in known:
        metric = "bits_per_byte"  # of a single text, the one that its length does not blow up
    if tries := task._metric_fn_kwargs.get(metric, {}).get("k"):
        metric = f"pass@{tries if isinstance(tries, int) else tries[0]}"  # what pass_at_k gives
    return Headline(metric, task._filters[0].name, scale_of(metric))


def scale_of(metric: str) -> Scale:
    """The ends of a metric, by its name."""
    if metric == "bits_per_byte":
        return (0.0, 32.0)
    if metric.startswith(TO_A_HUNDRED) and not metric.endswith(("_acc", "_diff")):
        return (0.0, 100.0)
    return SHARE if metric.startswith(SHARES) or metric.endswith("_acc") else ANYTHING


def shown(metric: str, filter: str) -> str:
    """lm-eval's `metric,filter`; the filter that does nothing is left out."""
    return metric if filter == "none" else f"{metric},{filter}"


def score(task: ConfigurableTask, sample: Sample, answers: Sequence[Sequence[Answer]]) -> Score:
    """The sample's score: metrics that are means as they are, of the others their items.

    Items are kept in the note, from which the totals are made.
    """
    instances = filtered(task, sample, answers)
    first, items = task._filters[0].name, dict(measured(task, instances))
    of, aggregations = headline(task), task.aggregation()
    if (of.metric, of.filter) not in items:
        raise RequestError(f"lm-eval's {task.task_name} gave no {of.name} for this sample")
    means: dict[str, float] = {}
    others: dict[str, Item] = {}
    for (metric, filter), item in items.items():
        is_mean = aggregations.get(metric, mean) is mean and isinstance(item, int | float)
        (means if is_mean else others)[shown(metric, filter)] = item
    value = means.pop(of.name) if of.name in means else alone(aggregations[of.metric], others, of)
    return Score(
        float(value),
        answer(instances, first),
        note=orjson.dumps(others, option=orjson.OPT_SERIALIZE_NUMPY).decode() if others else "",
        dimensions={name: float(each) for name, each in means.items()},
    )


def alone(
    aggregate: Callable[[list[Item]], float], items: Mapping[str, Item], of: Headline
) -> float:
    """The metric of one sample; of a label and a guess, whether they are the same."""
    item = items[of.name]
    if of.metric in ("f1", "mcc"):
        return float(item[0] == item[1])
    return aggregate([item])


def filtered(
    task: ConfigurableTask, sample: Sample, answers: Sequence[Sequence[Answer]]
) -> list[Instance]:
    """The sample's requests with their answers, through every filter of the task."""
    fields = sample.fields
    instances = [
        Instance(kind, fields["document"], tuple(arguments), number, resps=list(given))
        for number, ((kind, arguments), given) in enumerate(
            zip(fields["requests"], answers, strict=True)
        )
    ]
    for each in task._filters:
        each.apply(instances)
    return instances


def measured(
    task: ConfigurableTask, instances: Sequence[Instance]
) -> Iterator[tuple[tuple[str, str], Item]]:
    """What each metric keeps of the sample, by metric and filter."""
    document = instances[0].doc
    for name in instances[0].filtered_resps:
        results = task.process_results(document, [each.filtered_resps[name] for each in instances])
        for metric, item in results.items():
            yield (metric, name), item


def answer(instances: Sequence[Instance], filter: str) -> str | None:
    """What was read in a reply; of several texts, the likeliest. None: a filter found nothing."""
    if instances[0].request_type == "generate_until":
        found = instances[0].filtered_resps[filter]
        read = found if isinstance(found, str) else str(found)
        return None if not read.strip() or read == NO_MATCH else read
    if len(instances) == 1:
        return str(instances[0].filtered_resps[filter])
    best = max(instances, key=lambda each: each.filtered_resps[filter][0])
    return str(best.arguments[-1]).strip() or str(best.idx)


def totals(named: Named, outcomes: Outcomes) -> dict[str, Figure]:
    """Corpus metrics of each task, means whose last digit hangs on the order, and groups."""
    items = {name: _items(task, outcomes) for name, task in named.tasks.items()}
    found = {}
    for name, task in named.tasks.items():
        for metric, of in _of_task(task, items[name]):
            found[metric if len(named.tasks) == 1 else f"{name}: {metric}"] = of
    results = {name: _results(task, items[name]) for name, task in named.tasks.items()}
    for group in named.groups:
        found |= _of_group(group, results, items)
    return found


Items = dict[tuple[str, str], list[Item]]


def _items(task: ConfigurableTask, outcomes: Outcomes) -> Items:
    """What the metrics kept of the samples of one task, in the order of its documents."""
    mine = [
        (int(place), each)
        for each in outcomes
        if each.status in MEASURED
        and (place := each.id.rpartition("/")[2])
        and each.group in ("", task.task_name)
    ]
    of, found = headline(task), Items()
    for _, each in sorted(mine, key=lambda pair: pair[0]):
        kept: dict[str, Item] = {**each.dimensions, **(orjson.loads(each.note or b"{}"))}
        kept.setdefault(of.name, each.score)
        for name, item in kept.items():
            metric, _, filter = name.partition(",")
            found.setdefault((metric, filter or "none"), []).append(item)
    return found


def _of_task(task: ConfigurableTask, items: Items) -> Iterator[tuple[str, Figure]]:
    """The metrics of a task that no mean over samples in any order can stand for."""
    for (metric, filter), of in items.items():
        aggregate, scale = task.aggregation().get(metric, mean), scale_of(metric)
        if aggregate is not mean:
            times = FEW if metric.startswith(TO_A_HUNDRED) else RESAMPLES
            yield shown(metric, filter), bootstrap(of, aggregate, scale, times)
        elif any(value != round(value) for value in of):
            estimate = figure([of], scale=scale)
            yield shown(metric, filter), replace(estimate, value=mean(of), scale=scale)


def _results(task: ConfigurableTask, items: Items) -> dict[str, Any]:
    """A task's results as lm-eval hands them to a group."""
    found: dict[str, Any] = {"sample_len": max(map(len, items.values()), default=0)}
    for (metric, filter), of in items.items():
        found[f"{metric},{filter}"] = task.aggregation().get(metric, mean)(of)
        found[f"{metric}_stderr,{filter}"] = "N/A"
    return found


def _of_group(
    group: Group, results: Mapping[str, Any], items: Mapping[str, Items]
) -> Iterator[tuple[str, Figure]]:
    members = [each.task_name for each in group.get_all_tasks()]
    there = {name: results[name] for name in members if results[name]["sample_len"]}
    weighs = {each.metric: each.weight_by_size for each in group.aggregate_metric_list or ()}
    for key, value in group.aggregate(there).items():
        metric, comma, filter = key.partition(",")
        if not comma or metric.endswith("_stderr") or not isinstance(value, int | float):
            continue
        parts = [of for name in there if (of := items[name].get((metric, filter)))]
        ends = None
        if all(isinstance(each, int | float) for part in parts for each in part):
            mean_of = figure if weighs[metric] else macro
            ends = mean_of(parts, scale=scale_of(metric)).ci95
        yield (
            f"{group.name}: {shown(metric, filter)}",
            Figure(
                value=float(value),
                ci95=ends,
                samples=sum(map(len, parts)),
                scale=scale_of(metric),
            ),
        )
