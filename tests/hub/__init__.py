"""A small Hugging Face hub and a small ModelScope over real HTTP, for the real clients."""

from tests.hub.server import Hub, Repository, commit_of

__all__ = ["Hub", "Repository", "commit_of"]
