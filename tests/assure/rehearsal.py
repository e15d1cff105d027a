"""What must have happened in the demo company before every screen has something to show.

Done as people do it: forms and files over HTTP.
"""

import json
import re
import time
import uuid
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.totp.internal import auth as totp

from .client import Session
from .installation import Installation
from .tour import PASSWORD, Stop

FORM = "application/x-www-form-urlencoded"
BROKEN = "机构名称,机构类型,医院等级,床位数\n第九医院,医院,三甲,1200\n,医院,二甲,300\n第八医院,医院,四甲,很多\n"
UNKNOWN = "甲,乙,丙\n1,2,3\n"
PATIENCE = 240.0
"""Seconds for a run of all tiers, which takes four on a quiet machine."""


class Actor:
    """One person who fills in forms; without a user name somebody at the door."""

    def __init__(self, port: int, username: str) -> None:
        self.session = Session(port)
        if username:
            self.session.sign_in(username, PASSWORD)
        else:
            self.get("/accounts/login/")

    def get(self, path: str) -> str:
        status, content = self.session.request("GET", path)
        assert status == 200, (path, status)
        return content.decode()

    def send(self, path: str, *, expected: int = 302, **fields: object) -> str:
        """Send a form; return where it leads to, or the page."""
        body = urlencode({"csrfmiddlewaretoken": self.session.cookies["csrftoken"], **fields}, doseq=True).encode()
        status, content = self.session.request("POST", path, body, {"Content-Type": FORM})
        assert status == expected, (path, status, _errors(content.decode(errors="replace")))
        return self.session.headers["Location"] if status == 302 else content.decode()

    def upload(self, path: str, name: str, text: str) -> str:
        """Send a file in a form; return where it leads to."""
        mark = uuid.uuid4().hex
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n'
            f"{self.session.cookies['csrftoken']}\r\n",
            f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f"Content-Type: text/csv\r\n\r\n{text}\r\n--{mark}--\r\n",
        ]
        kind = {"Content-Type": f"multipart/form-data; boundary={mark}"}
        status, content = self.session.request("POST", path, "".join(parts).encode(), kind)
        assert status == 302, (path, status, _errors(content.decode(errors="replace")))
        return self.session.headers["Location"]

    def get_json(self, path: str) -> dict[str, Any]:
        return dict(json.loads(self.get(path)))

    def post_json(self, path: str, **values: object) -> dict[str, object]:
        status, content = self.session.post(path, values)
        assert status in {200, 201}, (path, status, content[:400])
        return dict(json.loads(content))


def _errors(page: str) -> list[str]:
    """Return what a refused form says."""
    found = re.findall(r'<div class="(?:ym-errors|ym-banner ym-banner-bad)[^>]*>(.*?)</div>', page, re.DOTALL)
    return [" ".join(re.sub("<[^>]+>", " ", text).split()) for text in found]


def first(pattern: str, page: str) -> str:
    found = re.search(pattern, page, re.DOTALL)
    assert found is not None, f"nothing like {pattern}"
    return found[1]


def rehearse(port: int) -> tuple[list[Stop], Actor]:
    """Bring the company into all states; return what no link leads to, and who is signed in with a second factor."""
    director, system, security, medical = (
        Actor(port, name) for name in ("director", "sysadmin", "secadmin", "medical")
    )
    legal, account = _second_factor(port)
    stops = [
        Stop("account_login", "/accounts/login/", ""),
        Stop("account_logout", "/accounts/logout/", "director"),
        Stop("ui:palette", "/palette?q=jc", "director"),
        Stop("segmentation:run", _run_in_force(director), "director"),
        Stop("segmentation:roll_back", f"{_run_in_force(director)}roll-back", "director"),
        *account,
        *_customers(director),
    ]
    _imports(director)
    _figures(director)
    _population(medical)
    _emergency(security, system)
    _tiers(director)
    return stops, legal


def _run_in_force(director: Actor) -> str:
    return first(r'href="(/segmentation/runs/\d+/)"', director.get("/segmentation/runs/"))


def _population(medical: Actor) -> None:
    """Estimate the patients of a department."""
    department, indication = (
        medical.get_json(f"/api/v1/{path}/")["items"][0]["id"]
        for path in ("customers/departments", "catalog/indications")
    )
    medical.post_json(
        "/api/v1/customers/patientpopulations/", department_id=department, indication_id=indication, patients=800,
        basis="published", source="年报", estimated_on="2026-02-01",
    )  # fmt: skip


def _emergency(security: Actor, system: Actor) -> None:
    """Give somebody emergency power."""
    person = security.get_json("/api/v1/organization/people/?q=area11")["items"][0]["id"]
    page = security.get("/organization/emergencies/new")
    role = first(r'<select[^>]*name="role".*?<option value="(\d+)"', page)
    security.send("/organization/emergencies/new", person=person, role=role, hours=2, reason="值班人员突发疾病")
    assert system.get("/")


def _imports(director: Actor) -> None:
    address = "/imports/new/customers.institution/"
    director.get(address)
    director.upload(address, "机构名单.csv", BROKEN)
    director.upload(address, "看不懂的表.csv", UNKNOWN)


def _customers(director: Actor) -> list[Stop]:
    """Add contact data, another name and a profile field, two customers that look like one, and merge two others."""
    page = director.get("/customers/institutions/")
    institution = first(r'href="(/customers/institutions/\d+/)"', page)
    doctor = first(r'href="(/customers/professionals/\d+/)"', director.get("/customers/professionals/"))
    director.send(f"{institution}contacts/new", kind="phone", value="021-55550000", source="官网")
    director.send(f"{doctor}contacts/new", kind="mobile", value="13800001111", source="名片")
    director.send(f"{institution}names/new", name="江城一院", kind="alias")
    director.send(f"{institution}profile/patient_groups/edit", value="老年慢病患者", source="访谈")
    made = [
        director.post_json(
            "/api/v1/customers/institutions/",
            name="江城市青松路门诊部",
            code=f"Z{number}",
            kind="clinic",
            status="active",
        )["id"]
        for number in (1, 2)
    ]
    director.send("/customers/duplicates/institution/find")
    return [
        Stop("customers:merge", f"/customers/institutions/{made[0]}/merge/{made[1]}/", "director"),
        Stop("customers:institution_detail", institution, "director"),
        Stop("customers:professional_detail", doctor, "director"),
    ]


def _figures(director: Actor) -> None:
    """Propose new figures for a scheme."""
    _status, content = director.session.request("GET", "/api/v1/policies/segmentation.four_tiers")
    document = json.loads(content)["document"]
    tiers = document["spec"]["tiers"]
    tiers[0]["share"], tiers[-1]["share"] = "0.12", "0.38"
    director.post_json(
        "/api/v1/policies/segmentation.four_tiers/versions/", document=document, reason="扩大战略客户范围"
    )
    director.send("/customers/institutions/views/save", query="kind=hospital", name="我的医院名单", is_shared="")


def _tiers(director: Actor) -> None:
    """Compute the tiers anew and wait for the run."""
    job = director.send("/segmentation/runs/request")
    ending = time.monotonic() + PATIENCE
    while time.monotonic() < ending:
        if "ym-progress-done" in director.get(job):
            return
        time.sleep(1)
    raise AssertionError(f"the run did not end: {job}")


def _second_factor(port: int) -> tuple[Actor, list[Stop]]:
    """Give one person an authenticator app; return them, and the pages behind it."""
    legal = confirmed(port, "legal")
    page = legal.get("/accounts/2fa/totp/activate/")
    secret = first(r'id="authenticator_secret"[^>]*value="([^"]+)"', page)
    code = totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))
    legal.send("/accounts/2fa/totp/activate/", code=code)
    pages = {
        "account_reauthenticate": "reauthenticate/",
        "mfa_reauthenticate": "2fa/reauthenticate/",
        "mfa_index": "2fa/",
        "mfa_deactivate_totp": "2fa/totp/deactivate/",
        "mfa_view_recovery_codes": "2fa/recovery-codes/",
        "mfa_generate_recovery_codes": "2fa/recovery-codes/generate/",
        "mfa_list_webauthn": "2fa/webauthn/",
        "mfa_add_webauthn": "2fa/webauthn/add/",
    }
    return legal, [Stop(name, f"/accounts/{path}", "legal") for name, path in pages.items()]


def with_a_key(installation: Installation) -> list[Stop]:
    """Give the same person a security key, which no test can touch; return the pages that are about it."""
    installation.psql(
        "INSERT INTO mfa_authenticator (type, data, created_at, user_id) SELECT 'webauthn',"
        """ '{"name": "办公室钥匙", "credential": {}}', now(), user_id FROM mfa_authenticator WHERE type = 'totp'"""
    )
    [[key]] = installation.psql("SELECT id FROM mfa_authenticator WHERE type = 'webauthn'")
    return [
        Stop(f"mfa_{act}_webauthn", f"/accounts/2fa/webauthn/keys/{key}/{act}/", "legal") for act in ("edit", "remove")
    ]


def at_the_second_step(port: int) -> Actor:
    """Return somebody who gave the password and is asked for the code."""
    actor = Actor(port, "")
    actor.send("/accounts/login/", login="legal", password=PASSWORD)
    return actor


def confirmed(port: int, username: str) -> Actor:
    """Return somebody who gave the password a second time just now, as changing the account takes."""
    actor = Actor(port, username)
    actor.get("/accounts/reauthenticate/")
    actor.send("/accounts/reauthenticate/", password=PASSWORD, next="/")
    return actor
