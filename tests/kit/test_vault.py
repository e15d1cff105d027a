import random
from contextlib import suppress

import pytest

from yaomai.kit import vault


def test_a_value_is_sealed_anew_each_time_and_opens_to_the_same() -> None:
    first, second = vault.encrypt("13812345678"), vault.encrypt("13812345678")
    assert first != second
    assert "13812345678" not in first + second
    assert vault.decrypt(first) == vault.decrypt(second) == "13812345678"


def test_every_altered_character_is_noticed() -> None:
    """R12: nothing but the value itself ever comes out."""
    sealed, draw = vault.encrypt("zhang.wei@example.com"), random.Random(5)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=:!"
    for _ in range(500):
        place = draw.randrange(len(sealed))
        altered = sealed[:place] + draw.choice(alphabet.replace(sealed[place], "")) + sealed[place + 1 :]
        with suppress(vault.Unreadable):
            assert vault.decrypt(altered) == "zhang.wei@example.com"


@pytest.mark.parametrize("text", ["", "gone:", "gone:AAAA", "not sealed at all", ":::"])
def test_what_no_key_opens_is_unreadable(text: str) -> None:
    with pytest.raises(vault.Unreadable):
        vault.decrypt(text)


def test_equal_values_have_equal_indexes_however_they_are_written() -> None:
    assert vault.blind_index("138 1234 5678") == vault.blind_index("13812345678")
    assert vault.blind_index("A@example.com") == vault.blind_index("a@EXAMPLE.com")
    assert vault.blind_index("13812345678") != vault.blind_index("13812345679")
