"""What tiers ask for becomes dated duties of whoever holds the role: once, following changes, never touching what began."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from yaomai.kit.runs.models import Run
from yaomai.organization.models import Filing, Holding, Person, Position, Role, Territory
from yaomai.planning import rules, services
from yaomai.planning.models import PlannedVisit, ServiceDuty
from yaomai.segmentation.models import TierAssignment

from .acts_examples import BOSS, NOW, TODAY, doctor, hospital, visit

pytestmark = pytest.mark.django_db
DO = {"actor": BOSS, "now": NOW}


def tier(customer: Any, scheme: str, name: str, *, field: str = "institution") -> None:
    run = Run.unscoped.filter(kind="segmentation.tiers").first() or Run.unscoped.create(
        kind="segmentation.tiers", number=1, as_of=TODAY, engine_version="1", fingerprint="f", started_by_label="t",
        started_at=NOW, finished_at=NOW, state="finished",
    )  # fmt: skip
    TierAssignment.unscoped.filter(**{field: customer}, scheme=scheme, valid_to=None).update(valid_to=TODAY)
    TierAssignment.unscoped.create(**{field: customer}, scheme=scheme, tier=name, run=run, valid_from=TODAY)


@pytest.fixture
def company() -> dict[str, Any]:
    """Return a company, a region and two districts, with a director, an area manager, two reps and service."""
    company = Territory.unscoped.create(code="C", name="公司", level="company", path="/x/", valid_from=date(2020, 1, 1))
    found: dict[str, Any] = {"company": company}
    for code, parent in (("area", company), ("east", None), ("west", None)):
        above = parent or found["area"]
        place = Territory.unscoped.create(
            code=code, name=code, level="area", parent=above, path="x", valid_from=date(2020, 1, 1)
        )
        place.path = f"{above.path}{place.pk}/"
        place.save(update_fields=["path"])
        found[code] = place
    for username, role, place in (
        ("director", "sales_director", "company"), ("manager", "area_manager", "area"), ("service", "customer_service", "area"),
        ("east_rep", "representative", "east"), ("west_rep", "representative", "west"),
        ("commerce", "commerce_manager", "company"),
    ):  # fmt: skip
        found[username] = hold(username, role, found[place])
    return found


def hold(username: str, role: str, place: Any) -> Any:
    someone = Person.unscoped.create(username=username, name=username)
    made, _new = Role.unscoped.get_or_create(code=role, defaults={"name": role, "name_en": role})
    position = Position.unscoped.create(
        code=username, title=username, role=made, territory=place, valid_from=date(2020, 1, 1)
    )
    Holding.unscoped.create(person=someone, position=position, valid_from=date(2020, 1, 1))
    return someone


def owed(**by: Any) -> list[tuple[Any, ...]]:
    rows = ServiceDuty.unscoped.filter(**by).order_by("window_from", "activity")
    return list(rows.values_list("activity", "owner__username", "window_from", "window_to", "tier"))


@pytest.mark.parametrize(
    ("name", "activity", "owner", "count"),
    [
        ("strategic", "executive_forum", "director", 5),
        ("strategic", "executive_visit", "director", 7),
        ("core", "core_visit", "manager", 27),
        ("potential", "feedback_visit", "east_rep", 53),
        ("ordinary", "touch", "service", 13),
    ],
)
def test_the_documents_cadences_per_tier_and_role(
    company: dict[str, Any], name: str, activity: str, owner: str, count: int
) -> None:
    """C1–C5 and M1 as S1 says them, from this month to the end of the same month next year."""
    customer = hospital(territory=company["east"])
    tier(customer, "four_tiers", name)
    services.duties_lay_out(**DO)
    rows = [row for row in owed() if row[0] == activity]
    assert {row[1] for row in rows} == {owner} and abs(len(rows) - count) <= 1
    assert all(before[3] == after[2] for before, after in pairwise(rows)), "windows leave a gap"


def test_the_same_again_changes_nothing(company: dict[str, Any]) -> None:
    tier(hospital(territory=company["east"]), "four_tiers", "potential")
    first = services.duties_lay_out(**DO)
    before = owed()
    again = services.duties_lay_out(**DO)
    assert first.made == len(before) > 50
    assert (again.made, again.changed, again.withdrawn, owed()) == (0, 0, 0, before)


def test_another_tier_changes_what_comes_and_not_what_began(company: dict[str, Any]) -> None:
    customer = hospital(territory=company["east"])
    tier(customer, "four_tiers", "potential")
    services.duties_lay_out(**DO)
    began = ServiceDuty.unscoped.get(window_from=TODAY)  # a Monday
    later = ServiceDuty.unscoped.get(window_from=TODAY + timedelta(days=14))
    planned = visit(institution=customer, owner=company["east_rep"], activity="feedback_visit", duty=later.pk, day=TODAY + timedelta(days=15))  # fmt: skip
    tier(customer, "four_tiers", "core")
    laid = services.duties_lay_out(**DO)
    assert laid.withdrawn > 50
    began.refresh_from_db(), later.refresh_from_db()
    assert (began.state, later.state) == ("open", "waived") and PlannedVisit.unscoped.get() == planned
    assert {row[0] for row in owed(state="open", window_from__gt=TODAY)} == {"core_visit"}


def test_duties_follow_whoever_holds_the_role(company: dict[str, Any]) -> None:
    customer = hospital(territory=company["east"])
    tier(customer, "four_tiers", "potential")
    services.duties_lay_out(**DO)
    Holding.unscoped.filter(person=company["east_rep"]).update(valid_to=TODAY)
    services.duties_lay_out(**DO)
    assert {row[1] for row in owed()} == {None}  # nobody holds the role there or above
    hold("new_rep", "representative", company["area"])
    assert services.duties_lay_out(**DO).changed > 50
    assert {row[1] for row in owed()} == {"new_rep"}


def test_what_is_about_sales_is_never_owed_by_the_filed(company: dict[str, Any]) -> None:
    for username in ("service", "commerce"):
        Filing.unscoped.create(
            person=company[username], number=username, product_scope="x", valid_from=date(2026, 1, 1)
        )
    customer = hospital(territory=company["east"])
    tier(customer, "four_tiers", "ordinary")
    tier(customer, "commercial_abc", "a")
    services.duties_lay_out(**DO)
    assert {(row[0], row[1]) for row in owed()} == {("touch", None), ("sales_report", None)}
    hold("second", "customer_service", company["company"])
    services.duties_lay_out(**DO)
    assert {row[1] for row in owed(activity="touch")} == {"second"}


def test_a_persons_duties_follow_to_a_new_workplace(company: dict[str, Any]) -> None:
    from yaomai.customers.models import Professional

    chen = doctor(institution=hospital(territory=company["east"]))
    tier(chen, "visit_classes", "key", field="professional")
    services.duties_lay_out(**DO)
    count = len(owed())
    other = hospital("乙医院", territory=company["west"])
    Professional.unscoped.filter(pk=chen.pk).update(institution=other)
    services.duties_lay_out(**DO)
    assert len(owed()) == count and {row[1] for row in owed()} == {"west_rep"}


def test_customers_without_tier_and_archived_ones_are_owed_nothing_later(company: dict[str, Any]) -> None:
    from yaomai.customers.services import institution_archive

    first, second = hospital("甲医院", territory=company["east"]), hospital("乙医院", territory=company["east"])
    for customer in (first, second):
        tier(customer, "four_tiers", "potential")
    services.duties_lay_out(**DO)
    TierAssignment.unscoped.filter(institution=first).update(valid_to=TODAY)
    institution_archive(**DO, pk=second.pk)
    services.duties_lay_out(**DO)
    assert owed(window_from__gt=TODAY) == [] and len(owed()) == 2


def test_overdue_for_too_long_counts_as_missed(company: dict[str, Any]) -> None:
    tier(hospital(territory=company["east"]), "four_tiers", "potential")
    services.duties_lay_out(**DO, since=TODAY - timedelta(days=28))
    past = ServiceDuty.unscoped.filter(window_to__lte=TODAY).count()
    assert past == 4
    assert services.duties_settle(**DO) == 2  # the last fortnight may still be reported late
    assert services.duties_settle(**DO) == 0
    assert ServiceDuty.unscoped.filter(state="missed", missed_reason="").count() == 2


def test_half_a_window_must_be_left_for_a_new_customer(company: dict[str, Any]) -> None:
    tier(hospital(territory=company["east"]), "four_tiers", "potential")
    services.duties_lay_out(actor=BOSS, now=NOW + timedelta(days=4))  # Friday
    assert min(row[2] for row in owed()) == TODAY + timedelta(days=7)


def test_sql_does_not_grow_with_customers(company: dict[str, Any], django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        tier(hospital(f"第{number}医院", territory=company["east"]), "four_tiers", "ordinary")
    with django_assert_max_num_queries(40):
        services.duties_lay_out(**DO)


def test_windows_are_counted_from_fixed_days() -> None:
    assert list(rules.windows(2, "month", since=date(2026, 11, 23), until=date(2027, 2, 1))) == [
        (date(2026, 11, 1), date(2027, 1, 1)), (date(2027, 1, 1), date(2027, 3, 1)),
    ]  # fmt: skip
    weeks = list(rules.windows(1, "week", since=date(2026, 11, 25), until=date(2026, 12, 8)))
    assert weeks == [
        (date(2026, 11, 23) + timedelta(days=7 * n), date(2026, 11, 30) + timedelta(days=7 * n)) for n in range(3)
    ]
    assert rules.nearest({"/1/": [5, 6], "/1/2/": [7]}, "/1/2/9/", 3) == 7
    assert rules.nearest({"/1/": [5, 6]}, "/1/2/9/", 3) == 6
    assert rules.nearest({}, "/1/2/", 3) is None and rules.nearest({"/1/": [5]}, "", 3) is None


def test_a_preview_counts_what_other_cadences_would_ask_for() -> None:
    """Of core customers 26 visits a year become 52; an archived customer asks for nothing."""
    from yaomai.kit.access import acting
    from yaomai.planning.policies import CadencePolicy
    from yaomai.planning.previews import cadence_preview

    for number in range(3):
        tier(hospital(f"第{number}医院"), "four_tiers", "core")
    gone = hospital("撤销医院")
    tier(gone, "four_tiers", "core")
    type(gone).unscoped.filter(pk=gone.pk).update(archived_at=NOW)
    now = CadencePolicy()
    weekly = tuple(
        each.model_copy(update={"every": 1}) if (each.scheme, each.tier) == ("four_tiers", "core") else each
        for each in now.cadences
    )
    with acting(BOSS):
        same = cadence_preview(now, BOSS)
        found = cadence_preview(now.model_copy(update={"cadences": weekly}), BOSS)
        fewer = cadence_preview(now.model_copy(update={"cadences": weekly[:2]}), BOSS)
    assert same.table is None and same.figures[0][1:] == ("78", "78")
    assert found.figures[0][1:] == ("78", "156") and found.figures[1][1:] == ("58", "117")
    assert found.table is not None and len(found.table.rows) == 1
    assert found.table.rows[0].cells[4:] == [3, 78, 156]
    assert fewer.figures[0][1:] == ("78", "0")
