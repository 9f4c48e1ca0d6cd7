"""The writer of charts: well-formed, always the same bytes, and whole with names and numbers of any kind."""

from collections.abc import Callable
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from placet_verification.api.reports.svg import Axis, Bar, Pair, Series, bars, grid, lines, matrix, pairs

EVIL = '</svg><script>alert(1)</script> & "quoted" \x07 \ufffe'
LONG = "n" * 80_000
NAN, INFINITY = float("nan"), float("inf")

CHARTS: dict[str, Callable[[str], str]] = {
    "lines": lambda name: lines(name, Axis(name), Axis("y", -1, 1), [Series(name, [(0, 0), (1, 1)]), Series("ideal", [(0, 0)], True)]),
    "spread": lambda name: lines(name, Axis("x"), Axis(name), [Series(name, [(0, 1)], low=[(0, 0)], high=[(0, 2)])], faint=[[(0, 1)]]),
    "bars": lambda name: bars(name, Axis(name, 0, 0), [Bar(name, 0.5, (0.4, 0.6)), Bar("none", None)], [(name, 0.8)]),
    "pairs": lambda name: pairs(name, Axis(name), ("then", "now"), [Pair(name, 0.1, 0.2)]),
    "matrix": lambda name: matrix(name, "true", name, ["0", name], [[1, 2], [3, 0]]),
    "grid": lambda name: grid(name, Axis(name), Axis("y"), [[1, 0], [0, 3]]),
    "nothing": lambda name: lines(name, Axis(name), Axis(""), []) and bars(name, Axis("x"), []) and matrix(name, "", "", [], []),
    "no cells": lambda name: grid(name, Axis("x", 0, 0), Axis("y", 0, 0), []),
}


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("name", ["plain", EVIL, LONG, ""], ids=["plain", "evil", "long", "empty"])
def test_chart_with_any_name_is_well_formed_short_and_always_the_same(chart: str, name: str) -> None:
    drawn = CHARTS[chart](name)
    root = ElementTree.fromstring(drawn)
    assert root.find("{http://www.w3.org/2000/svg}title") is not None
    assert root.get("role") == "img"
    assert {element.tag.split("}")[1] for element in root.iter()} <= {
        "svg", "title", "desc", "path", "polyline", "polygon", "rect", "text", "circle",
    }  # fmt: skip
    assert "style=" not in drawn
    assert len(drawn) < 12_000
    assert drawn == CHARTS[chart](name)


@pytest.mark.parametrize("value", [NAN, INFINITY, -INFINITY])
def test_what_is_no_number_is_not_drawn(value: float) -> None:
    drawn = [
        lines("t", Axis("x"), Axis("y"), [Series("a", [(0, 0), (value, 0.5), (0.5, value), (1, 1)])]),
        bars("t", Axis("x"), [Bar("a", value), Bar("b", 0.5, (value, 1.0))]),
        pairs("t", Axis("x"), ("a", "b"), [Pair("c", value, 0.5)]),
    ]
    for one in drawn:
        for element in ElementTree.fromstring(one).iter():
            places = " ".join(value for name, value in element.attrib.items() if name not in ("fill", "role", "font-family"))
            assert "nan" not in places
            assert "inf" not in places


def test_lines_beside_each_other_differ_in_colour_and_in_dashes() -> None:
    root = ElementTree.fromstring(lines("t", Axis("x"), Axis("y"), [Series(str(number), [(0, 0), (1, 1)]) for number in range(10)]))
    drawn = [(one.get("stroke"), one.get("stroke-dasharray")) for one in root.iter("{http://www.w3.org/2000/svg}polyline")]
    assert len(set(drawn)) == 10
    assert all(one[0] != other[0] and one[1] != other[1] for one, other in pairwise(drawn))


def test_a_bar_of_a_negative_value_ends_at_zero() -> None:
    root = ElementTree.fromstring(bars("t", Axis("x", -1, 1), [Bar("a", -1.0), Bar("b", 1.0)]))
    left, right = ((float(one.get("x", "")), float(one.get("width", ""))) for one in root.iter("{http://www.w3.org/2000/svg}rect"))
    assert left[0] + left[1] == right[0]
    assert left[1] == right[1]
