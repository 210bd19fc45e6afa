"""Which language a reply is in, as a reader of Chinese would say."""

from time import process_time

import pytest

from evaluator.extract.language import answered_in_chinese, in_chinese


@pytest.mark.parametrize(
    ("reply", "chinese"),
    [
        ("北京是中国的首都。", True),
        ("北京是中國的首都，位於華北平原。", True),
        ("是", True),
        ("答案：B", True),
        ("用 PyTorch 的 DataLoader 读取 ImageNet，再用 SGD 训练 ResNet 模型。", True),
        ("HTTP（超文本传输协议）与 HTTPS 的区别在于后者经过 TLS 加密。", True),
        ("《となりのトトロ》是宫崎骏执导的动画电影，一九八八年上映，中文译名为《龙猫》。", True),
        ("他说“Never mind”，然后走了。", True),
        ("如下：\n```python\ndef area(width, height):\n    return width * height\n```", True),
        ("先定义函数\n```python\nwhile True:\n    print('no closing fence here')", True),
        ("由题意得 $\\text{speed} = \\frac{distance}{time}$，所以答案是 3。", True),
        ("设 $$f(x) = \\sin x + \\cos x$$ 则最大值为 \\(\\sqrt{2}\\)", True),
        ("见 https://example.com/some/long/path/about/nothing?key=value 的说明", True),
        ("<think>The user asks about Beijing, so I should answer briefly.</think>北京。", True),
        (
            "译文：He stops what he is doing and glances toward the station every single time.",
            False,
        ),
        ("The capital of China is Beijing.", False),
        ("The capital of China is Beijing (北京).", False),
        ("Yes", False),
        ("Sure! Here is the translation you asked for: 你好", False),
        ("<think>用户在问首都。</think>Beijing is the capital.", False),
        ("東京は日本の首都であり、人口は約千四百万人です。", False),
        ("これはペンです。", False),
        ("ありがとう", False),
        ("서울은 대한민국의 수도입니다.", False),
        ("Столица Китая — Пекин.", False),
        ("Pékin est la capitale de la Chine.", False),
        ("42", None),
        ("3.14 + 2 = 5.14", None),
        ("", None),
        ("  \n……！？", None),
        ("B", None),
        ("$x^2 + y^2 = z^2$", None),
        ("```\nprint(1)\n```", None),
        ("https://example.com", None),
        ("😀👍", None),
        ("<think>北京", None),
    ],
)
def test_language_of_a_reply(reply: str, chinese: bool | None) -> None:
    assert answered_in_chinese(reply) is chinese


def test_the_dimension_is_absent_where_there_is_no_telling() -> None:
    assert in_chinese("好的。") == {"in_chinese": 1.0}
    assert in_chinese("Fine.") == {"in_chinese": 0.0}
    assert in_chinese("42") == {}


@pytest.mark.parametrize(
    "piece", ["```", "`a", "$x ", "$$x", "\\a", "https://a", "\\(", "好", "no "]
)
def test_a_hostile_megabyte(piece: str) -> None:
    started = process_time()
    answered_in_chinese(piece * (1_000_000 // len(piece)))

    assert process_time() - started < 5
