"""What to expect of customers, in words: methods, reasons, explanations, calibration, sums."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.engine.customer_base.reasons import Reason, said
from yaomai.insights.models import Level, Outlook
from yaomai.insights.outlook.policies import OutlookPolicy
from yaomai.kit.explain import CutOff, Explanation, Input, PolicyReference
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.runs.models import Run
from yaomai.kit.ui import formats
from yaomai.kit.ui.charts import Chart, Series

METHODS = {
    "bg_nbd": ("BG/NBD", gettext_lazy("orders at random; a customer may stop after any repeated order")),
    "mbg_nbd": ("MBG/NBD", gettext_lazy("the same, and a customer may stop after its first order too")),
    "mbg_cnbd_2": ("MBG/CNBD-2", gettext_lazy("orders come somewhat regularly; a customer may stop after any order")),
    "mbg_cnbd_3": ("MBG/CNBD-3", gettext_lazy("orders come regularly; a customer may stop after any order")),
    "own_rate": (gettext_lazy("Without a model"), gettext_lazy("each customer goes on at its own rate so far")),
    "gamma_gamma": ("Gamma-Gamma", gettext_lazy("the amount of an order is drawn towards the mean of all customers")),
    "log_normal": (
        gettext_lazy("Log-normal"),
        gettext_lazy("the same by orders of magnitude: small customers are not valued like large ones"),
    ),
}
TONES: dict[str, str] = {
    Level.CORE: "bad",
    Level.GENERAL: "warn",
    Level.OVERDUE: "warn",
    Level.RISK: "warn",
    Level.LOST: "muted",
}


def method_name(code: str) -> str:
    """Return how a method is called."""
    return str(METHODS[code][0]) if code in METHODS else code


def reason_texts(reasons: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the sentences of stored reasons."""
    return [said(Reason(each["code"], each["params"]), formats.language()) for each in reasons]


def both(text: Mapping[str, str]) -> str:
    """Return a text that is kept in both languages in that of the reader."""
    return text["zh" if formats.language().startswith("zh") else "en"]


def span(low: Any, high: Any, written: Any = formats.short_money) -> str:
    """Return an interval in words; "" where it is not known."""
    if low is None or high is None:
        return ""
    return f"{written(low)} – {written(high)}"


def days_span(row: Outlook, today: date) -> str:
    """Return between which days the next order should come."""
    if row.next_from is None or row.next_to is None:
        return ""
    return f"{formats.day(row.next_from, today=today)} – {formats.day(row.next_to, today=today)}"


def chance(value: float | None) -> str:
    """Return a chance in words; never 0 % or 100 %, which nobody can know."""
    if value is None:
        return "–"
    if value < 0.01:
        return _("below 1 %")
    if value > 0.99:
        return _("above 99 %")
    return formats.percent(value, 0)


def sentence(row: Outlook, days: int) -> str:
    """Return the outlook of a customer in one or two sentences."""
    if row.p_away is None:
        return _("There is too little sales flow for chances; silence and reasons are told all the same.")
    risk = _("Risk that it orders nothing within %(days)s days: %(risk)s.") % {"days": days, "risk": chance(row.p_away)}
    money = formats.short_money(row.purchases) if row.purchases is not None else ""
    between = span(row.purchases_low, row.purchases_high)
    if row.doubt:
        second = _("No money is told: %(doubt)s.") % {"doubt": row.get_doubt_display()}
    elif money and between:
        second = _("Purchases of the next year: about %(money)s, in four of five such cases %(span)s.") % {
            "money": money, "span": between
        }  # fmt: skip
    elif money:
        second = _("Purchases of the next year: about %(money)s.") % {"money": money}
    else:
        return risk
    return _("%(first)s %(second)s") % {"first": risk, "second": second}


def explained(row: Outlook, *, today: date) -> Explanation:
    """Return why a customer is expected to do what the run in force says."""
    policy, _version = policy_on(OutlookPolicy, on=row.run.as_of)
    result = row.run.result
    until = date.fromisoformat(result["until"])
    return Explanation(
        sentence=sentence(row, result["away_days"]),
        value=row.get_alert_display() or _("No alert"),
        inputs=tuple(_inputs(row, until)),
        cutoffs=tuple(_cutoffs(row, policy)),
        lift=(_("The next order ends the alert; it is measured by the next run."),) if row.alert else (),
        sources=tuple(reason_texts(row.reasons)),
        policy=PolicyReference(
            name=OutlookPolicy.name, label=str(OutlookPolicy.label), version=row.run.policies.get(OutlookPolicy.name),
            origin="S1", url=reverse("policies:policy_detail", args=[OutlookPolicy.name]),
        ),
        as_of=until,
        children=tuple(_methods(row, policy)),
    )  # fmt: skip


def _inputs(row: Outlook, until: date) -> list[Input]:
    flow = _("Sales flow")
    return [
        Input(label=_("Order days"), value=row.orders, source=flow, as_of=until),
        Input(label=_("First order"), value=row.first_on, source=flow),
        Input(label=_("Last order"), value=row.last_on, source=flow),
        Input(label=_("Days since the last order"), value=row.days_silent),
        Input(label=_("Usual interval (days)"), missing=row.usual_days is None,
              value=None if row.usual_days is None else Decimal(str(row.usual_days))),
        Input(label=_("Purchases in twelve months"), missing=row.past_year is None,
              value=None if row.past_year is None else formats.money(row.past_year), source=flow),
        Input(label=_("Year before"), missing=row.year_before is None,
              value=None if row.year_before is None else formats.money(row.year_before), source=flow),
    ]  # fmt: skip


def _cutoffs(row: Outlook, policy: OutlookPolicy) -> list[CutOff]:
    days = _("%(days)s days") % {"days": row.days_silent}
    return [
        CutOff(label=_("Core customer: %(months)s months without an order") % {"months": policy.core_alert_months},
               value=days, reached=row.alert == Level.CORE, current=row.alert == Level.CORE),
        CutOff(label=_("Any customer: %(months)s months without an order") % {"months": policy.alert_months},
               value=days, reached=row.alert in (Level.GENERAL, Level.LOST), current=row.alert == Level.GENERAL),
        CutOff(label=_("Silent for %(times)s times its usual interval, as only %(share)s of active ones are")
               % {"times": policy.silent_times, "share": formats.percent(policy.overdue_share, 0)},
               value=days, reached=row.alert in (Level.CORE, Level.GENERAL, Level.OVERDUE, Level.LOST), current=row.alert == Level.OVERDUE),
        CutOff(label=_("Risk of loss from %(risk)s") % {"risk": formats.percent(policy.risk, 0)},
               value=chance(row.p_away), reached=row.p_away is not None and row.p_away >= float(policy.risk),
               current=row.alert == Level.RISK),
    ]  # fmt: skip


def _methods(row: Outlook, policy: OutlookPolicy) -> list[Explanation]:
    """Return how the numbers were made."""
    result = row.run.result
    if "model" not in result:
        return []
    told = [
        Explanation(
            sentence=_("Orders and loss by %(method)s: %(words)s")
            % {"method": method_name(result["losing"]), "words": METHODS[result["losing"]][1]},
            inputs=(
                Input(label=_("Still active"), value=chance(row.p_active)),
                Input(label=_("Risk of loss"), value=chance(row.p_away)),
                Input(label=_("Orders of the next year"), missing=row.expected_orders is None,
                      value=None if row.expected_orders is None else f"{row.expected_orders:.1f}",
                      source=span(row.expected_orders_low, row.expected_orders_high, str)),
            ),
        )
    ]  # fmt: skip
    if "amounts" in result and row.value is not None:
        name = result["amounts"]["name"]
        told.append(
            Explanation(
                sentence=_("Amount of an order by %(method)s: %(words)s")
                % {"method": method_name(name), "words": METHODS[name][1]},
                inputs=(
                    Input(label=_("Lifetime value"), value=formats.money(row.value),
                          source=span(row.value_low, row.value_high)),
                    Input(label=_("Margin of purchases"), value=formats.percent(policy.margin, 0)),
                    Input(label=_("Discount per year"), value=formats.percent(policy.discount, 0)),
                    Input(label=_("Years of a lifetime value"), value=policy.years),
                    Input(label=_("Lifetime value a year ago"), missing=row.value_before is None,
                          value=None if row.value_before is None else formats.money(row.value_before)),
                ),
            )
        )  # fmt: skip
    return told


def calibration_chart(run: Run) -> Chart | None:
    """Return what was said of the days held out against what happened, by tenths of the chance; None without days."""
    holdout = run.result.get("holdout")
    if not holdout or not holdout["calibration"]:
        return None
    tenths = holdout["calibration"]
    whole = sum(each["customers"] for each in tenths)
    off = sum(each["customers"] * abs(each["said"] - each["happened"]) for each in tenths) / whole
    return Chart(
        "bar",
        _("Said and happened differ by %(points)s points on average") % {"points": f"{off * 100:.1f}"},
        [f"{each['lowest']:.0%}–{each['highest']:.0%}" for each in tenths],
        [
            Series(_("Risk that was said"), [each["said"] for each in tenths], tone="muted"),
            Series(_("Stayed away in fact"), [each["happened"] for each in tenths], tone="accent"),
        ],
        unit="percent",
        heading=_("Risk of loss"),
        note=_("%(count)s customers, %(begin)s – %(end)s, hidden from the methods.")
        % {"count": formats.grouped(whole), "begin": holdout["from"], "end": holdout["to"]},
    )


def calibration_rows(run: Run) -> list[dict[str, Any]]:
    """Return the same as a table, with how many customers it rests on and how certain the share is."""
    holdout = run.result.get("holdout") or {}
    return [
        {
            "span": f"{each['lowest']:.0%}–{each['highest']:.0%}",
            "customers": each["customers"],
            "said": formats.percent(each["said"], 0),
            "happened": formats.percent(each["happened"], 0),
            "between": f"{each['happened_low']:.0%} – {each['happened_high']:.0%}",
        }
        for each in holdout.get("calibration", ())
    ]


def method_rows(run: Run) -> list[dict[str, Any]]:
    """Return how every method did at the days held out, the best first."""
    holdout = run.result.get("holdout")
    if not holdout:
        return []
    rows = [*holdout["models"], holdout["without_model"]]
    used = {run.result.get("model"), run.result.get("losing")}
    return [
        {
            "name": method_name(each["model"]),
            "words": METHODS[each["model"]][1] if each["model"] in METHODS else "",
            "auc": None if each["auc"] is None else formats.percent(each["auc"], 1),
            "off": formats.percent(each["calibration_error"], 1),
            "log_loss": f"{each['log_loss']:.3f}",
            "mean_error": f"{each['mean_error']:.2f}",
            "coverage": None if each["coverage"] is None else formats.percent(each["coverage"], 0),
            "is_used": each["model"] in used,
            "is_proposed": each["model"] == holdout["proposed"],
        }
        for each in sorted(rows, key=lambda each: float(each["log_loss"]))
    ]


def method_finding(run: Run) -> str:
    """Return which method was right, in one sentence."""
    holdout = run.result.get("holdout")
    if not holdout:
        return _("There is too little sales flow to hide some of it from the methods: nothing was checked.")
    by_name = {each["model"]: each for each in holdout["models"]}
    best, naive = by_name[holdout["proposed"]], holdout["without_model"]
    better = 1 - best["mean_error"] / naive["mean_error"] if naive["mean_error"] else 0
    words = {
        "days": holdout["days"], "method": method_name(best["model"]), "share": formats.percent(abs(better), 0),
        "count": formats.grouped(holdout["orders"]), "said": formats.grouped(best["expected_orders"]),
    }  # fmt: skip
    if min(holdout["models"], key=lambda each: float(each["log_loss"]))["model"] != best["model"]:
        return (
            _(
                "Of %(days)s days that were hidden, no method was clearly better than %(method)s, so that it stays: %(share)s"
                " less wrong about orders than without a model; it said %(said)s orders, %(count)s came."
            )
            % words
        )
    if better > 0:
        return (
            _(
                "Of %(days)s days that were hidden, %(method)s was right best: %(share)s less wrong about orders than without"
                " a model; it said %(said)s orders, %(count)s came."
            )
            % words
        )
    return (
        _(
            "Of %(days)s days that were hidden, no method was better about orders than going on at the own rate;"
            " %(method)s is used for chances. It said %(said)s orders, %(count)s came."
        )
        % words
    )


def amount_rows(run: Run) -> list[dict[str, Any]]:
    """Return how far the models of amounts were off; Gamma-Gamma also where it could not be used."""
    holdout = run.result.get("holdout") or {}
    told = {each["model"]: each for each in holdout.get("amounts", ())}
    used = (run.result.get("amounts") or {}).get("name")
    return [
        {
            "name": method_name(name),
            "words": METHODS[name][1],
            "off": formats.percent(told[name]["off"] - 1, 0) if name in told else None,
            "total": formats.percent(told[name]["total"], 0) if name in told else None,
            "is_used": name == used,
        }
        for name in ("gamma_gamma", "log_normal")
        if told or used
    ]


@dataclass(frozen=True, slots=True)
class Sum:
    """Customers of a tier or territory in sums, and the value against a year ago."""

    label: str
    customers: int
    purchases: Decimal
    value: Decimal
    before: Decimal
    alerts: int
    url: str = ""

    @property
    def change(self) -> Decimal | None:
        return (self.value - self.before) / self.before if self.before > 0 else None

    def text(self) -> str:
        """Return the change in words."""
        if self.change is None:
            return _("unknown")
        direction = "+" if self.change >= 0 else "−"
        return f"{direction}{formats.percent(abs(self.change), 1)}"

    def reaches(self, goal: Decimal) -> bool:
        """Tell whether the goal is reached."""
        return self.change is not None and self.change >= goal
