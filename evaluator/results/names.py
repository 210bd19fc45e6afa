"""Names that several rooms share: statuses, modes, kinds, topics, scales, dimensions."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from evaluator.locale import N_, labels

Status = Literal["scored", "unparsed", "truncated", "judge_unparsed", "error"]
STATUSES: tuple[Status, ...] = ("scored", "unparsed", "truncated", "judge_unparsed", "error")
MEASURED: frozenset[str] = frozenset({"scored", "unparsed", "truncated"})  # these count in a mean
# What became of a sample: its status, with `scored` told apart.
Scored = Literal["right", "rated", "partly right", "wrong", "refused"]
NotScored = Literal["unparsed", "truncated", "judge_unparsed", "error"]
End = Scored | NotScored
ENDS: tuple[End, ...] = (*get_args(Scored), *get_args(NotScored))
# A choice, another text, code that is run, replies for a judge, calls of tools.
Kind = Literal["choice", "text", "code", "judge", "agent"]
Topic = Literal[  # what a benchmark is about
    "code",
    "dialogue",
    "exam",
    "instructions",
    "knowledge",
    "law",
    "logic",
    "maths",
    "reading",
    "science",
    "tools",
]
ModeName = Literal["generate", "logprobs", "likelihood"]
ApiName = Literal["chat", "completions"]
ProtocolName = Literal["tools", "react", "json", "text"]  # how a model calls tools
Scale = tuple[float, float]  # the least and the most that a value can be
SHARE: Scale = (0.0, 1.0)  # shown in per cent
Params = Mapping[str, Any]  # sampling fields of a request, by their name in its body

# Dimensions: further figures of a sample, each a share from 0 to 1 unless it says otherwise.
STRICT = "strict"  # right, in the form that was asked for
IN_FORMAT = "in_format"  # kept to the form that was asked for, right or wrong
CONTENT = "content"  # the right calls or words, in whatever form they were written
REFUSED = "refused"  # the model declined to answer
UNREAD = "unread"  # of the repeats of a sample: those without a readable answer
CUT_OFF = "cut_off"  # ended by the token limit
REPAIRED = "repaired"  # the verdict was readable only when the judge was asked again
IN_CHINESE = "in_chinese"  # answered in Chinese
IN_ENGLISH = "in_english"  # answered in English
TOOL = "tool"  # of the calls expected: those whose tool was called
ARGUMENTS = "arguments"  # of these calls' arguments: those that are right
NEEDLESS_CALLS = "needless_calls"  # of the calls made: those that nothing asked for
UNKNOWN_TOOLS = "unknown_tools"  # of the calls made: those of tools that there are not
MADE_UP_ARGUMENTS = "made_up_arguments"  # of the arguments given: those that no schema knows
ASKED = "asked"  # asked for what was missing
NO_ANSWER = "no_answer"  # never came to an answer
PROCESS = "process"  # of the milestones of a dialogue: those reached, by the official measure
PROCESS_CONTENT = "process_content"  # the same, in whatever form the calls were written
TURNS = "turns"  # replies until the answer: a number, and no share
TURNS_SCALE: Scale = (0.0, 20.0)  # no dialogue goes on for more replies
JUDGES_AGREE = "judges_agree"  # several judges gave nearly the same rating
JUDGES_APART = "judges_apart"  # points between the lowest and the highest of several judges
PASS_AT = "pass@"  # + k: at least one of k repeats is right (Chen et al. 2021)
MAJORITY_AT = "majority@"  # + k: the answer given most often in k repeats is right

OF_CALLS = (  # what is told of calls of tools beside their value
    *(CONTENT, TOOL, ARGUMENTS, NEEDLESS_CALLS, UNKNOWN_TOOLS, MADE_UP_ARGUMENTS, ASKED),
    *(NO_ANSWER, PROCESS, PROCESS_CONTENT, TURNS, IN_ENGLISH),
)

DIMENSION_WORDS: Mapping[str, str] = {  # what a person reads of those whose names say too little
    STRICT: N_("right, in the form asked for"),
    IN_FORMAT: N_("in the form asked for, right or wrong"),
    CONTENT: N_("right, in whatever form"),
    REFUSED: N_("refused to answer"),
    UNREAD: N_("repeats without an answer"),
    CUT_OFF: N_("cut off by the token limit"),
    REPAIRED: N_("verdicts asked for again"),
    IN_CHINESE: N_("answered in Chinese"),
    IN_ENGLISH: N_("answered in English"),
    TOOL: N_("right tool"),
    ARGUMENTS: N_("right arguments"),
    NEEDLESS_CALLS: N_("needless calls"),
    UNKNOWN_TOOLS: N_("calls of unknown tools"),
    MADE_UP_ARGUMENTS: N_("made-up arguments"),
    ASKED: N_("asked for what is missing"),
    NO_ANSWER: N_("no answer"),
    PROCESS: N_("milestones reached"),
    PROCESS_CONTENT: N_("milestones reached, in whatever form"),
    TURNS: N_("turns"),
    JUDGES_AGREE: N_("judges agree"),
    JUDGES_APART: N_("points between judges"),
    "all_steps": N_("right in every step"),
    "steps": N_("steps to be scored"),
    "target_probability": N_("probability of the right answer"),
}

# The names by which tables for people call figures, which English readers see as they are.
FIGURE_NAMES: Mapping[str, str] = {
    str(each): each
    for each in (
        *labels("macro", "strict", "in_format", "content", "refused", "unread", "cut_off"),
        *labels("repaired", "in_chinese", "in_english", "tool", "arguments", "needless_calls"),
        *labels("unknown_tools", "made_up_arguments", "no_answer", "process"),
        *labels("process_content", "turns", "judges_agree", "judges_apart", "all_steps"),
        *labels("steps", "target_probability"),
    )
}
ROLES = labels("model", "judge", "user")  # whoever gave replies, as a reader has them


def end_of(status: Status, value: float | None, scale: Scale, refused: bool = False) -> End:
    """What became of a sample. A rating is neither right nor wrong."""
    if status != "scored":
        return status
    if scale != SHARE:
        return "rated"
    if value == scale[1]:
        return "right"
    if refused:
        return "refused"
    return "wrong" if value == scale[0] else "partly right"
