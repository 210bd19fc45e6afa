"""Providers as their documents and their users' bug reports tell, over real HTTP."""

from tests.providers.imitations import (
    ANTHROPIC,
    AZURE,
    DASHSCOPE,
    DEEPSEEK,
    GLM,
    GPT_4,
    LLAMA_CPP,
    OPENAI,
    Provider,
)
from tests.providers.server import serving

__all__ = [
    "ANTHROPIC",
    "AZURE",
    "DASHSCOPE",
    "DEEPSEEK",
    "GLM",
    "GPT_4",
    "LLAMA_CPP",
    "OPENAI",
    "Provider",
    "serving",
]
