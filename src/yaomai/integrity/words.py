"""What detectors are called, what each says, and what would explain it innocently."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DETECTORS: dict[str, Promise] = {
    "same_invoice": _("One invoice, several lines"),
    "same_content": _("The same thing twice"),
    "split": _("Split to stay below the limit"),
    "round_amounts": _("Round amounts"),
    "off_days": _("Meals on days off"),
    "night_entries": _("Entered at night"),
    "impossible_days": _("Too many places on one day"),
    "unusual_pairs": _("Much for one recipient"),
    "spend_against_value": _("More spent than purchases explain"),
    "ring": _("Invoices in a row of several people"),
}

SENTENCES: dict[str, Promise] = {
    "same_invoice": _("One invoice proves %(measure)s lines"),
    "same_content": _("The same day, recipient, form and amount %(measure)s times, each with another invoice"),
    "split": _("Parts within days for one recipient, %(measure)s yuan in all, each below %(expected)s yuan"),
    "round_amounts": _("%(measure)s of the amounts are round; %(expected)s is usual in the company"),
    "off_days": _("%(measure)s of the meals are on days off; %(expected)s is usual in the company"),
    "night_entries": _("%(measure)s of the lines were entered at night; %(expected)s is usual in the company"),
    "impossible_days": _("%(measure)s on one day; %(expected)s are too many"),
    "unusual_pairs": _("%(measure)s of the spending goes to one recipient; %(expected)s is the average"),
    "spend_against_value": _("%(measure)s yuan were spent there; purchases would explain %(expected)s yuan"),
    "ring": _("Invoices of these people follow one another %(measure)s times"),
}

INNOCENT: dict[str, Promise] = {
    "same_invoice": _("A shared bill that is claimed in parts, with the parts stated."),
    "same_content": _("Two colleagues brought the same book on the same day."),
    "split": _("Several real events in one week, each with its list of participants."),
    "round_amounts": _("Services with agreed round fees, such as lectures."),
    "off_days": _("Congresses at weekends, with agenda and registration."),
    "night_entries": _("Somebody who writes reports in the evening."),
    "impossible_days": _("A journey through several cities, with tickets."),
    "unusual_pairs": _("A new patch with one large hospital."),
    "spend_against_value": _("Work for guidelines or studies, which has nothing to do with purchases."),
    "ring": _("A group at one restaurant that paid one after the other."),
}

AS_SHARE = frozenset({"round_amounts", "off_days", "night_entries", "unusual_pairs"})
AS_MONEY = frozenset({"split", "spend_against_value"})

CRISES: dict[str, Promise] = {
    "inquiry": _("Inquiry by an authority"),
    "media": _("Exposure in the media"),
    "complaint": _("Complaint of a customer"),
    "safety": _("Harm to patients"),
    "data": _("Leak of personal data"),
}

CONTRACTS: dict[str, Promise] = {
    "service": _("Third-party services"),
    "cooperation": _("Project with a hospital"),
    "sponsorship": _("Academic sponsorship"),
    "rebate": _("Discount or rebate"),
    "referral": _("Referral reward"),
    "support": _("Professional support"),
    "other": _("Another contract"),
}

HIGH_RISK = ("service", "cooperation")
"""Scenes in which benefits are passed on (K8, H22): they take more approvals, and every check."""

CHECKS: dict[str, Promise] = {
    "fair_price": _("The price is that of the market, with quotations"),
    "deliverables": _("What is delivered can be seen and proved"),
    "unrelated": _("Owners and managers are neither customers nor their relatives"),
    "not_tied": _("It has nothing to do with prescribing or purchasing"),
    "own_account": _("It is paid to the account of the party that delivers"),
}

CLAUSES: dict[str, Promise] = {
    "bribery": _("A clause against bribery"),
    "privacy": _("A clause on personal data"),
    "audit": _("A right to audit"),
    "payment": _("Payment by bank transfer to the party's own account"),
    "delivery": _("What is delivered and how it is accepted"),
    "end": _("How the contract ends"),
    "open": _("That the sponsorship is booked and stated openly"),
    "independent": _("That the sponsor has no say in content and speakers"),
}
