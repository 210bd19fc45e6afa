"""How GPUs are used: how many each model gets, and replicas or tensor parallelism on them."""

import socket
from pathlib import Path

import pytest

from launch.errors import UsageError
from launch.gpus import Gpu, least_memory, read_listing
from launch.server.command_line import Plan, command_line, flag_value
from launch.server.layout import GpuLayout, Size, Wish, lay_out, smallest_fit
from launch.server.machine import free_ports
from launch.server.placement import FreeGpus, Placement, Want, parse_gpus, shares, side_by_side
from launch.server.presets import ModelSource
from launch.server.weights import weight_bytes

GB, GIB = 10**9, 2**30
ON_80 = 80 * GIB


def want(gpus: int | None = None, least: int = 1) -> Want:
    return Want("m", gpus, least)


@pytest.mark.parametrize(
    ("gpus", "wants", "sizes"),
    [
        (2, [want()], [2]),
        (3, [want()], [3]),
        (2, [want()] * 2, [1, 1]),
        (4, [want()] * 2, [2, 2]),
        (3, [want()] * 2, [1, 1]),
        (7, [want()] * 2, [2, 2]),  # a power of two each
        (2, [want()] * 4, [1] * 4),  # two at a time
        (4, [want(2)] * 4, [2] * 4),
        (8, [want(4), want(), want()], [4, 2, 2]),  # a large model, and what it leaves
        (4, [want(4), want()], [4, 4]),  # it leaves nothing: one after another
        (4, [want(3), want(), want()], [3, 2, 2]),
        (8, [want(least=4)] * 4, [4] * 4),
    ],
)
def test_gpus_are_shared_out_among_models(gpus: int, wants: list[Want], sizes: list[int]) -> None:
    assert shares(gpus, wants) == sizes


@pytest.mark.parametrize("wanted", [want(4), want(least=4)])
def test_a_model_that_wants_more_gpus_than_there_are_is_named(wanted: Want) -> None:
    with pytest.raises(UsageError, match="'m' is to have 4 GPUs, and 2 are named"):
        shares(2, [want(), wanted])


@pytest.mark.parametrize(
    ("gpus", "sizes", "together"),
    [(4, [4, 2, 2], True), (4, [4, 4], False), (1, [1, 1], False), (4, [1], False)],
)
def test_models_run_side_by_side_where_two_have_room(
    gpus: int, sizes: list[int], together: bool
) -> None:
    assert side_by_side(gpus, sizes) == together


def test_neighbours_are_taken_first_and_no_gpu_twice() -> None:
    free = FreeGpus(parse_gpus("0,1,2,3"))

    one, two = free.take(1), free.take(2)
    assert (one, two) == (Placement(("0",)), Placement(("2", "3")))  # not 1 and 2
    assert free.take(2) is None
    assert free.take(1) == Placement(("1",))
    assert two
    free.give_back(two)
    assert free.take(2) == two


def test_scattered_gpus_are_used_too() -> None:
    free = FreeGpus(parse_gpus("0,1,2"))
    free.take(1)

    assert free.take(2) == Placement(("1", "2"))


def test_the_cpu_is_one_place() -> None:
    free = FreeGpus(Placement())

    assert free.take(1) == Placement()
    assert free.take(1) is None
    free.give_back(Placement())
    assert free.take(1) == Placement()


@pytest.mark.parametrize(
    ("weights", "card", "most", "tp"),
    [
        (16.1, 80, 8, 1),  # 8B in bf16
        (16.1, 24, 8, 1),
        (16.1, 16, 8, 2),
        (65.5, 80, 8, 2),  # 32B: on one card nothing is left for the KV cache
        (141.1, 80, 8, 4),  # 70B
        (141.1, 141, 8, 2),
        (141.1, 80, 2, None),
        (141.1, 80, 6, 4),
        (0.3, 8, 1, 1),
    ],
)
def test_the_fewest_cards_that_leave_room_for_the_kv_cache(
    weights: float, card: int, most: int, tp: int | None
) -> None:
    assert smallest_fit(Size(int(weights * GB), card * GIB), most) == tp


EIGHT_B, SEVENTY_B = Size(int(16.1 * GB), ON_80), Size(int(141.1 * GB), ON_80)


@pytest.mark.parametrize(
    ("gpus", "wish", "size", "expected"),
    [
        (4, Wish(), EIGHT_B, (4, 1, 1)),
        (3, Wish(), EIGHT_B, (3, 1, 1)),
        (8, Wish(), SEVENTY_B, (2, 4, 4)),
        (6, Wish(), SEVENTY_B, (1, 4, 4)),
        (2, Wish(), SEVENTY_B, (1, 2, 2)),  # too little, but all there is
        (4, Wish(), Size(None, ON_80), (1, 4, 4)),  # unknown: all GPUs
        (4, Wish(), Size(16 * GB, None), (1, 4, 4)),
        (4, Wish(tp=2), EIGHT_B, (2, 2, 2)),
        (4, Wish(replicas=2), EIGHT_B, (2, 2, 2)),
        (4, Wish(replicas=1), EIGHT_B, (1, 4, 4)),
        (4, Wish(tp=1, replicas=2), EIGHT_B, (2, 1, 1)),
        (4, Wish(flags=("-tp", "4")), EIGHT_B, (1, 4, 4)),
        (4, Wish(flags=("--tensor_parallel_size=2",)), EIGHT_B, (2, 2, 2)),
        (4, Wish(flags=("-dp", "4")), EIGHT_B, (1, 1, 4)),
        (4, Wish(flags=("-dp=2",)), EIGHT_B, (2, 1, 2)),
        (4, Wish(flags=("--data-parallel-size", "4")), Size(), (1, 1, 4)),
        (8, Wish(flags=("-dp", "2")), SEVENTY_B, (1, 4, 8)),
        (4, Wish(flags=("-pp", "2")), SEVENTY_B, (1, 2, 4)),
        (4, Wish(flags=("-pp", "2", "-tp", "2")), EIGHT_B, (1, 2, 4)),
        (4, Wish(flags=("-tp", "8", "--nnodes", "2")), SEVENTY_B, (1, 8, 4)),
    ],
)
def test_replicas_and_tensor_parallelism(
    gpus: int, wish: Wish, size: Size, expected: tuple[int, int, int]
) -> None:
    layout = lay_out(gpus, wish, size)

    assert (layout.replicas, layout.tensor_parallel, layout.gpus) == expected


@pytest.mark.parametrize(
    ("gpus", "wish", "message"),
    [
        (2, Wish(tp=4), "1 x 4 GPUs are needed, and 2 can be had"),
        (4, Wish(tp=2, replicas=4), "4 x 2 GPUs"),
        (2, Wish(replicas=4), "4 x 1 GPUs"),
        (2, Wish(flags=("-dp", "4")), "1 x 4 GPUs"),
        (4, Wish(tp=2, flags=("-tp", "4")), "give one of them"),
        (4, Wish(flags=("-tp", "many")), "'many' among the vLLM flags is no number"),
    ],
)
def test_too_few_gpus_are_told(gpus: int, wish: Wish, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        lay_out(gpus, wish, EIGHT_B)


@pytest.mark.parametrize(
    ("gpus", "wish", "size", "said"),
    [
        (
            4,
            Wish(),
            EIGHT_B,
            "4 replicas of tensor parallel 1: 16.1 GB of weights on cards of 80 GB",
        ),
        (3, Wish(tp=2), EIGHT_B, "1 replica of tensor parallel 2: as asked; 1 of the 3 GPUs"),
        (2, Wish(), Size(), "1 replica of tensor parallel 2: the size of its weights is not known"),
        (2, Wish(), SEVENTY_B, "little room for the KV cache"),
        (4, Wish(flags=("-dp", "4")), EIGHT_B, "1 replica of tensor parallel 1 on 4 GPUs each"),
    ],
)
def test_the_choice_is_said(gpus: int, wish: Wish, size: Size, said: str) -> None:
    assert said in str(lay_out(gpus, wish, size))


@pytest.mark.parametrize(
    ("flags", "tp"),
    [((), "4"), (("-dp", "4"), "1"), (("-dp", "2"), "2"), (("-pp=2",), "2"), (("-tp", "2"), None)],
)
def test_the_command_line_keeps_to_the_users_parallelism(
    flags: tuple[str, ...], tp: str | None
) -> None:
    plan = Plan(Path("py"), ModelSource("m"), "m", 1, parse_gpus("0,1,2,3"), extra=flags)

    words = command_line(plan)
    assert flag_value(words[: len(words) - len(flags)], "--tensor-parallel-size") == tp


def test_each_replica_has_a_port_of_its_own() -> None:
    ports = free_ports(None, 20)
    first = ports[-1]

    assert len(set(ports)) == 20
    assert free_ports(first, 1) == [first]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="cannot be had"):
            free_ports(taken.getsockname()[1] - 1, 2)


CARDS = "0, NVIDIA H100, 580.65.06, 9.0, 81559\n1, NVIDIA A10, 580.65.06, 8.6, 23028\n"


def test_the_memory_of_the_cards_is_read() -> None:
    assert read_listing(CARDS)[0] == Gpu("0", "NVIDIA H100", "580.65.06", "9.0", 81559 * 2**20)
    assert read_listing("0, NVIDIA GB10, 580.65.06, 12.1, [N/A]\n")[0].memory is None


@pytest.mark.parametrize(
    ("devices", "mebibytes"),
    [
        (("0",), 81559),
        (("0", "1"), 23028),
        (("GPU-a",), 23028),  # which of the two is not known
        (("7",), None),
        (("MIG-a",), None),
    ],
)
def test_the_smallest_card_counts(devices: tuple[str, ...], mebibytes: int | None) -> None:
    expected = mebibytes and mebibytes * 2**20

    assert least_memory(devices, read_listing(CARDS)) == expected
    assert least_memory(devices, None) is None


@pytest.mark.parametrize(
    ("files", "size"),
    [
        ({"a.safetensors": 5, "b.safetensors": 6, "consolidated.safetensors": 11, "x.bin": 9}, 11),
        ({"pytorch_model.bin": 9, "config.json": 2}, 9),
        ({"config.json": 2}, None),
    ],
)
def test_one_format_of_the_weights_is_counted(
    tmp_path: Path, files: dict[str, int], size: int | None
) -> None:
    for name, count in files.items():
        (tmp_path / name).write_bytes(b"x" * count)

    assert weight_bytes(tmp_path) == size
    assert weight_bytes(tmp_path / "missing") is None


def test_a_whole_model_in_one_file_is_its_weights(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(b"x" * 7)

    assert weight_bytes(tmp_path / "m.gguf") == 7


def test_a_layout_on_one_gpu_is_one_server() -> None:
    assert lay_out(1, Wish(), EIGHT_B) == GpuLayout(1, 1, 1, str(EIGHT_B))
