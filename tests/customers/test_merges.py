from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from yaomai.customers import merging, services
from yaomai.customers.models import (
    Affiliation,
    Department,
    Institution,
    InstitutionDuplicate,
    InstitutionName,
    Professional,
    ProfessionalContact,
    ProfessionalDuplicate,
    ProfessionalFact,
)
from yaomai.customers.services.merges import MergedMeanwhile
from yaomai.kit.access import acting
from yaomai.kit.errors import Conflict, Invalid, Missing

from .conftest import NOW, TODAY, World

pytestmark = pytest.mark.django_db
Make = Callable[..., Any]
LATER = NOW + timedelta(hours=1)


@pytest.mark.parametrize("model", [Institution, Department, Professional])
def test_every_foreign_key_says_what_a_merge_does_with_it(model: Any) -> None:
    assert merging.undeclared(model) == []


def state() -> dict[str, Any]:
    """Everything that a merge may touch, as plain values."""
    return {
        "institutions": list(
            Institution.unscoped.order_by("pk").values_list(
                "pk",
                "name",
                "code",
                "beds",
                "parent_id",
                "archived_at",
                "merged_into_id",
                "territory_id",
                "completeness",
            )
        ),
        "names": list(InstitutionName.unscoped.order_by("pk").values_list("institution_id", "name", "kind")),
        "departments": list(Department.unscoped.order_by("pk").values_list("institution_id", "name")),
        "affiliations": list(
            Affiliation.unscoped.order_by("pk").values_list(
                "professional_id", "institution_id", "department_id", "is_primary", "valid_to"
            )
        ),
        "professionals": list(
            Professional.unscoped.order_by("pk").values_list(
                "pk", "name", "institution_id", "department_id", "territory_id", "archived_at", "merged_into_id"
            )
        ),
        "facts": list(
            ProfessionalFact.unscoped.order_by("pk").values_list("professional_id", "field", "superseded_at")
        ),
        "contacts": list(ProfessionalContact.unscoped.order_by("pk").values_list("professional_id", "masked")),
    }


@pytest.fixture
def pair(world: World, institution: Make, professional: Make) -> tuple[Any, Any]:
    """Two institutions with departments of one name, people, names, a branch."""
    kept = institution("南京市第一医院", territory=world.east, code="A", beds=100)
    gone = institution("南京一院（市一院分部医院）", territory=world.district, code="B", beds=120)
    institution("分院", parent=gone, territory=world.east)
    services.institution_name_add(actor=world.system, pk=kept.pk, name="宁一医院", now=NOW)
    services.institution_name_add(actor=world.system, pk=gone.pk, name="宁一 医院", now=NOW)
    for place in (kept, gone):
        department = services.department_create(actor=world.system, now=NOW, institution=place, name="心内科")
        professional(f"人{place.code}", institution=place, department=department)
    services.department_create(actor=world.system, now=NOW, institution=gone, name="肾内科")
    return kept, gone


def test_merging_institutions_moves_everything(world: World, pair: tuple[Any, Any]) -> None:
    kept, gone = pair
    services.institution_merge(actor=world.east_manager, winner=kept.pk, loser=gone.pk, now=LATER, take=["beds"])
    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (kept.beds, kept.code, kept.archived_at) == (120, "A", None)
    assert (gone.archived_at, gone.merged_into, gone.code) == (LATER, kept, "B")
    names = dict(InstitutionName.unscoped.filter(institution=kept).values_list("name", "kind"))
    assert names == {"宁一医院": "alias", "市一院分部医院": "alias", "南京一院": "merged"}
    assert sorted(Department.unscoped.filter(institution=kept).values_list("name", flat=True)) == ["心内科", "肾内科"]
    heart = Department.unscoped.get(institution=kept, name="心内科")
    assert set(Affiliation.unscoped.values_list("institution_id", "department_id")) == {(kept.pk, heart.pk)}
    assert set(Professional.unscoped.values_list("institution_id", "department_id", "territory_id")) == {
        (kept.pk, heart.pk, world.east.pk)
    }
    assert Institution.unscoped.get(name="分院").parent == kept


def test_undoing_a_merge_restores_everything(world: World, pair: tuple[Any, Any]) -> None:
    kept, gone = pair
    before = state()
    merge = services.institution_merge(
        actor=world.east_manager, winner=kept.pk, loser=gone.pk, now=LATER, take=["beds", "name", "code"]
    )
    assert Institution.unscoped.get(pk=kept.pk).code == "B"
    assert state() != before
    services.institution_unmerge(actor=world.east_manager, pk=merge.pk, now=LATER)
    assert state() == before
    with pytest.raises(Conflict):
        services.institution_unmerge(actor=world.east_manager, pk=merge.pk, now=LATER)


def test_what_changed_after_the_merge_is_kept_by_its_undoing(world: World, pair: tuple[Any, Any]) -> None:
    kept, gone = pair
    merge = services.institution_merge(
        actor=world.system, winner=kept.pk, loser=gone.pk, now=LATER, take=["beds", "name"]
    )
    services.institution_update(actor=world.system, pk=kept.pk, now=LATER, changes={"beds": 999})
    services.institution_unmerge(actor=world.system, pk=merge.pk, now=LATER)
    kept.refresh_from_db()
    assert (kept.beds, kept.name) == (999, "南京市第一医院")


def test_merges_are_undone_in_order(world: World, institution: Make) -> None:
    one, two, three = (institution(f"医院{number}") for number in range(3))
    first = services.institution_merge(actor=world.system, winner=two.pk, loser=one.pk, now=NOW)
    second = services.institution_merge(actor=world.system, winner=three.pk, loser=two.pk, now=NOW)
    with pytest.raises(MergedMeanwhile):
        services.institution_unmerge(actor=world.system, pk=first.pk, now=NOW)
    services.institution_unmerge(actor=world.system, pk=second.pk, now=NOW)
    services.institution_unmerge(actor=world.system, pk=first.pk, now=NOW)
    assert not Institution.unscoped.exclude(merged_into=None).exists()
    assert not InstitutionName.unscoped.exists()


def test_a_chain_merges_into_its_own_store(world: World, institution: Make) -> None:
    chain = institution("总店")
    store = institution("分店", parent=chain)
    merge = services.institution_merge(actor=world.system, winner=store.pk, loser=chain.pk, now=NOW)
    store.refresh_from_db()
    assert store.parent is None
    services.institution_unmerge(actor=world.system, pk=merge.pk, now=NOW)
    store.refresh_from_db()
    assert store.parent == chain


def test_merging_needs_both_in_reach(world: World, institution: Make) -> None:
    east, west = institution("东", territory=world.east), institution("西", territory=world.west)
    before = state()
    for actor in (world.east_manager, world.west_manager, world.reader):
        with pytest.raises(Missing):
            services.institution_merge(actor=actor, winner=east.pk, loser=west.pk, now=NOW)
    with pytest.raises(Invalid):
        services.institution_merge(actor=world.manager, winner=east.pk, loser=east.pk, now=NOW)
    with pytest.raises(Invalid):
        services.institution_merge(actor=world.manager, winner=east.pk, loser=west.pk, now=NOW, take=["territory"])
    assert state() == before


def test_merging_people_and_back(world: World, institution: Make, professional: Make) -> None:
    place, other = institution("医院", territory=world.east), institution("另一医院", territory=world.east)
    kept, gone = professional("王芳", institution=place), professional("王 芳", institution=other, specialty="心血管")
    for person, number in ((kept, "13812345678"), (gone, "13812345678"), (gone, "13912345678")):
        services.professional_contact_add(actor=world.system, pk=person.pk, kind="mobile", value=number, now=NOW)
    for person, style in ((kept, "open"), (gone, "result")):
        services.professional_fact_record(
            actor=world.system, pk=person.pk, field="style", value=style, source="拜访", now=NOW
        )
    services.professional_fact_record(
        actor=world.system, pk=gone.pk, field="leisure", value="读书", source="拜访", now=NOW
    )
    before = state()
    merge = services.professional_merge(
        actor=world.east_manager, winner=kept.pk, loser=gone.pk, now=LATER, take=["specialty"]
    )
    kept.refresh_from_db()
    assert (kept.specialty, kept.institution) == ("心血管", place)
    assert sorted(kept.contacts.model.unscoped.filter(professional=kept).values_list("masked", flat=True)) == [
        "138****5678", "139****5678",
    ]  # fmt: skip
    current = ProfessionalFact.unscoped.filter(professional=kept, superseded_at=None).values_list("field", "value")
    assert dict(current) == {"style": "open", "leisure": "读书"}
    rows = Affiliation.unscoped.filter(professional=kept).order_by("pk").values_list("institution_id", "is_primary")
    assert list(rows) == [(place.pk, True), (other.pk, False)]
    services.professional_unmerge(actor=world.east_manager, pk=merge.pk, now=LATER)
    assert state() == before


# Duplicates -------------------------------------------------------------------------------------------------------


def test_duplicates_are_proposed_with_reasons_and_rejections_remembered(world: World, institution: Make) -> None:
    from yaomai.catalog.models import Division

    city = Division.unscoped.create(
        code="3201",
        name="南京市",
        full_name="江苏省南京市",
        level="city",
        path="/32/3201/",
        created_at=NOW,
        updated_at=NOW,
    )
    first = institution("南京市第一医院", territory=world.east, division=city)
    second = institution("南京第一医院", territory=world.east, division=city)
    institution("南京市第二医院", territory=world.east, division=city)
    assert services.institution_duplicates_find(actor=world.east_manager, now=NOW) == 1
    proposal = InstitutionDuplicate.unscoped.get()
    assert (proposal.first, proposal.second, proposal.status) == (first, second, "open")
    assert {reason["code"] for reason in proposal.reasons} & {"same_name", "same_meaning"}
    assert services.institution_duplicates_find(actor=world.east_manager, now=NOW) == 0
    with pytest.raises(Missing):
        services.institution_duplicate_reject(actor=world.west_manager, pk=proposal.pk, now=NOW)
    services.institution_duplicate_reject(actor=world.east_manager, pk=proposal.pk, now=NOW)
    with pytest.raises(Conflict):
        services.institution_duplicate_reject(actor=world.east_manager, pk=proposal.pk, now=NOW)
    assert services.institution_duplicates_find(actor=world.east_manager, now=NOW) == 0
    assert InstitutionDuplicate.unscoped.get().status == "rejected"


def test_merging_decides_the_proposal_and_undoing_rejects_it(world: World, institution: Make) -> None:
    one, two, three = (institution(f"医院{number}") for number in range(3))
    for first, second in ((one, two), (two, three)):
        InstitutionDuplicate.unscoped.create(first=first, second=second, score=0.9, created_at=NOW)
    merge = services.institution_merge(actor=world.system, winner=one.pk, loser=two.pk, now=NOW)
    assert list(InstitutionDuplicate.unscoped.values_list("status", flat=True)) == ["merged"]
    services.institution_unmerge(actor=world.system, pk=merge.pk, now=NOW)
    assert list(InstitutionDuplicate.unscoped.values_list("status", flat=True)) == ["rejected"]


def test_outdated_proposals_disappear(world: World, institution: Make) -> None:
    one, two = institution("甲医院"), institution("完全不同的诊所")
    InstitutionDuplicate.unscoped.create(first=one, second=two, score=0.9, created_at=NOW)
    services.institution_duplicates_find(actor=world.manager, now=NOW)
    assert not InstitutionDuplicate.unscoped.exists()


def test_people_with_one_number_are_proposed(world: World, institution: Make, professional: Make) -> None:
    place = institution("医院", territory=world.east)
    people = [professional(name, institution=place) for name in ("欧阳静", "欧阳静", "李雷")]
    for person in people[:2]:
        services.professional_contact_add(actor=world.system, pk=person.pk, kind="mobile", value="13812345678", now=NOW)
    assert services.professional_duplicates_find(actor=world.east_manager, now=NOW) == 1
    proposal = ProfessionalDuplicate.unscoped.get()
    assert [proposal.first, proposal.second] == people[:2]
    with acting(world.west_manager):
        assert not ProfessionalDuplicate.objects.exists()


def test_a_territory_bound_merge_of_a_day_before_leaves_dates_alone(world: World, pair: tuple[Any, Any]) -> None:
    kept, gone = pair
    services.institution_merge(actor=world.system, winner=kept.pk, loser=gone.pk, now=LATER)
    assert Affiliation.unscoped.filter(valid_from=TODAY).count() == 2
