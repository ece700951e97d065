"""The arithmetic of paths, against figures that can be checked by hand or are published."""

import itertools
import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from infra.commands.attribute import load_maths, read_paths, whole
from infra.errors import MistakeError
from tests.command_line import Touchstone, command_line


@pytest.fixture(scope="module")
def maths() -> ModuleType:
    return load_maths()


@pytest.fixture
def touchstone(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Touchstone]:
    """Run the command line."""
    yield from command_line(monkeypatch, capsys)


def conversions(maths: ModuleType, model: str, *paths: tuple) -> dict[str, float]:
    walked = [maths.Path(tuple(steps.split(" > ")), *numbers) for steps, *numbers in paths]
    return {credit.channel: credit.conversions for credit in maths.attribute(model, walked)}


PUBLISHED = (("C1 > C2 > C3", 1, 0, 0), ("C1", 0, 0, 1), ("C2 > C3", 0, 0, 1))


def test_markov_gives_the_published_removal_effects(maths: ModuleType) -> None:
    # The textbook example: removal effects 0.5, 1 and 1, so 0.2, 0.4 and 0.4 of one conversion.
    assert conversions(maths, "markov", *PUBLISHED) == pytest.approx({"C1": 0.2, "C2": 0.4, "C3": 0.4})


def test_markov_does_not_care_for_staying_on_a_channel(maths: ModuleType) -> None:
    stayed = (("C1 > C1 > C2 > C3 > C3", 1, 0, 0), *PUBLISHED[1:])
    assert conversions(maths, "markov", *stayed) == pytest.approx({"C1": 0.2, "C2": 0.4, "C3": 0.4})


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first", {"a": 3, "b": 0, "c": 0}),
        ("last", {"a": 0, "b": 0, "c": 3}),
        ("linear", {"a": 1.5, "b": 0.75, "c": 0.75}),
        ("u_shaped", {"a": 1.5, "b": 0.3, "c": 1.2}),
        ("shapley", {"a": 1, "b": 1, "c": 1}),
    ],
)
def test_rules_on_one_path(maths: ModuleType, model: str, expected: dict[str, float]) -> None:
    assert conversions(maths, model, ("a > b > a > c", 3)) == pytest.approx(expected)


def test_time_decay_halves_every_seven_steps(maths: ModuleType) -> None:
    given = conversions(maths, "time_decay", ("a > x > x > x > x > x > x > b", 1))
    assert given["b"] == pytest.approx(2 * given["a"])


def test_last_non_direct_skips_direct_unless_there_is_nothing_else(maths: ModuleType) -> None:
    given = conversions(maths, "last_non_direct", ("a > direct", 2), ("direct", 1))
    assert given == {"a": 2, "direct": 1}


def brute_force(worth: dict[frozenset, float], players: list[str]) -> dict[str, float]:
    """Shapley by its definition: the mean gain over all orders."""
    orders = list(itertools.permutations(players))
    given = dict.fromkeys(players, 0.0)
    for order in orders:
        for place, player in enumerate(order):
            before = frozenset(order[:place])
            given[player] += (worth[before | {player}] - worth[before]) / len(orders)
    return given


def test_shapley_closed_form_equals_its_definition(maths: ModuleType) -> None:
    paths = [("a > b", 5), ("b > c > a", 2), ("c", 4), ("b > b", 1)]
    players = ["a", "b", "c"]
    coalitions = [frozenset(c) for n in range(4) for c in itertools.combinations(players, n)]
    worth = {c: sum(n for path, n in paths if set(path.split(" > ")) <= c) for c in coalitions}
    assert conversions(maths, "shapley", *paths) == pytest.approx(brute_force(worth, players))


def test_shapley_rate_is_exact_to_twelve_channels_and_bounded_beyond(maths: ModuleType) -> None:
    def paths(count: int) -> list:
        names = [f"c{number:02d}" for number in range(count)]
        return [
            maths.Path((a, b), 1 + index % 3, 0, index % 4)
            for index, (a, b) in enumerate(itertools.pairwise(names))
        ]

    assert all(credit.error == 0 for credit in maths.attribute("shapley_rate", paths(8)))
    sets = maths._sets(paths(8), [f"c{number:02d}" for number in range(8)])
    drawn, exact = maths._shapley_drawn(sets), maths._shapley_exact(sets)
    assert abs(drawn[0] - exact[0]).max() < 3 * drawn[1].max()


@pytest.mark.parametrize("model", ["first", "last", "linear", "time_decay", "u_shaped", "markov", "shapley"])
def test_totals_survive_every_model(maths: ModuleType, model: str) -> None:
    paths = [("a > b > c", 3, 100.5, 4), ("b > a", 2, 40, 1), ("c > c > d", 1, 7, 9), ("d", 0, 0, 3)]
    walked = [maths.Path(tuple(steps.split(" > ")), *numbers) for steps, *numbers in paths]
    credits = maths.attribute(model, walked)
    assert sum(credit.conversions for credit in credits) == pytest.approx(6)
    assert sum(credit.value for credit in credits) == pytest.approx(147.5)


def test_a_file_without_conversions_column_is_named(tmp_path: Path, maths: ModuleType) -> None:
    (tmp_path / "p.csv").write_text("path,total\na > b,1\n")
    with pytest.raises(MistakeError, match="no column 'conversions'"):
        read_paths(tmp_path / "p.csv", maths)


def test_a_number_that_is_none_is_named_with_its_line(tmp_path: Path, maths: ModuleType) -> None:
    (tmp_path / "p.csv").write_text("path,conversions\na > b,1\nb,many\n")
    with pytest.raises(MistakeError, match="line 3: conversions 'many'"):
        read_paths(tmp_path / "p.csv", maths)


def test_markov_gives_what_the_authors_of_channel_attribution_print(maths: ModuleType) -> None:
    # Altomare and Loris, Markov model for the online multichannel attribution problem: without B half of it is lost.
    paths = (("A > B > A > B > B > A", 1), ("A > B > B > A > A", 1), ("A > A", 1))
    assert conversions(maths, "markov", *paths) == pytest.approx({"A": 2, "B": 1})


def test_what_came_without_a_step_is_unattributed(maths: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("path,conversions,value,nulls\na > b,2,10,1\n,3,5,0\n > ,0,0,7\n")
    walked = read_paths(tmp_path / "p.csv", maths)
    for model in maths.MODELS:
        credits = maths.attribute(model, walked)
        assert (credits[-1].channel, credits[-1].conversions, credits[-1].value) == ("unattributed", 3, 5)
        assert sum(credit.conversions for credit in credits) == pytest.approx(5)


def test_refunds_go_where_the_conversions_go(maths: ModuleType) -> None:
    credits = maths.attribute("markov", [maths.Path(("a", "b"), 2, -10, 1), maths.Path(("b",), 2, 0, 1)])
    assert credits[0].value == pytest.approx(-10 * credits[0].conversions / 4)


def test_a_file_by_semicolons_with_capitals_and_a_mark_is_read(tmp_path: Path, maths: ModuleType) -> None:
    (tmp_path / "p.csv").write_text('Path; Conversions ;value\n"a > b";1;2.5\n', encoding="utf-8-sig")
    assert read_paths(tmp_path / "p.csv", maths) == [maths.Path(("a", "b"), 1, 2.5)]


def test_a_number_with_a_comma_is_named_with_its_line(tmp_path: Path, maths: ModuleType) -> None:
    (tmp_path / "p.csv").write_text("path,conversions,value\na > b,1,1\nb,1,1,000\n")
    with pytest.raises(MistakeError, match="line 3: more cells than columns"):
        read_paths(tmp_path / "p.csv", maths)


def expected_reward(paths: list, rewards: dict, gone: str | None = None) -> float:
    """What a walk from the start brings, by solving the whole chain, staying on a channel included."""
    moves: dict[str, dict[str, float]] = {}
    for steps, conversions, _, nulls in paths:
        for here, there in itertools.pairwise(["^", *steps, "$"]):
            row = moves.setdefault(here, {})
            row[there] = row.get(there, 0) + conversions + nulls
    names = [name for name in moves if name != gone]
    chain, gains = np.eye(len(names)), np.zeros(len(names))
    for here, row in enumerate(moves[name] for name in names):
        for name, count in row.items():
            if name == "$":
                gains[here] = rewards[names[here]] / sum(row.values())
            elif name != gone:
                chain[here, names.index(name)] -= count / sum(row.values())
    return float(np.linalg.solve(chain, gains)[names.index("^")])


@pytest.mark.parametrize("seed", range(8))
def test_markov_equals_a_chain_solved_without_each_channel(maths: ModuleType, seed: int) -> None:
    draw = random.Random(seed)
    walks = [
        (draw.choices("ABCDE", k=draw.randint(1, 6)), draw.choice([0, 0.5, 2]), draw.choice([0, 10.25]), 1)
        for _ in range(12)
    ]
    for place in (1, 2):  # conversions, value
        rewards: dict[str, float] = dict.fromkeys("ABCDE^", 0.0)
        for walk in walks:
            rewards[walk[0][-1]] += walk[place]
        whole_chain = expected_reward(walks, rewards)
        channels = sorted({step for walk in walks for step in walk[0]})
        lost = {name: 1 - expected_reward(walks, rewards, name) / whole_chain for name in channels}
        total = sum(walk[place] for walk in walks)
        expected = {name: total * effect / sum(lost.values()) for name, effect in lost.items()}
        given = maths.attribute("markov", [maths.Path(tuple(steps), *rest) for steps, *rest in walks])
        credit = {one.channel: (one.conversions, one.value)[place - 1] for one in given}
        assert credit == pytest.approx(expected)


def test_what_is_printed_adds_up_to_the_files_totals(
    maths: ModuleType, tmp_path: Path, touchstone: Touchstone
) -> None:
    file = tmp_path / "p.csv"
    file.write_text(
        "path,conversions,value,nulls\na > b > c,1,0.1,4\na,1,0.2,1\nc > b,0.3,1234567.89,0\n,2,0.7,\n"
    )
    for model in maths.MODELS:
        code, printed, _ = touchstone("attribute", "--model", model, "--paths", str(file), "--format", "csv")
        rows = [line.split(",") for line in printed.splitlines()[1:]]
        sums = [sum(Decimal(row[place]) for row in rows) for place in (1, 2)]
        assert (code, sums) == (0, [Decimal("4.3"), Decimal("1234568.89")])
    assert whole([0.1 + 0.2, 0.0], [0.1, 0.2]) == [0.3, 0.0]


def test_a_channel_called_unattributed_is_one_row(maths: ModuleType) -> None:
    paths = [maths.Path(("unattributed", "a"), 2, 4), maths.Path((), 1, 5)]
    assert maths.attribute("first", paths) == [maths.Credit("a", 0, 0), maths.Credit("unattributed", 3, 9)]


def test_rates_of_many_channels_are_drawn_within_a_bound(
    maths: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maths, "DRAWS", 1_000)
    draw = random.Random(1)
    paths = [
        maths.Path(tuple(f"c{draw.randrange(60)}" for _ in range(4)), draw.randrange(4), 0, draw.randrange(9))
        for _ in range(300)
    ]
    credits = maths.attribute("shapley_rate", paths)
    assert sum(one.conversions for one in credits) == pytest.approx(sum(path.conversions for path in paths))
    assert all(0 < one.error < 60 for one in credits)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('path,conversions\n"a > b,1\nb,2\n', "a quote is open"),
        ("path,conversions,value\na > b\n", "line 2: the line ends before"),
        ("conversions,path\n3\n", "line 2: the line ends before"),
        ("path,conversions,Conversions\na,1,2\n", "column 'conversions' twice"),
        ("path,conversions\na,-1\n", "line 2: conversions '-1' must be"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(
    text: str, told: str, tmp_path: Path, maths: ModuleType
) -> None:
    (tmp_path / "p.csv").write_text(text)
    with pytest.raises(MistakeError, match=told):
        read_paths(tmp_path / "p.csv", maths)


def test_blanks_ends_of_lines_and_blank_lines_do_not_matter(tmp_path: Path, maths: ModuleType) -> None:
    (tmp_path / "p.csv").write_bytes(b"\xef\xbb\xbfPATH , Conversions,VALUE\r\n A>b > A ,1.5,\r\n   \r\n\r\n")
    assert read_paths(tmp_path / "p.csv", maths) == [maths.Path(("A", "b", "A"), 1.5)]
