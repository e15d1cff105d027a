"""What goes into a run: metrics of the sales flow, and attributes from master data and assessments, as Arrow tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from yaomai.customers.models import Institution
from yaomai.engine.inputs import METRICS
from yaomai.engine.scorecards import SchemeSpec
from yaomai.influence.policies import AcademicPolicy
from yaomai.influence.selectors import academic_inputs, academic_measures
from yaomai.kit.explain import Input
from yaomai.kit.policies import Policy
from yaomai.listing.policies import DecisionPolicy
from yaomai.listing.selectors import decision_inputs, decision_measures
from yaomai.segmentation.attributes import TAGGED
from yaomai.segmentation.models import Assessment, Subject
from yaomai.segmentation.policies import PotentialPolicy
from yaomai.segmentation.potential import potential_inputs, potential_measures

# Attributes read from columns; every other attribute of a scheme is assessed.
INSTITUTION_COLUMNS: Mapping[str, str] = {
    "institution_type": "i.kind",
    "grade": "i.grade",
    "store_count": "i.outlets",
    "beds": "i.beds",
    "outpatients": "i.outpatients",
}
PROFESSIONAL_COLUMNS: Mapping[str, str] = {
    "title": "p.title",
    "profession": "p.profession",
    "customer_role": "p.position",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """Attributes of professionals that a room measures: all of them for a run, and what stands behind one person's."""

    names: tuple[str, ...]
    policy: type[Policy]
    """The figures that it uses."""
    table: Callable[..., pa.Table]
    """(as_of) -> `professional` and the names, by id."""
    inputs: Callable[..., Sequence[Input]]
    """(professional, as_of) -> what went in, in view, with source, date and who entered it."""


MEASURES = (
    Measure(("department_patients", "label_match"), PotentialPolicy, potential_measures, potential_inputs),
    Measure(
        ("office_points", "publication_points", "study_points", "guideline_points"),
        AcademicPolicy,
        academic_measures,
        lambda professional, *, as_of: [each.as_input() for each in academic_inputs(professional, as_of=as_of)],
    ),
    Measure(("seat_points", "path_points", "voice_points"), DecisionPolicy, decision_measures, decision_inputs),
)
# How the master data's kinds are called in schemes.
INSTITUTION_TYPES: Mapping[str, str] = {
    Institution.Kind.COMMUNITY: "community_health",
    Institution.Kind.TOWNSHIP: "community_health",
    Institution.Kind.CHAIN: "chain",
    Institution.Kind.DISTRIBUTOR: "distributor",
    Institution.Kind.CLINIC: "clinic",
    Institution.Kind.PHARMACY: "pharmacy",
    Institution.Kind.HOSPITAL: "hospital",
}


def attribute_names(specs: Sequence[SchemeSpec], subject: str) -> list[str]:
    """Return the attributes that the schemes of a subject read beside metrics."""
    names = dict.fromkeys(name for spec in specs if applies(spec, subject) for name in spec.input_names())
    return [name for name in names if name not in METRICS]


def applies(spec: SchemeSpec, subject: str) -> bool:
    """Tell whether a scheme classifies this subject."""
    return spec.subject in ("any", subject)


def attributes(subject: str, names: Sequence[str], *, as_of: date) -> pa.Table:
    """Return `customer` and the named attributes of every active customer on a day, in order of customer.

    Numbers come as float64, texts as strings, several choices joined by a comma; unknown is null.
    """
    columns = INSTITUTION_COLUMNS if subject == Subject.INSTITUTION else PROFESSIONAL_COLUMNS
    plain = {name: columns[name] for name in names if name in columns}
    table = _master(subject, plain)
    measured = _measured(names, table["customer"], as_of) if subject == Subject.PROFESSIONAL else {}
    for name in names:
        if name in measured:
            table = table.append_column(name, measured[name])
        elif name not in plain:
            table = table.append_column(name, _assessed(subject, name, table["customer"]))
    return table


def _measured(names: Sequence[str], customers: pa.ChunkedArray, as_of: date) -> dict[str, pa.ChunkedArray]:
    """Return what rooms measure of each customer, by name; null where a room knows nothing."""
    found: dict[str, pa.ChunkedArray] = {}
    for measure in MEASURES:
        if set(measure.names) & set(names):
            table = measure.table(as_of=as_of).combine_chunks()
            places = pc.index_in(customers, value_set=table["professional"])
            found |= {name: table[name].take(places) for name in measure.names}
    return found


def _master(subject: str, plain: Mapping[str, str]) -> pa.Table:
    source = "customers_institution i" if subject == Subject.INSTITUTION else "customers_professional p"
    alias = source[-1]
    selected = ", ".join([f"{alias}.id", *plain.values()])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {selected} FROM {source} WHERE {alias}.archived_at IS NULL AND {alias}.merged_into_id IS NULL "  # noqa: S608
            f"ORDER BY {alias}.id"
        )
        rows = cursor.fetchall()
    values: list[Any] = list(zip(*rows, strict=True)) if rows else [() for _name in range(len(plain) + 1)]
    arrays: dict[str, pa.Array] = {"customer": pa.array(values[0], pa.int64())}
    for name, column in zip(plain, values[1:], strict=True):
        if name == "institution_type":
            column = tuple(INSTITUTION_TYPES.get(kind, kind) for kind in column)
        is_text = all(value is None or isinstance(value, str) for value in column)
        kept = [value or None for value in column] if is_text else list(column)
        arrays[name] = pa.array(kept, pa.string() if is_text else pa.float64())
    return pa.table(arrays)


def _assessed(subject: str, attribute: str, customers: pa.ChunkedArray) -> pa.Array:
    """Return the present assessment of each customer: numbers, or tags joined by a comma."""
    owner = "institution" if subject == Subject.INSTITUTION else "professional"
    rows = Assessment.unscoped.filter(
        attribute=attribute, superseded_at__isnull=True, **{f"{owner}__isnull": False}
    ).values_list(f"{owner}_id", "value")
    known = dict(rows.iterator(chunk_size=20_000))
    values = [known.get(customer) for customer in customers.to_pylist()]
    if attribute in TAGGED:
        return pa.array([",".join(value) if value else None for value in values], pa.string())
    return pa.array([None if value is None else float(value) for value in values], pa.float64())
