"""AlignBench's verdicts as lines of its own code's format: written by a run, and read back."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean
from typing import Any

from evaluator.benchmarks.alignbench.protocol import OWN
from evaluator.benchmarks.alignbench.totals import group
from evaluator.errors import DataError, Unjudged
from evaluator.extract import in_chinese, rating, strip_thinking
from evaluator.extract.ratings import OVERALL
from evaluator.judging.exchanges import by_judge, hearings, quotable, said_in
from evaluator.types import Exchange, Sample, Score, Verdicts

EMPTY = Score(1.0, None, "an empty answer: nobody was asked to judge it")


def record(
    sample: Sample, exchanges: Sequence[Exchange], score: Score | None, model: str
) -> Iterator[dict[str, Any]]:
    """The line of a question; its rating is empty and its score null where nothing was readable.

    Of several judges `judgment` is the first one's, and `judgments` holds all, by role.
    """
    fields, names = sample.fields, [*sample.fields["dimensions"], OVERALL]
    answer = exchanges[0].response
    heard = hearings(exchanges)
    said = by_judge(heard)
    rated = {} if score is None else {**score.dimensions, OVERALL: score.value}
    line = {
        "question_id": int(sample.id) if sample.id.isdigit() else sample.id,
        "category": fields["category"],
        "subcategory": fields["subcategory"],
        "question": fields["question"],
        "reference": fields["reference"],
        "model_id": model,
        "answer_id": answer.key,
        "answer": strip_thinking(answer.text).strip(),
        "dimensions": names[:-1],
        "judge_prompt": heard[0].prompt if heard else None,
        "judgment": heard[0].said if heard else None,
        "rating": {name: rated[name] for name in names if name in rated},
        "score": None if score is None else score.value,
    }
    yield line | ({"judgments": said} if len(said) > 1 else {})


def recorded(name: str, lines: Sequence[Mapping[str, Any]], known: Sample | None) -> Sample:
    """The sample of a recorded line, which says itself what it is, or else the data set does."""
    (line,) = lines
    place = dict[str, str]()
    for key in ("category", "subcategory"):
        theirs = known.fields[key] if known else ""
        place[key] = line.get(key) or theirs
        if not place[key]:
            raise DataError(f"{line['place']}: no {key}; give it, or --data-dir DIR")
        if theirs and place[key] != theirs:
            raise DataError(
                f"{line['place']}: question {name} has the {key} {place[key]!r}, but {theirs!r} "
                "in the data set: is that another version of it?"
            )
    given = line.get("dimensions")
    names = given if isinstance(given, list | dict) else ()  # other code writes them as it likes
    names = names or (known.fields["dimensions"] if known else OWN.defined(place["subcategory"]))
    fields = {"line": line, "names": [*dict.fromkeys([*names, OVERALL])]}
    return Sample(name, fields, "", group(place["category"], place["subcategory"]))


def read(sample: Sample) -> Score:
    """The score of a recorded line, of several judges the mean.  Raises Unjudged."""
    line, names = sample.fields["line"], sample.fields["names"]
    answer, said = line.get("answer"), said_in(line)
    if answer is not None and not answer.strip() and not said:
        return EMPTY
    planted = quotable(line, "judge_prompt", names)
    ratings = [rating(text, names, planted) for text in said]
    readable = [each for each in ratings if each]
    if not readable or len(readable) < len(ratings):
        raise Unjudged(f"the verdict cannot be read: {''.join(said[-1:])[-200:]!r}")
    means = {name: mean(each[name] for each in readable) for name in names}
    overall = means.pop(OVERALL)
    return Score(overall, f"{overall:g}", dimensions={**means, **in_chinese(answer or "")})


VERDICTS = Verdicts(record, recorded, read)
