"""What tests/vllm/test_lm_eval.py does with a real server, as a COMMAND beside it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from lm_eval.models.openai_completions import LocalCompletionsAPI

from tests.lm_eval_tasks import harness
from tests.lm_eval_tasks.mirror import write_mirror, write_tasks

LIMIT = 3
SCORED = ("arc_easy", "lambada_openai", "wikitext")
GENERATED = ("gsm8k", "tiny_translate")
PREFIX = "<|im_start|>"  # the demo model's BOS, which lm-eval puts before a text
(ENDPOINT,) = json.loads(Path(os.environ["EVALUATOR_ENDPOINTS"]).read_bytes())["endpoints"]


def main(folder: Path) -> None:
    url, name = ENDPOINT["base_url"], ENDPOINT["model"]
    mirror, own = write_mirror(folder / "mirror"), write_tasks(folder / "tasks")
    words = [sys.executable, "-m", "evaluator", "run", "--progress", "none", "--data-dir", mirror]
    words += ["--limit", str(LIMIT), "--concurrency", "1", "--include-path", own]
    words += ["--prefix-token", PREFIX, "--out", folder / "run"]
    tasks = [f"lm-eval:{each}" for each in (*SCORED, *GENERATED)]
    subprocess.run([*map(str, words), *tasks], check=True, stdout=subprocess.DEVNULL)
    completions = LocalCompletionsAPI(
        base_url=f"{url}/completions", model=name, tokenizer_backend="remote"
    )
    expected = harness.results(completions, mirror, *SCORED, limit=LIMIT)
    chat = harness.chat(url, name, at_once=1)
    expected |= harness.results(chat, mirror, *GENERATED, include=own, limit=LIMIT)
    found = {task: harness.theirs(expected[task]) for task in (*SCORED, *GENERATED)}
    (folder / "expected.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
