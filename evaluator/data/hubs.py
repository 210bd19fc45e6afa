"""The two hubs as sources: what the table says of a data set, and where that is looked for."""

from collections.abc import Iterable
from functools import partial

from evaluator.data.files import PlacedRow
from evaluator.data.hub import SOURCE as HUB
from evaluator.data.hub import WAYS_ON, HubRepository, offline
from evaluator.data.modelscope import SOURCE as MODELSCOPE
from evaluator.data.modelscope import ModelScopeRepository
from evaluator.data.own_repository import OwnRepository
from evaluator.data.remote import Located, Remote, locate
from evaluator.data.table import DataSet, Place, table
from evaluator.data.watch import Watch
from evaluator.errors import MissingData


def hub(watch: Watch | None = None) -> Remote:
    """The Hugging Face hub."""
    return Remote(HUB, partial(find, "hub"), by_datasets, watch)


def modelscope(watch: Watch | None = None) -> Remote:
    """ModelScope."""
    return Remote(MODELSCOPE, partial(find, "modelscope"), unknown_there, watch)


def find(where: str, id: str) -> Located | None:
    """Where a source keeps the data set.  None: the table does not know, or no longer knows."""
    if (dataset := table().get(id)) is None:
        return None
    if place := place_in(where, dataset):
        repository = HubRepository if where == "hub" else ModelScopeRepository
        return locate(repository(place.id), place.ways, dataset)
    if own := dataset.own:  # on no hub
        authors = OwnRepository(own)
        if listing := authors.listing(""):
            return Located(authors, listing, dataset.wanted, own.parts)
    raise MissingData(f"data set {id!r} is not on {MODELSCOPE}; take --data hub or --data-dir DIR")


def place_in(where: str, dataset: DataSet) -> Place | None:
    """What the table says of the data set there."""
    return dataset.hub if where == "hub" else dataset.modelscope


def by_datasets(id: str, config: str, split: str) -> Iterable[PlacedRow]:
    """Rows of a data set that the table does not know, through the `datasets` library."""
    if not offline():
        HubRepository(id).listing("")  # says at once what is wrong with the hub or the repository
    from datasets import load_dataset

    known = table().get(id)
    name = known.hub.id if known and known.hub else id
    try:
        rows = load_dataset(name, config, split=split)
    except Exception as error:  # datasets raises a dozen unrelated kinds
        raise MissingData(
            f"data set {id!r} ({config}, {split}) did not load from the {HUB}: "
            f"{type(error).__name__}: {str(error)[:200]}; {WAYS_ON}"
        ) from error
    return (("", row) for row in rows)


def unknown_there(id: str, config: str, split: str) -> Iterable[PlacedRow]:
    """ModelScope has no reader of data sets that are not in the table."""
    raise MissingData(
        f"data set {id!r} ({config}, {split}): no known layout on {MODELSCOPE}; take --data hub, "
        "or download it and give its folder to --data-dir"
    )
