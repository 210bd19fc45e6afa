"""AlignBench's verdicts as lines of its own code's format: written by a run, and read back."""

from collections.abc import Iterator, Sequence
from statistics import mean

from evaluator.benchmarks.alignbench.protocol import OWN
from evaluator.benchmarks.alignbench.totals import group
from evaluator.errors import DataError, Unjudged
from evaluator.extract.cleaning import strip_thinking
from evaluator.extract.language import in_chinese
from evaluator.judging.dimensions import OVERALL
from evaluator.judging.exchanges import (
    Exchange,
    first_verdicts,
    judge_exchanges,
    quotable_answer,
    recorded_verdicts,
)
from evaluator.judging.judged import UNASKED
from evaluator.judging.verdict_format import Line
from evaluator.judging.verdict_reader import rating
from evaluator.locale import N_
from evaluator.types import Sample, Score

EMPTY = Score(1.0, None, UNASKED)


class AlignBenchVerdicts:
    """A line for each question."""

    def lines(
        self, sample: Sample, exchanges: Sequence[Exchange], score: Score | None, model: str
    ) -> Iterator[Line]:
        """The line of a question; without a readable verdict it has no rating and a null score.

        Of several judges `judgment` is the first one's, and `judgments` holds all, by role.
        """
        fields, names = sample.fields, [*sample.fields["dimensions"], OVERALL]
        answer = exchanges[0].response
        judged = judge_exchanges(exchanges)
        verdicts = first_verdicts(judged)
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
            "judge_prompt": judged[0].prompt if judged else None,
            "judgment": judged[0].verdict if judged else None,
            "rating": {name: rated[name] for name in names if name in rated},
            "score": None if score is None else score.value,
        }
        yield line | ({"judgments": verdicts} if len(verdicts) > 1 else {})

    def sample(self, name: str, lines: Sequence[Line], known: Sample | None) -> Sample:
        """The sample of a recorded line.  What the line leaves out is taken from the data set."""
        (line,) = lines
        place = dict[str, str]()
        for key in ("category", "subcategory"):
            theirs = known.fields[key] if known else ""
            place[key] = line.get(key) or theirs
            if not place[key]:
                raise DataError(
                    N_(
                        "{place}: no {key}; give it, or --data-dir DIR",
                        place=line["place"],
                        key=key,
                    )
                )
            if theirs and place[key] != theirs:
                raise DataError(
                    N_(
                        "{place}: question {name} has the {key} {ours!r}, but {theirs!r} in the "
                        "data set: is that another version of it?",
                        place=line["place"],
                        name=name,
                        key=key,
                        ours=place[key],
                        theirs=theirs,
                    )
                )
        given = line.get("dimensions")
        names = given if isinstance(given, list | dict) else ()  # other code writes other things
        if not names:
            names = known.fields["dimensions"] if known else OWN.defined(place["subcategory"])
        fields = {"line": line, "names": [*dict.fromkeys([*names, OVERALL])]}
        return Sample(name, fields, "", group(place["category"], place["subcategory"]))

    def score(self, sample: Sample) -> Score:
        """The score of a recorded line, of several judges the mean.  Raises Unjudged."""
        line, names = sample.fields["line"], sample.fields["names"]
        answer, verdicts = line.get("answer"), recorded_verdicts(line)
        if answer is not None and not answer.strip() and not verdicts:
            return EMPTY
        shown = quotable_answer(line, "judge_prompt", names)
        ratings = [rating(text, names, shown) for text in verdicts]
        readable = [each for each in ratings if each]
        if not readable or len(readable) < len(ratings):
            raise Unjudged(f"the verdict cannot be read: {''.join(verdicts[-1:])[-200:]!r}")
        means = {name: mean(each[name] for each in readable) for name in names}
        overall = means.pop(OVERALL)
        return Score(overall, f"{overall:g}", dimensions={**means, **in_chinese(answer or "")})

    def part(self, line: Line) -> str:
        """A question has one line."""
        return ""
