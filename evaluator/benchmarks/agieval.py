"""AGIEval: Chinese college and law exams, and logic in Chinese and English.

W. Zhong, R. Cui, Y. Guo and others.  https://arxiv.org/abs/2304.06364

13 of the paper's 20 tasks: those of Chinese exams, and both of LogiQA. Law and physics have one or
several right options, a cloze none to choose from. One question of the data has no answer, and is
left out.
"""

import re
from collections.abc import Iterator

from evaluator.tasks.grading import graded_choice, graded_choices, graded_expression
from evaluator.tasks.multiple_choice import NEXT, choice_fields
from evaluator.tasks.option_texts import unlettered
from evaluator.tasks.question import Question, worked_examples
from evaluator.types import Ask, Benchmark, DataRow, Rows, Sample, Score

DATASET = "ruixiangcui/AGIEval"
GAOKAO = (
    *("gaokao-chinese", "gaokao-english", "gaokao-geography", "gaokao-history"),
    *("gaokao-biology", "gaokao-chemistry", "gaokao-physics", "gaokao-mathqa"),
    "gaokao-mathcloze",
)
LAW = "jec-qa-kd", "jec-qa-ca"
LOGIC = "logiqa-zh", "logiqa-en"
TASKS = (*GAOKAO, *LAW, *LOGIC)
ENGLISH = "gaokao-english", "logiqa-en"
SEVERAL = *LAW, "gaokao-physics"  # a question does not tell how many of its options are right
GRADED = {"single": graded_choice, "several": graded_choices, "cloze": graded_expression}
_CIRCLED = re.compile(r"\\textcircled\{(\d)\}")


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """5,373 questions, 118 to 1,000 of a task."""
    for task in TASKS:
        for i, row in enumerate(rows(DATASET, task, "test")):
            if row["label"] != []:
                yield _sample(f"{task}/{i}", task, row)


async def solve(sample: Sample, ask: Ask) -> Score:
    """Asks for the letter, for all right letters, or for the missing expression in a box."""
    response = await ask(Question("agieval", sample.fields, stop=NEXT))
    return GRADED[sample.fields["kind"]](sample, response)


def _sample(id: str, task: str, row: DataRow) -> Sample:
    fields = {"question": row["question"].strip(), "passage": (row["passage"] or "").strip()}
    fields |= {"chinese": task not in ENGLISH} | worked_examples("agieval", 0, (), dict)
    if row["options"] is None:
        target = _blanks(row["answer"])
        return Sample(id, fields | {"kind": "cloze", "option_lines": ""}, target, task)
    options = unlettered(row["options"])
    label = "".join(re.findall("[A-Z]", "".join(row["label"])))
    kind = "several" if task in SEVERAL or len(label) > 1 else "single"
    chosen = choice_fields(fields["question"], options, label[0])
    return Sample(id, fields | chosen | {"kind": kind}, label, task)


def _blanks(answer: str) -> str:
    """What fills the blanks: `$5$;$10$` is 5 and 10, a number in a circle is ①."""
    plain = _CIRCLED.sub(lambda found: chr(ord("①") + int(found[1]) - 1), answer)
    return plain.replace("$", "").replace(";", ", ")


AGIEVAL = Benchmark(
    name="agieval",
    title="AGIEval",
    kind="choice",
    topics=("exam", "law", "logic", "maths"),
    about="Chinese exams and logic, 13 tasks",
    languages=("zh", "en"),
    dataset=f"{DATASET} test",
    load=load,
    size=5373,
    solve=solve,
    params={"temperature": 0.0, "max_tokens": 2048},
    categories=dict.fromkeys(GAOKAO, "College entrance")
    | dict.fromkeys(LAW, "Law")
    | dict.fromkeys(LOGIC, "Logic"),
    paper="https://arxiv.org/abs/2304.06364",
    licence="MIT; law: non-commercial",
)
