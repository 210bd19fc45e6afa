"""The stub's numbers in vLLM's names (Prometheus text), and its pretended prefix cache."""

from collections.abc import Mapping

_KINDS = {
    "vllm:num_requests_running": "gauge",
    "vllm:num_requests_waiting": "gauge",
    "vllm:kv_cache_usage_perc": "gauge",
    "vllm:prefix_cache_queries_total": "counter",
    "vllm:prefix_cache_hits_total": "counter",
    "vllm:num_preemptions_total": "counter",
    "vllm:prompt_tokens_total": "counter",
    "vllm:generation_tokens_total": "counter",
}


def exposition(values: Mapping[str, float], model: str) -> bytes:
    """The text of /metrics; a name without a value is left out."""
    lines = []
    for name, kind in _KINDS.items():
        if name in values:
            family = name.removesuffix("_total") if kind == "counter" else name
            lines.append(f"# HELP {family} As the stub counts it.")
            lines.append(f"# TYPE {family} {kind}")
            lines.append(f'{name}{{engine="0",model_name="{model}"}} {float(values[name])}')
    return ("\n".join(lines) + "\n").encode()


class PrefixCache:
    """Remembers every block of 16 words together with all before it, and forgets nothing."""

    BLOCK = 16

    def __init__(self) -> None:
        self.queries = 0
        self.hits = 0
        self._blocks: set[int] = set()

    def look_up(self, prompt: str) -> None:
        words = prompt.split()
        self.queries += len(words)
        chain, hit = 0, True
        for start in range(0, len(words) - self.BLOCK + 1, self.BLOCK):
            chain = hash((chain, *words[start : start + self.BLOCK]))
            hit = hit and chain in self._blocks
            self.hits += self.BLOCK * hit
            self._blocks.add(chain)
