"""The Hugging Face hub and ModelScope as sources, guided by the table of data sets."""

from collections.abc import Iterable
from functools import partial

from evaluator.data.fetch_progress import FetchListener
from evaluator.data.files import PlacedRow
from evaluator.data.github import GitHubRepository
from evaluator.data.huggingface import ALTERNATIVES, HuggingFaceRepository, offline
from evaluator.data.huggingface import SOURCE as HUB
from evaluator.data.modelscope import SOURCE as MODELSCOPE
from evaluator.data.modelscope import ModelScopeRepository
from evaluator.data.remote import HubSource, LocatedDataSet, locate
from evaluator.data.table import DataSet, HubEntry, table
from evaluator.errors import MissingData
from evaluator.locale import N_


def hugging_face(listener: FetchListener | None = None) -> HubSource:
    """The Hugging Face hub."""
    return HubSource(HUB, partial(find, "hub"), by_datasets, listener)


def modelscope(listener: FetchListener | None = None) -> HubSource:
    """ModelScope."""
    return HubSource(MODELSCOPE, partial(find, "modelscope"), not_readable, listener)


def find(where: str, id: str) -> LocatedDataSet | None:
    """Where a hub keeps the data set.  None: the table of data sets does not list it."""
    if (dataset := table().get(id)) is None:
        return None
    if entry := entry_in(where, dataset):
        repository = HuggingFaceRepository if where == "hub" else ModelScopeRepository
        return locate(repository(entry.id), entry.layouts, dataset)
    if own := dataset.own:  # on no hub
        authors = GitHubRepository(own)
        if listing := authors.listing(""):
            return LocatedDataSet(authors, listing, dataset.wanted, own.parts)
    raise MissingData(
        N_(
            "data set {id!r} is not on {modelscope}; take --data hub or --data-dir DIR",
            id=id,
            modelscope=MODELSCOPE,
        )
    )


def entry_in(where: str, dataset: DataSet) -> HubEntry | None:
    """The data set's entry for this hub."""
    return dataset.hub if where == "hub" else dataset.modelscope


def by_datasets(id: str, config: str, split: str) -> Iterable[PlacedRow]:
    """Rows of a data set that the table does not list, through the `datasets` library."""
    if not offline():
        HuggingFaceRepository(id).listing("")  # fails early, with a clear message
    from datasets import load_dataset

    known = table().get(id)
    name = known.hub.id if known and known.hub else id
    try:
        rows = load_dataset(name, config, split=split)
    except Exception as error:  # datasets raises a dozen unrelated kinds
        raise MissingData(
            N_(
                "data set {id!r} ({config}, {split}) did not load from the {hub}: {name}: "
                "{error}; {alternatives}",
                id=id,
                config=config,
                split=split,
                hub=HUB,
                name=type(error).__name__,
                error=str(error)[:200],
                alternatives=ALTERNATIVES,
            )
        ) from error
    return (("", row) for row in rows)


def not_readable(id: str, config: str, split: str) -> Iterable[PlacedRow]:
    """Raises MissingData: ModelScope has no reader for data sets that the table does not list."""
    raise MissingData(
        N_(
            "data set {id!r} ({config}, {split}): no known layout on {modelscope}; take --data "
            "hub, or download it and give its folder to --data-dir",
            id=id,
            config=config,
            split=split,
            modelscope=MODELSCOPE,
        )
    )
