"""An independent check of routes: reads the published files on its own and knows nothing of the engine."""

from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import Any

PVRP = Path("routing/pvrp")
SOLOMON = Path("routing/vrptw")


def best_known(folder: Path) -> dict[str, float]:
    """Return the best known cost by instance."""
    head, *rows = [line.split(",") for line in (folder / "BKS.csv").read_text().split("\n") if line]
    column = head.index("BKS" if "BKS" in head else "bks_distance")
    return {row[0]: float(row[column]) for row in rows}


def problems_of_periodic(path: Path, found: dict[str, Any]) -> list[str]:
    """Say what is wrong with the routes of an instance in Cordeau's format; empty when all is well."""
    rows = [[float(part) for part in line.split()] for line in path.read_text().splitlines() if line.strip()]
    _, vehicles, count, days = (int(value) for value in rows[0])
    longest, capacity = rows[1]
    stops = {int(row[0]): row for row in rows[1 + days :]}
    wrong, cost = [], 0.0
    met: dict[int, list[int]] = {}
    for day in found["days"]:
        if len(day["routes"]) > vehicles:
            wrong.append(f"day {day['day']}: {len(day['routes'])} vehicles")
        for route in day["routes"]:
            path_of = [0, *route["stops"], 0]
            length = sum(hypot(stops[a][1] - stops[b][1], stops[a][2] - stops[b][2]) for a, b in pairwise(path_of))
            cost += length
            if capacity and sum(stops[one][4] for one in route["stops"]) > capacity:
                wrong.append(f"day {day['day']}: over capacity")
            if longest and length + sum(stops[one][3] for one in route["stops"]) > longest + 1e-6:
                wrong.append(f"day {day['day']}: too long")
            for one in route["stops"]:
                met.setdefault(one, []).append(day["day"])
    for one in range(1, count + 1):
        code = sum(2 ** (days - day) for day in met.get(one, []))
        if code not in [int(value) for value in stops[one][7:]] or len(met[one]) != stops[one][5]:
            wrong.append(f"stop {one}: days {met.get(one)}")
    if abs(cost - found["cost"]) > 1e-6:
        wrong.append(f"cost {found['cost']} is {cost}")
    return wrong


def problems_of_windows(path: Path, found: dict[str, Any]) -> list[str]:
    """Say what is wrong with the routes of an instance in Solomon's format; empty when all is well."""
    lines = [line.split() for line in path.read_text().splitlines()]
    rows = [[float(part) for part in line] for line in lines if line and line[0].replace(".", "").isdigit()]
    (vehicles, capacity), *rest = rows
    stops = {int(row[0]): row for row in rest}
    (day,) = found["days"]
    wrong, cost, met = [], 0.0, []
    if len(day["routes"]) > vehicles:
        wrong.append(f"{len(day['routes'])} vehicles")
    for route in day["routes"]:
        clock = stops[0][4]
        for here, there in pairwise([0, *route["stops"], 0]):
            way = hypot(stops[here][1] - stops[there][1], stops[here][2] - stops[there][2])
            cost += way
            clock = max(clock + stops[here][6] + way, stops[there][4])
            if clock > stops[there][5] + 0.001:  # found with distances held to the ten-thousandth
                wrong.append(f"stop {there} at {clock}, due {stops[there][5]}")
        if sum(stops[one][3] for one in route["stops"]) > capacity:
            wrong.append("over capacity")
        met += route["stops"]
    if sorted(met) != sorted(set(stops) - {0}):
        wrong.append("not every stop is met once")
    if abs(cost - found["cost"]) > 1e-6:
        wrong.append(f"cost {found['cost']} is {cost}")
    return wrong
