"""Products, lines, indications and standard departments of the demo company."""

from datetime import date, datetime

from yaomai.catalog.models import StandardDepartment
from yaomai.catalog.services import (
    indication_create,
    product_create,
    product_line_create,
    product_standing_set,
    standard_department_create,
)
from yaomai.kit.access import Actor
from yaomai.server.demo import world


def products_create(*, actor: Actor, now: datetime) -> None:
    """Create what the demo company sells, with standings since the start of its flow."""
    since = date(now.year - 3, 1, 1)
    departments = {department.name: department for department in StandardDepartment.unscoped.all()}
    for number, name in enumerate(world.DEPARTMENTS, 1):
        if name not in departments:
            departments[name] = standard_department_create(actor=actor, now=now, code=f"AH{number:02d}", name=name)
    lines = {}
    for number, name in enumerate(dict.fromkeys(product.line for product in world.PRODUCTS), 1):
        lines[name] = product_line_create(actor=actor, now=now, code=f"L{number}", name=f"{name}产品线")
    indications = {
        name: indication_create(actor=actor, now=now, name=name, code=world.DISEASE_CODES.get(name, ""))
        for name in dict.fromkeys(product.indication for product in world.PRODUCTS)
    }
    for item in world.PRODUCTS:
        product = product_create(
            actor=actor, now=now, code=item.code, name=item.name, generic_name=item.generic_name, trade_name=item.name,
            specification=item.specification, manufacturer="安衡药业", is_own=True, product_line=lines[item.line],
            approval_number=item.approval_number, indications=[indications[item.indication]],
            departments=[departments[item.department]],
        )  # fmt: skip
        product_standing_set(
            actor=actor, now=now, pk=product.pk, kind="reimbursement", value=item.reimbursement, valid_from=since,
            source="安衡药业演示数据",
        )  # fmt: skip
        if item.is_centrally_procured:
            product_standing_set(
                actor=actor,
                now=now,
                pk=product.pk,
                kind="procurement",
                value="yes",
                valid_from=since,
                source="安衡药业演示数据",
            )
