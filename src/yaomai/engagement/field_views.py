"""The shell of the field app at /field/: a page without anybody's data, its service worker, its manifest.

The shell is open to everybody, for it must start without a network and without a session; what it shows comes from the
REST operations of the app, which ask who it is.
"""

import hashlib
import json
from collections.abc import Mapping

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

MODULES = (
    "main.js",
    "store.js",
    "queue.js",
    "report.js",
    "adverse.js",
    "coach.js",
    "learn.js",
    "draft.js",
    "photo.js",
    "dom.js",
    "texts.js",
)
FILES = (*(f"field/{name}" for name in MODULES), "field/field.css", "field/icon-192.png", "field/icon-512.png")
TEXTS: Mapping[str, object] = {
    "about": pgettext_lazy("visit", "About"),
    "achieved": gettext_lazy("Reached"),
    "add_photo": gettext_lazy("Add a photo"),
    "adverse": gettext_lazy("Report an adverse event"),
    "adverse_clock": gettext_lazy("Report it as soon as you hear of it: the clock has begun. Leave out who the patient is."),
    "adverse_hint": gettext_lazy("Signs, when, how it went on. No name, no number of a record."),
    "again": gettext_lazy("Try again"),
    "age": gettext_lazy("Patient"),
    "age_adult": gettext_lazy("18 to 64"),
    "age_child": gettext_lazy("Under 18"),
    "age_old": gettext_lazy("65 and older"),
    "agree": gettext_lazy("I agree"),
    "answer": pgettext_lazy("archive", "Answer"),
    "ask": gettext_lazy("Ask, to complete the archive"),
    "asks": gettext_lazy("%(count)s need an answer"),
    "attendees": gettext_lazy("Came along"),
    "began": gettext_lazy("Began"),
    "cancel": gettext_lazy("Cancel"),
    "change": gettext_lazy("Change"),
    "changed": gettext_lazy("Since the last visit"),
    "check_in": gettext_lazy("Check in here"),
    "checked_in": gettext_lazy("Checked in, to %(metres)s metres"),
    "choose_contact": gettext_lazy("Choose whom you met; the institution follows."),
    "coach_closing": gettext_lazy("Closing effectively"),
    "coach_concerns": gettext_lazy("Handling concerns"),
    "coach_listening": gettext_lazy("Exploring and listening"),
    "coach_text": gettext_lazy("What went well, what to try"),
    "coaching": gettext_lazy("Coaching note"),
    "consent": gettext_lazy("Check-in at visits"),
    "content": pgettext_lazy("visit", "What was said"),
    "content_hint": gettext_lazy("Speak or type: questions, opinions, what was agreed. No names of patients, no counts of prescriptions."),
    "cover_faces": gettext_lazy("Stroke over faces to cover them; it cannot be undone."),
    "customers": gettext_lazy("Customers"),
    "done": gettext_lazy("Done"),
    "drop": gettext_lazy("Drop"),
    "drop_photos_question": gettext_lazy("Drop these photos? The report itself has arrived."),
    "drop_question": gettext_lazy("Drop this report? It has not been sent."),
    "find": gettext_lazy("Find"),
    "first_contact": gettext_lazy("This is the first contact."),
    "draft_kept": gettext_lazy("Kept on this phone as a draft"),
    "first_network": gettext_lazy("The first time takes a network; from then on it works without."),
    "in_wechat": gettext_lazy("WeChat keeps this only while the page is open: open it in Safari and add it to the home screen"),
    "join": gettext_lazy("We were there together"),
    "kept_sealed": gettext_lazy("What is kept on this phone is encrypted. When you sign out it is deleted."),
    "lacks": gettext_lazy("Still missing: %(what)s"),
    "last_notes": gettext_lazy("Last notes"),
    "last_sync": gettext_lazy("Last synced %(when)s"),
    "loading": gettext_lazy("Loading …"),
    "mark_done": gettext_lazy("Done: %(text)s"),
    "material": gettext_lazy("Material that may be shown today"),
    "material_shown": gettext_lazy("Material shown"),
    "me": gettext_lazy("Me"),
    "met": gettext_lazy("Met"),
    "more": gettext_lazy("More, if you like"),
    "next_step": gettext_lazy("Next step"),
    "no_brief": gettext_lazy("No brief was taken along for this person. It comes when something is planned or promised."),
    "no_location": gettext_lazy("The phone gives no location. The report counts all the same."),
    "no_material": gettext_lazy("No material is approved at the moment."),
    "no_picture": gettext_lazy("This is no picture that the phone can read."),
    "no_route": pgettext_lazy("visit", "Nothing is planned."),
    "nobody": gettext_lazy("Nobody found."),
    "none_yet": gettext_lazy("None yet."),
    "not_academic": gettext_lazy("A visit of this kind names no product and shows no material."),
    "not_again": gettext_lazy("Like last time: bring something new (D15)."),
    "not_here": gettext_lazy("This customer is not on this phone."),
    "nothing_waits": gettext_lazy("Everything has been sent."),
    "objective": gettext_lazy("Objective"),
    "offline": gettext_lazy("No network"),
    "old_server": gettext_lazy("The server is older than this app"),
    "out_of_scope": gettext_lazy("Outside your filing"),
    "photo": gettext_lazy("Photo"),
    "photos_count": gettext_lazy("%(count)s photos"),
    "place": pgettext_lazy("visit", "Place"),
    "problem": gettext_lazy("Not sent: %(what)s"),
    "product": gettext_lazy("Product"),
    "products": gettext_lazy("Products spoken of"),
    "promised": gettext_lazy("Promised, still open"),
    "recent": gettext_lazy("Reported lately"),
    "refused_today": gettext_lazy("No academic visit today"),
    "remove": gettext_lazy("Remove %(name)s"),
    "report": gettext_lazy("Report a visit"),
    "report_now": gettext_lazy("Report now"),
    "rescue": gettext_lazy("Save a rescue file"),
    "result": gettext_lazy("Result"),
    "save": gettext_lazy("Save and send"),
    "search_customers": gettext_lazy("Name or institution"),
    "send_now": gettext_lazy("Send now"),
    "sending": gettext_lazy("Sending …"),
    "sent": gettext_lazy("Sent"),
    "separate": gettext_lazy("It was another visit"),
    "severity": gettext_lazy("Severity"),
    "severity_death": gettext_lazy("Death"),
    "severity_other": gettext_lazy("Not serious"),
    "severity_serious": gettext_lazy("Serious"),
    "severity_unknown": gettext_lazy("Not known yet"),
    "shown_last": gettext_lazy("shown last time"),
    "sign_in": gettext_lazy("Sign in"),
    "sign_in_first": gettext_lazy("Sign in once with a network; from then on the app works without."),
    "sign_out": gettext_lazy("Sign out and delete"),
    "sign_out_loses": gettext_lazy("%(count)s reports have not been sent and would be lost. Save a rescue file first. Sign out all the same?"),
    "sign_out_question": gettext_lazy("Sign out and delete everything on this phone?"),
    "signed_out": gettext_lazy("Signed out: sign in again and %(count)s reports are sent"),
    "stage": gettext_lazy("Stage of communication"),
    "start": gettext_lazy("Begin the visit"),
    "status_conflict": gettext_lazy("needs an answer"),
    "status_done": gettext_lazy("arrived"),
    "status_invalid": gettext_lazy("to be completed"),
    "status_known": gettext_lazy("arrived before"),
    "status_photo": gettext_lazy("a photo was not taken"),
    "status_refused": gettext_lazy("refused by a rule"),
    "step": gettext_lazy("Next step"),
    "step_hint": gettext_lazy("What was promised, to be done before the next visit."),
    "steps": gettext_lazy("Promised, still open"),
    "storage_full": gettext_lazy("The phone's storage is full. Free some space; what is written stays on the screen."),
    "this_phone": gettext_lazy("This phone"),
    "to_coach": gettext_lazy("Coaching notes to write"),
    "today": gettext_lazy("Today"),
    "topic": pgettext_lazy("visit", "Topic"),
    "use_photo": gettext_lazy("Use this photo"),
    "visit": gettext_lazy("Visit"),
    "waiting": gettext_lazy("Waits to be sent"),
    "waits": gettext_lazy("waits"),
    "waits_count": gettext_lazy("%(count)s wait to be sent"),
    "waits_long": gettext_lazy("%(count)s have waited for more than a day: find a network, or save a rescue file"),
    "what": pgettext_lazy("visit", "What happened"),
    "whole_site": gettext_lazy("Open all of Yaomai"),
    "why": gettext_lazy("Why now"),
    "withdraw": gettext_lazy("Withdraw"),
}  # fmt: skip
"""Every word of the app, in the reader's language; the shell carries them, so that they are there without a network."""


@login_not_required
@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    """Show the app's empty page."""
    return render(request, "engagement/field.html", {"texts": {name: str(text) for name, text in TEXTS.items()}})


@login_not_required
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """Answer with the service worker: what it keeps, under a name that changes with any of it."""
    urls = ["/field/", *(static(name) for name in FILES)]
    version = hashlib.sha256(json.dumps([*urls, *map(str, TEXTS.values()), get_language()]).encode()).hexdigest()[:12]
    context = {"version": version, "urls": json.dumps(urls)}
    return render(request, "engagement/field_worker.js", context, content_type="text/javascript")


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Describe the app to the phone that installs it."""
    icons = [
        {"src": static(f"field/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"} for size in (192, 512)
    ]
    said = {
        "id": "/field/", "name": _("Yaomai in the field"), "short_name": _("Yaomai"), "start_url": "/field/", "scope": "/field/",
        "display": "standalone", "background_color": "#f5f7f7", "theme_color": "#0b6e6e", "lang": get_language() or "zh-Hans", "icons": icons,
    }  # fmt: skip
    return HttpResponse(json.dumps(said, ensure_ascii=False), content_type="application/manifest+json")
