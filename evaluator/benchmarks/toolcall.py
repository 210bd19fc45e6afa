"""Tool calls in Chinese and English: 60 scenarios, each in both languages, over simulated tools.

Our own. The scenarios and the tools are rows of the package, so that it runs without any data.
"""

from collections.abc import Iterator

from evaluator.agents.protocols.protocol import ToolProtocol
from evaluator.agents.simulation.dialogue import BUDGET, held
from evaluator.agents.simulation.scenario import described, scenario
from evaluator.agents.simulation.score import score
from evaluator.agents.tool_solve import ToolSolve
from evaluator.data import Builtin
from evaluator.types import Ask, Benchmark, Rows, Sample, Score

DATASET = "evaluator/toolcall"
CATEGORIES = (
    *("single", "parallel", "sequence", "missing", "failure", "no_tool", "context", "image"),
)
LANGUAGES = {"zh": "Chinese", "en": "English"}
TODAY = {
    "zh": "今天是2026年3月4日，星期三。你是用户的助手，需要时使用工具。",
    "en": "Today is Wednesday, 4 March 2026. You assist the user, with tools where they help.",
}


def load(rows: Rows, shots: int) -> Iterator[Sample]:
    """Each scenario in Chinese and in English; `rows` is not asked, as the package has them."""
    own = Builtin().rows
    described_tools = list(own(DATASET, "tools", "test"))
    tools = {
        language: {row["name"]: described(row, language) for row in described_tools}
        for language in LANGUAGES
    }
    for row in own(DATASET, "scenarios", "test"):
        for language in LANGUAGES:
            played = scenario(row, language, tools[language], TODAY[language])
            group = f"{row['category']} {language}"
            yield Sample(f"{language}/{row['id']}", {"scenario": played}, played.target(), group)


async def solve(sample: Sample, ask: Ask, protocol: ToolProtocol) -> Score:
    """Plays the scenario with the model, and checks what came of it."""
    played = sample.fields["scenario"]
    return score(played, await held(played, ask, protocol))


TOOLCALL = Benchmark(
    name="toolcall",
    title="Tool calls",
    kind="agent",
    topics=("tools", "dialogue"),
    about="written for this project, in Chinese and English",
    languages=("zh", "en"),
    dataset=f"{DATASET} scenarios test",
    load=load,
    size=120,
    solve=ToolSolve(solve, replies=lambda group: BUDGET.replies),
    params={"temperature": 0.0, "max_tokens": 1024},
    metric="success",
    categories={f"{c} {short}": name for c in CATEGORIES for short, name in LANGUAGES.items()},
    licence="Apache-2.0",
)
