"""E8: what a company has comes out of every list and goes into an empty system, and is the same there.

The company of the access tests is exported list by list as a user does it, everything is taken away, and the files are
imported in the order that the guide gives. Every model with rows of a company is compared field by field, or named
here with the reason why it is not.
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from django.test import RequestFactory
from tests.access import world as access

from yaomai.kit.access import ScopedModel, acting, system_actor
from yaomai.kit.search import SearchVectorField
from yaomai.kit.surfaces.exports import export_view
from yaomai.kit.surfaces.surface import surface_of
from yaomai.kit.transfer.command import import_file
from yaomai.kit.transfer.registry import importer_named, importers_for

ACTOR = system_actor("test", "move a company to another system")
ORDER = (
    "organization.territory", "organization.person", "organization.position", "organization.filing",
    "catalog.division", "catalog.standard_department", "catalog.product_line", "catalog.indication", "catalog.product",
    "customers.institution", "customers.department", "customers.professional", "customers.patient_population",
    "compliance.consent", "compliance.transfer", "compliance.expense", "commerce.flow", "commerce.name", "listing.committee", "listing.process",
    "influence.office", "influence.study", "influence.guideline", "influence.publication",
    "influence.tie", "segmentation.institution_assessment", "segmentation.professional_assessment",
    "insights.market_figure", "engagement.visit", "support.request",
    "planning.working_time", "planning.location", "planning.absence",
)  # fmt: skip
STAYS = ("segmentation.change", "insights.policy_event")
"""Imports without a part in moving: what is proposed waits for its decision where the tiers are; events are public and
are recorded anew from their sheet."""
COMPARED = (
    "organization.territory", "organization.person", "organization.position", "organization.holding",
    "organization.filing", "catalog.division", "catalog.standarddepartment", "catalog.productline",
    "catalog.indication", "catalog.product", "catalog.productstanding", "customers.institution",
    "customers.institutionname", "customers.institutionterritory", "customers.department", "customers.professional",
    "customers.affiliation", "customers.patientpopulation", "compliance.consent", "compliance.transfer", "compliance.share", "compliance.expense", "commerce.salesline",
    "commerce.sourcename", "listing.committee", "listing.seat", "listing.process", "listing.stance",
    "influence.office", "influence.study", "influence.guideline", "influence.publication", "influence.tie",
    "segmentation.assessment", "insights.marketfigure", "engagement.visit", "support.servicerequest",
    "planning.workingtime", "planning.location", "planning.absence",
)  # fmt: skip
OWN = {"id", "uuid", "version", "created_at", "updated_at", "archived_at", "path", "recorded_at", "superseded_at"}
"""What belongs to the system that a row lives in: keys, moments of writing, positions in a tree of keys."""
HERE = "who brought it in, and from where, is another truth in the new system"
COMPUTED = "computed from what is compared"
DIFFERS: dict[str, dict[str, str]] = {
    "engagement.visit": {
        **dict.fromkeys(("origin", "reported_at"), HERE),
        **dict.fromkeys(("validity", "findings", "rule_doubts"), COMPUTED),
        **dict.fromkeys(("planned", "duty"), "what it carried out of the plan of one system"),
        "uses": "uses of material are kept as such, and move with backup and restore",
    },
    "support.servicerequest": {
        **dict.fromkeys(("hours", "first_tier", "due_at", "next_step_at", "steps_done"), "by the clock and the tiers of one system"),
        "territory": "where the customer is served as the system knows it",
    },
    "organization.person": {
        "password": "secrets never leave in a list: everybody gets a new one",
        **dict.fromkeys(("last_login", "sign_in_epoch", "must_change_password", "emergency"), "the sessions of one system"),
    },
    "catalog.productstanding": {"source": HERE},
    "customers.institution": {"completeness": COMPUTED, "checked_on": HERE, "refresh_on": HERE},
    "customers.institutionname": {"source": HERE, "recorded_by": HERE},
    "customers.institutionterritory": {"assigned_by": HERE, "valid_from": "history starts with the import"},
    "customers.professional": {
        "completeness": COMPUTED, "checked_on": HERE, "refresh_on": HERE, "trail_key": "drawn by each system for its own trail",
    },
    "customers.affiliation": {"source": HERE, "valid_from": "history starts with the import"},
    "customers.patientpopulation": {"recorded_by": HERE},
    "commerce.salesline": {"batch": "lines of several files leave in one", "row": "lines of several files leave in one"},
    "commerce.sourcename": {
        "candidates": COMPUTED, "score": COMPUTED, "decided_at": HERE, "decided_by": HERE,
    },
    **{f"influence.{name}": {"entered_by": HERE} for name in ("office", "study", "guideline", "publication", "tie")},
    "compliance.transfer": {
        **dict.fromkeys(("state", "asked_on"), "an open request stays where it is approved, and is asked for anew"),
    },
    "compliance.share": {"is_counted": "an open request is asked for anew"},
    "compliance.expense": {"finding": COMPUTED, "transfer": COMPUTED, "note": "how it was settled stays in the old system"},
    "listing.stance": {"recorded_by": HERE},
    "segmentation.assessment": {"recorded_by": HERE},
    "insights.marketfigure": {"recorded_by": HERE},
    "planning.workingtime": {"recorded_by": HERE},
    "planning.absence": {"territory": "where the person works as the system knows it", "uid": "a calendar file of the old system"},
}  # fmt: skip
"""Fields that may be others in the new system, each with the reason."""
NO_LIST = "recorded on a customer's own page, in no list of its own; moves with backup and restore"
RESULT = "a result: computed anew from what is compared"
TRACE = "what one system did and when; moves with backup and restore, never by file"
EXCUSED: dict[str, str] = {
    "attachments.attachment": "files move with backup and restore, never by a list",
    "approvals.delegation": "who stands in for whom, for days; moves with backup and restore",
    "approvals.request": TRACE,
    "audit.entry": TRACE,
    "compliance.check": TRACE,
    "compliance.rule": "comes with the system; a change is approved by two here, and moves with backup and restore",
    "commerce.flowbatch": "the files themselves, one for several after an export; their lines are compared",
    "customers.institutioncontact": "sealed: leaves by reveal only, with a reason",
    "customers.professionalcontact": "sealed: leaves by reveal only, with a reason",
    "customers.institutionduplicate": RESULT,
    "customers.professionalduplicate": RESULT,
    "customers.institutionfact": NO_LIST,
    "customers.professionalfact": NO_LIST,
    "customers.institutionmerge": TRACE,
    "customers.institutionsplit": TRACE,
    "commerce.formermeaning": TRACE,
    "customers.institutionrequest": NO_LIST,
    "customers.professionalrequest": NO_LIST,
    "customers.typemark": "the types that stand leave with the list of professionals; since when and why stays",
    "customers.professionalmerge": TRACE,
    "engagement.keyaccount": "where an account stands moves with backup and restore; it is gathered anew from tiers",
    "engagement.stagemove": TRACE,
    "engagement.visitaudit": TRACE,
    "engagement.checkin": "a location is used once and deleted; it never leaves",
    "engagement.checkinconsent": "what somebody agreed to here holds here; it is asked for anew",
    "engagement.coachingnote": TRACE,
    "engagement.communication": NO_LIST,
    "engagement.device": "a phone belongs to one system; it is set up anew",
    "engagement.adverseevent": "in confidence; moves with backup and restore, or through pharmacovigilance",
    "engagement.nextstep": NO_LIST,
    "engagement.photo": "files move with backup and restore, never by a list",
    "engagement.site": "learned anew from check-ins",
    "engagement.strategyalert": TRACE,
    "dashboards.pack": "who receives what here; moves with backup and restore",
    "dashboards.delivery": RESULT,
    "dashboards.board": "what somebody likes to look at here; moves with backup and restore",
    "inbox.nudge": RESULT,
    "influence.authorship": "who of ours wrote a work is decided anew from the printed names",
    "influence.authordecision": NO_LIST,
    "influence.standing": RESULT,
    "insights.churnalert": RESULT,
    "insights.forecast": RESULT,
    "insights.outlook": RESULT,
    "insights.stocksign": RESULT,
    "insights.effectcheck": RESULT,
    "insights.effectstudy": "a question put in one system; its answer is computed from what is compared",
    "insights.evaluation": "figures are a result; what was written moves with backup and restore, or as PDF and Word",
    "insights.improvement": TRACE,
    "insights.improvementcheck": TRACE,
    "insights.policyevent": "recorded anew, or moved with backup and restore",
    "insights.policyimpact": RESULT,
    "insights.purchasesignal": RESULT,
    "insights.targetitem": RESULT,
    "insights.targetlist": RESULT,
    "insights.valuereport": RESULT,
    "integrity.case": RESULT,
    **dict.fromkeys(
        (
            "privacy.subjectrequest",
            "privacy.personconsent",
            "privacy.impactassessment",
            "privacy.release",
            "privacy.retentionrun",
        ),
        "proves what was asked, agreed, assessed and deleted here: moved with backup and restore only",
    ),
    "privacy.processing": "written for each company, or moved with backup and restore",
    **dict.fromkeys(
        ("integrity.crisis", "integrity.crisistask", "integrity.crisisrecord"),
        "a clock and a chain of evidence prove what happened here: moved with backup and restore only",
    ),
    "integrity.contract": "approved word for word here, or moved with backup and restore",
    "integrity.disclosure": "approved word for word here, or moved with backup and restore",
    "integrity.provider": "examined anew in each company, or moved with backup and restore",
    "integrity.risk": "judged anew in each company, or moved with backup and restore",
    **dict.fromkeys(("integrity.audit", "integrity.audititem"), "drawn from what is there, by its seed"),
    "integrity.dossier": "made of what is there and signed with the key of its system",
    **dict.fromkeys(
        ("integrity.report", "integrity.message", "integrity.enclosure"),
        "sealed and anonymous: moves with backup and restore only",
    ),
    "jobs.job": TRACE,
    "planning.callback": "counts in the months of one system; moves with backup and restore",
    "planning.calendarfeed": "a secret address is made anew",
    "planning.environmentnote": NO_LIST,
    "planning.goal": "goals of a year are set anew, or move with backup and restore",
    "planning.plan": RESULT,
    "planning.planline": RESULT,
    "planning.replan": TRACE,
    "planning.review": TRACE,
    "planning.plannedvisit": "calendars are planned anew from tiers and duties",
    "planning.serviceduty": "laid out anew from tiers; what was done comes with its reports",
    "listing.stageholder": NO_LIST,
    "listing.stageperiod": "where a process stands moves; how it got there stays",
    "materials.material": "approved word for word here: made and pre-approved anew, or moved with backup and restore",
    "materials.materialversion": "approved word for word here: made and pre-approved anew, or moved with backup and restore",
    "materials.use": TRACE,
    "organization.accesstoken": "only its digest is kept; moves with backup and restore",
    "organization.emergency": TRACE,
    "organization.role": "shipped, and changed on the rights page only, under four eyes",
    "organization.territorychange": "a planned end moves with its territory; other plans are made anew",
    "policies.version": "figures are proposed, approved and published in each system",
    "runs.run": RESULT,
    "segmentation.tierassignment": RESULT,
    "segmentation.tierchange": TRACE,
    "segmentation.tiermeeting": TRACE,
    "segmentation.tiersignal": RESULT,
    "segmentation.typeproposal": RESULT,
    "transfer.import": TRACE,
}
"""Models that are not compared, each with the reason."""
SAME: dict[str, dict[str, str]] = {
    "customers.institutionname": {"merged": "alias"},  # the merge stays where it was made, the name stays known
    "commerce.sourcename": {"accepted": "confirmed"},  # what was certain there is by the file a person's word here
}
LISTED: dict[str, dict[str, Any]] = {
    "organization.holding": {"person__archived_at": None},
    "customers.institutionname": {"institution__archived_at": None},
    "customers.institutionterritory": {"institution__archived_at": None, "valid_to": None},
    "customers.affiliation": {"professional__archived_at": None, "valid_to": None, "is_primary": True},
    "commerce.salesline": {"is_active": True},
    "listing.stance": {"process__outcome": ""},
}
"""Which rows lists have: not what belongs to somebody who left, was archived or replaced, nor what has ended."""


def rows_of(label: str) -> Counter[tuple[tuple[str, str], ...]]:
    """Return what the rows of a model say, as often as they say it."""
    model: Any = apps.get_model(label)
    rows = model.unscoped.all()
    for name in ("archived_at", "superseded_at"):
        if any(each.name == name for each in model._meta.concrete_fields):
            rows = rows.filter(**{name: None})
    rows = rows.filter(**LISTED.get(label, {}))
    fields = [each for each in model._meta.concrete_fields if each.name not in OWN | set(DIFFERS.get(label, ()))]
    fields = [each for each in fields if not isinstance(each, SearchVectorField)]
    several, same = list(model._meta.many_to_many), SAME.get(label, {})
    return Counter(
        tuple((each.name, same.get(text := said(getattr(row, each.name)), text)) for each in fields)
        + tuple((each.name, "、".join(sorted(map(str, getattr(row, each.name).all())))) for each in several)
        for row in rows
    )


def said(value: Any) -> str:
    """Return a value without the keys of its system."""
    if isinstance(value, models.Model):
        return f"{getattr(value, 'code', '')} {value}"
    return "" if value is None else str(value)


def enrich() -> None:
    """Give the company what its lists have columns for and the access tests do not need."""
    from yaomai.catalog import services as catalog
    from yaomai.catalog.models import Division, Indication, Product
    from yaomai.customers import services as customers
    from yaomai.customers.models import Institution, Professional
    from yaomai.engagement.models import Visit
    from yaomai.organization.models import Person
    from yaomai.segmentation import services as segmentation

    now = {"actor": ACTOR, "now": access.NOW}
    Visit.unscoped.update(person=Person.unscoped.get(username="u0"))
    city = Division.unscoped.exclude(parent=None).order_by("pk")[0]
    places = list(Institution.unscoped.filter(archived_at=None).order_by("pk"))
    for row in places:
        customers.institution_update(**now, pk=row.pk, changes={"division": city})
    changes = {"status": "suspended", "parent": places[1], "code": "H1", "ownership": "private", "beds": 120,
               "address": "江城市人民路1号", "phone": "0551-1234567", "grade": "2A"}  # fmt: skip
    customers.institution_update(**now, pk=places[0].pk, changes=changes)
    customers.institution_name_add(**now, pk=places[0].pk, name="江城工人医院", kind="former")
    above = catalog.standard_department_create(**now, code="ZX", name="安衡自建科", group="technical")
    child = catalog.standard_department_create(**now, code="ZX.01", name="安衡随访室", group="clinical", parent=above)
    line = catalog.product_line_create(**now, code="NEURO", name="神经线")
    product = Product.unscoped.order_by("pk")[0]
    changes = {"name": "安衡平（展示名）", "product_line": line, "indications": [Indication.unscoped.order_by("pk")[0]],
               "departments": [child], "storage": "cool", "is_own": True}  # fmt: skip
    catalog.product_update(**now, pk=product.pk, changes=changes)
    catalog.product_standing_set(**now, pk=product.pk, kind="reimbursement", value="b", valid_from=access.SINCE)
    customers.professional_create(**now, name="钱独立", code="D9", title="professor", sex="f", profession="other",
                                  specialty="药物经济学", customer_types=["high_influence"])  # fmt: skip
    assert Professional.unscoped.filter(institution=None, archived_at=None).exists()
    rows = [(places[0].pk, "tags", ["high_margin"]), (places[0].pk, "strategic_fit", 62.5), (places[1].pk, "tags", [])]
    segmentation.assessments_record(**now, subject="institution", rows=rows, source="季度会", assessed_on=access.TODAY)


def exported(name: str, folder: Path) -> Path:
    """Export a list as its importer understands it, through the address that the screen links to."""
    importer = importer_named(name)
    request = RequestFactory().get("/", {"for": name})
    request.actor = ACTOR
    response = export_view(request, surface_of(importer.model))
    path = folder / f"{name}.xlsx"
    path.write_bytes(b"".join(response.streaming_content))
    return path


def test_every_model_is_compared_or_named_with_a_reason() -> None:
    scoped = {each._meta.label_lower for each in apps.get_models() if issubclass(each, ScopedModel) and ours(each)}
    assert scoped - {*COMPARED, *EXCUSED} == set()
    assert {*COMPARED, *EXCUSED} - scoped == set()
    assert all(DIFFERS[label].values() for label in DIFFERS) and all(EXCUSED.values())
    importers = [importer for importer in importers_for(ACTOR) if ours(type(importer))]
    assert {*ORDER, *STAYS} == {importer.name for importer in importers}
    assert all(importer.model for importer in importers), "what goes in comes out"


def ours(kind: type) -> bool:
    """Tell whether a class is of the product, not of another test."""
    return kind.__module__.startswith("yaomai.")


@pytest.mark.django_db
def test_a_company_moves_into_an_empty_system_with_all_it_has(
    tmp_path: Path, figure: Callable[[str, str], None]
) -> None:
    before, files = {}, {}
    with transaction.atomic():
        access.build(tmp_path)
        with acting(ACTOR):
            enrich()
            files = {name: exported(name, tmp_path) for name in ORDER}
            before = {label: rows_of(label) for label in COMPARED}
        transaction.set_rollback(True)
    from yaomai.organization.services import role_sync

    refused = {}
    with acting(ACTOR):
        role_sync(actor=ACTOR, now=access.NOW)
        for name in ORDER:
            done = import_file(actor=ACTOR, now=access.NOW, path=files[name], importer=name, source="旧系统")
            if done.refused_count:
                refused[name] = done.result["problems"]
        after = {label: rows_of(label) for label in COMPARED}
    different = {
        label: (list(before[label] - after[label])[:3], list(after[label] - before[label])[:3])
        for label in COMPARED
        if before[label] != after[label]
    }
    for label, (lost, new) in different.items():
        print(label)
        print("    lost", lost)
        print("    new ", new)
    assert refused == {}
    assert different == {}
    empty = [label for label in COMPARED if not before[label]]
    assert empty == [], "the company has none of these, so nothing is shown"
    rows = sum(sum(counted.values()) for counted in before.values())
    figure("E8", f"{len(COMPARED)} models, {rows:,} rows out and in again through {len(ORDER)} files: all the same")
