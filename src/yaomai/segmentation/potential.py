"""High-potential customers in the lawful form (X1): patients of the department × match with the label × willingness.

Patients are an estimate of the whole department, never of a doctor. The match follows from the label of our product: its
indications meet the disease, its target departments meet the department. Of several products the one with the most
matched patients counts.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
from django.db import connection
from django.utils.translation import gettext as _

from yaomai.catalog.models import Product
from yaomai.customers.models import PatientPopulation, Professional
from yaomai.kit.explain import Input
from yaomai.kit.policies.selectors import policy_on
from yaomai.segmentation.policies import PotentialPolicy

_BEST = """
WITH estimate AS (
    SELECT DISTINCT ON (department_id, indication_id) id, department_id, indication_id, patients
    FROM customers_patientpopulation WHERE archived_at IS NULL AND estimated_on <= %(day)s {of_one}
    ORDER BY department_id, indication_id, estimated_on DESC, id DESC
), labelled AS (
    SELECT e.department_id, p.id AS product, sum(e.patients) AS patients, array_agg(e.id) AS estimates,
        CASE WHEN EXISTS (SELECT FROM catalog_product_departments t
                          WHERE t.product_id = p.id AND t.standarddepartment_id = d.standard_id) THEN %(target)s
             WHEN EXISTS (SELECT FROM catalog_product_departments t
                          JOIN catalog_standarddepartment goal ON goal.id = t.standarddepartment_id
                          WHERE t.product_id = p.id AND (goal.parent_id = s.id OR goal.id = s.parent_id
                                                         OR goal.parent_id = s.parent_id)) THEN %(related)s
             ELSE %(other)s END AS match
    FROM estimate e
    JOIN catalog_product_indications i ON i.indication_id = e.indication_id
    JOIN catalog_product p ON p.id = i.product_id AND p.is_own AND p.archived_at IS NULL
    JOIN customers_department d ON d.id = e.department_id AND d.archived_at IS NULL
    LEFT JOIN catalog_standarddepartment s ON s.id = d.standard_id
    GROUP BY e.department_id, p.id, d.standard_id, s.id, s.parent_id
), best AS (
    SELECT DISTINCT ON (department_id) * FROM labelled ORDER BY department_id, patients * match DESC, product
)
"""
_PHYSICIANS = (
    " SELECT c.id, b.patients, b.match FROM customers_professional c JOIN best b ON b.department_id = c.department_id"
    " WHERE c.archived_at IS NULL AND c.merged_into_id IS NULL AND c.profession = 'physician' ORDER BY 1"
)


def _figures(day: date) -> dict[str, Any]:
    policy, _version = policy_on(PotentialPolicy, on=day)
    return {"day": day, "target": policy.target_points, "related": policy.related_points, "other": policy.other_points}


def potential_measures(*, as_of: date) -> pa.Table:
    """Return the two measured factors of every physician whose department has an estimate for a disease on our labels.

    Columns: professional, department_patients (of the department, in a year), label_match (0 to 100 points), by id.
    Reads beyond scope: for runs only.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BEST.format(of_one="") + _PHYSICIANS, _figures(as_of))
        rows = cursor.fetchall()
    people, patients, match = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table(
        {
            "professional": pa.array(people, pa.int64()),
            "department_patients": pa.array([float(each) for each in patients], pa.float64()),
            "label_match": pa.array([float(each) for each in match], pa.float64()),
        }
    )


def potential_inputs(professional: int, *, as_of: date) -> tuple[Input, ...]:
    """Return the estimates of the department and the product whose label they meet, with source, date and who entered them."""
    person = Professional.objects.filter(pk=professional).select_related("department__standard").first()
    if person is None or person.department_id is None:
        return ()
    found = _best(person.department_id, as_of)
    if found is None:
        return ()
    product, estimates, match = found
    rows = PatientPopulation.objects.filter(pk__in=estimates).select_related("department", "indication", "recorded_by")
    said = [
        Input(
            label=_("%(disease)s, patients of %(department)s in a year")
            % {"disease": row.indication, "department": row.department},
            value=row.patients,
            source=" · ".join(filter(None, (row.get_basis_display(), row.source, str(row.recorded_by or "")))),
            as_of=row.estimated_on,
        )
        for row in rows.order_by("-patients", "pk")
    ]
    targets = "、".join(product.departments.order_by("code").values_list("name", flat=True))
    label = Input(
        label=_("Match with the label of %(product)s") % {"product": product},
        value=match,
        unit=_("points"),
        source=_("Target departments on the label: %(departments)s") % {"departments": targets or _("not said")},
    )
    return (*said, label)


def _best(department: int, day: date) -> tuple[Product, list[int], Decimal] | None:
    params: Mapping[str, Any] = {**_figures(day), "department": department}
    with connection.cursor() as cursor:
        cursor.execute(
            _BEST.format(of_one="AND department_id = %(department)s") + " SELECT product, estimates, match FROM best",  # noqa: S608
            params,
        )
        row = cursor.fetchone()
    product = Product.objects.filter(pk=row[0]).first() if row is not None else None
    return None if product is None else (product, row[1], row[2])
