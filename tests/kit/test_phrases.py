"""Sentences that are kept now and read later."""

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from yaomai.kit.phrases import phrase, rendered


def test_a_part_of_a_sentence_is_read_in_the_language_of_the_reader_too() -> None:
    with translation.override("en"):
        kept = phrase(_("Reading %(dataset)s"), dataset=phrase(_("Sales flow")))
    with translation.override("zh-hans"):
        assert rendered(kept) == "正在读取 流向"
    with translation.override("en"):
        assert rendered(kept) == "Reading Sales flow"
