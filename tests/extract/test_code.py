"""Code in replies: whole functions, fences, bodies."""

import pytest

from evaluator.extract.code import bodies, functions

DEF = "def f(x):\n    return x"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (f"```python\n{DEF}\n```", f"{DEF}\n"),
        (f"Here it is:\n\n```\n{DEF}\n```\nIt returns x.", f"{DEF}\n"),
        (f"```python\n{DEF}", DEF),
        (f"<think>```python\nno\n```</think>```py\n{DEF}\n```", f"{DEF}\n"),
        (f"```python\ndef f(x): pass\n```\nBetter:\n```python\n{DEF}\n```", f"{DEF}\n"),
        (f"```python\n{DEF}\n```\nUse:\n```python\nprint(f(1))\n```", f"{DEF}\n"),
        ("1. Code:\n   ```python\n   def f(x):\n       return x\n   ```", f"{DEF}\n"),
        (f"```python\r\n{DEF}\r\n```", f"{DEF}\n"),
        (DEF, DEF),
        (f"N = 3\n{DEF}", f"N = 3\n{DEF}"),
    ],
)
def test_a_whole_function_is_read(text: str, first: str) -> None:
    assert functions(text, "f")[0] == first


def test_bare_code_among_words_is_read_without_them() -> None:
    text = f"Sure, here you go.\n\nimport math\n\n{DEF}\n\nThis gives x back."

    assert functions(text, "f")[-1] == f"import math\n\n{DEF}"


@pytest.mark.parametrize("text", ["", "I cannot do that.", "<think>def f(x): pass</think>"])
def test_words_hold_no_function(text: str) -> None:
    assert functions(text) == []
    assert bodies(text) == []


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("    y = x\n    return y", "    y = x\n    return y"),
        ("y = x\n    return y", "    y = x\n    return y"),
        ("y = x\nreturn y", "    y = x\n    return y"),
        ("    return x\n\n\ndef g():\n    pass", "    return x\n\n"),
        ("```python\n    return x\n```", "    return x"),
    ],
)
def test_a_body_is_read_whose_indentation_may_be_lost(text: str, reading: str) -> None:
    assert reading in bodies(text)
