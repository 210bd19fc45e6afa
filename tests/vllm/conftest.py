"""Settings that let two tests run at once on two cores, and which tests run after one another."""

from collections.abc import Iterator

import pytest
from xdist.scheduler import LoadScopeScheduling

# To start, a server imports vLLM in three processes, one after the other: half a minute on one
# core. So servers of two tests start beside each other, and no thread is bound to a core, or else
# all of them would be to the same one. Their caches are filled with zeros: small ones are sooner.
SETTINGS = {
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "OMP_NUM_THREADS": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "HF_ENDPOINT": "http://127.0.0.1:9",  # nobody: no hub is asked for a model in a folder
}


class ByServer(LoadScopeScheduling):
    """Tests of `shared` follow one another, as they ask one server; others are dealt by files."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "shared" if "/shared/" in file else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByServer:
    return ByServer(config, log)


@pytest.fixture(scope="session", autouse=True)
def settings() -> Iterator[None]:
    """The settings of every server that a test starts."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SETTINGS.items():
            patch.setenv(name, value)
        yield
