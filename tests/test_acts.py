"""S7: every write service leaves exactly one entry, in the transaction of what it did; a refusal leaves one too.

A room gives an example of each of its services in `tests/<room>/acts_examples.py`:

    EXAMPLES = {"catalog.product:create": product_create}

    def product_create() -> Callable[[], object]:
        ...                                          # prepare, with whatever entries that leaves
        return lambda: services.product_create(actor=BOSS, …)      # the one call
"""

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation

import yaomai.server.urls  # noqa: F401 — with it every room's services are there
from yaomai.kit.access import Actor
from yaomai.kit.acts import acts
from yaomai.kit.audit.models import Entry
from yaomai.kit.audit.sentences import ELLIPSIS, Line
from yaomai.kit.errors import Missing

Example = Callable[[], Callable[[], object]]
NOBODY = Actor(person_id=None, label="nobody")
MACHINE = re.compile(r"%\(\w+\)s|\d{4}-\d\d-\d\dT|[{}\[\]]|msgid")
"""What no person reads: placeholders, moments as a machine writes them, structures."""


def examples() -> dict[str, Example]:
    """Collect the examples of all rooms."""
    found: dict[str, Example] = {}
    for path in sorted(Path(__file__).parent.glob("*/acts_examples.py")):
        spec = importlib.util.spec_from_file_location(f"acts_examples_{path.parent.name}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found |= module.EXAMPLES
    return found


GIVEN = examples()


def test_every_service_has_an_example() -> None:
    assert sorted(set(acts()) - set(GIVEN)) == [], "add them to tests/<room>/acts_examples.py"
    assert sorted(set(GIVEN) - set(acts())) == [], "there are no such services"


class Fault(Exception):
    """Something breaks after the service, before the commit."""


@pytest.mark.django_db
@pytest.mark.parametrize("code", sorted(GIVEN))
def test_one_entry_with_the_act_in_a_sentence_of_both_languages_and_none_without_it(code: str) -> None:
    call = GIVEN[code]()
    before = Entry.unscoped.count()
    with pytest.raises(Fault), transaction.atomic():  # noqa: PT012, the fault comes after the service
        call()
        assert Entry.unscoped.count() == before + 1
        raise Fault
    assert Entry.unscoped.count() == before
    call()
    (entry,) = Entry.unscoped.order_by("-pk")[: Entry.unscoped.count() - before]
    assert (entry.code, entry.outcome) == (code, Entry.Outcome.DONE)
    require_sentences(entry)


def require_sentences(entry: Entry) -> None:
    """Fail unless the entry reads as a sentence in both languages."""
    line = Line(entry)
    sentences = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            sentences.append(line.sentence)
    for sentence in sentences:
        assert ELLIPSIS not in sentence, sentence
        assert not MACHINE.search(sentence), sentence
    assert sentences[0] != sentences[1]


@pytest.mark.django_db
@pytest.mark.parametrize("code", sorted(GIVEN))
def test_a_refusal_leaves_one_entry_and_changes_nothing(code: str) -> None:
    act = acts()[code]
    if not act.right:
        pytest.skip("needs no right")
    before = Entry.unscoped.count()
    arguments: dict[str, Any] = {}
    with pytest.raises(Missing):
        act.service(actor=NOBODY, **arguments)
    (entry,) = Entry.unscoped.order_by("-pk")[: Entry.unscoped.count() - before]
    assert (entry.code, entry.outcome) == (code, Entry.Outcome.REFUSED)
