"""The kinds of act that need a filing (MR1, MR2, X9, M3): later rooms ask the gate for them by name.

    verdict = gate.check("visit", {"person": 7, "institution": 3, "department": None, "professional": 12, …}, actor, on)

What a room cannot tell is None: a rule that compares with something unknown does not strike, one that asks whether it
is missing does.
"""

from yaomai.compliance.vocabulary import FORESEEN, register_kind

OF_REPRESENTATIVES = ("person", "institution", "department", "filing_valid", "product_in_scope", "exam", "off_label",
                      "tied_to_use")  # fmt: skip
AT_INSTITUTIONS = ("consent_on_file", "consent_days_left", "reception_named")


def register() -> None:
    """Register what representatives do."""
    visit = ("professional", *OF_REPRESENTATIVES, *AT_INSTITUTIONS)
    register_kind("visit", label=FORESEEN["visit"], facts=visit)
    meeting = (*OF_REPRESENTATIVES, *AT_INSTITUTIONS, "purpose_stated", "has_event", "agenda_on_file")
    register_kind("meeting", label=FORESEEN["meeting"], facts=meeting)
    register_kind("information", label=FORESEEN["information"], facts=("professional", *OF_REPRESENTATIVES))
