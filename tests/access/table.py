"""The table: every address and every API operation, the right it takes, and on which object.

A row says, for each verb that the address answers, which right it takes; a verb that is not named answers 405.

    Row("organization:tree", get="organization.territory:view")
    Row("organization:holding_end", sample="holding", get=EDIT, post=EDIT)

`sample` names the object of the world that fills the address. A person holds a right on an object when a position of
theirs grants it and reaches the object's place. Besides rights there are:

PUBLIC   anybody, signed in or not          SIGNED   whoever is signed in
CLOSED   nobody: pages of django-allauth that Yaomai does not offer
ACCOUNT  whoever is signed in, on their own account; django-allauth decides what is possible now
OWN      the object's owner, or whoever holds the right behind it everywhere: OWN + "jobs.job:view"

`tests/access/test_table.py` fails when an address or an operation has no row here, or a row has no address.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PUBLIC, SIGNED, ACCOUNT, CLOSED, OWN = "public", "signed in", "account", "closed", "own:"
VERBS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Row:
    """One address with its verbs."""

    name: str
    """Name of the address, or for an operation of the API its path below /api/v1/."""
    sample: str = ""
    get: str = ""
    post: str = ""
    put: str = ""
    patch: str = ""
    delete: str = ""
    keys: Mapping[str, Any] = field(default_factory=dict)
    """What fills the address besides the sample."""
    body: Mapping[str, Any] = field(default_factory=dict)
    """What a write sends, so that whoever may write gets beyond the right: "@institution.near" is that object's id,
    "@file" a file."""

    def right(self, verb: str) -> str:
        """Return what a verb takes, "" when the address does not answer it."""
        right: str = getattr(self, verb)
        return right


@dataclass(frozen=True, slots=True)
class Surface:
    """All addresses of one surface: `screens` are their names, `api` the verbs of its two REST addresses."""

    entity: str
    room: str
    path: str
    sample: str
    screens: str
    api: str
    new: Mapping[str, Any] = field(default_factory=dict)
    """What the operation that creates a row is sent."""
    is_own: bool = False
    """A row is its owner's, or seen by whoever holds the right everywhere."""
    rights: str = ""
    """The entity whose rights hold, where it is another."""

    def right(self, verb: str) -> str:
        """Return what a verb takes."""
        return f"{self.rights or self.entity}:{verb}"


# Screens of a surface: (name, verbs that answer, verb of the right, on the object or the whole list).
SCREENS: dict[str, tuple[tuple[str, ...], str, bool]] = {
    "list": (("get",), "view", False),
    "options": (("get",), "view", False),
    "export": (("get",), "export", False),
    "view_save": (("get", "post"), "view", False),
    "view_delete": (("post",), "", False),
    "bulk": (("post",), "edit", False),
    "new": (("get", "post"), "create", False),
    "detail": (("get",), "view", True),
    "edit": (("get", "post"), "edit", True),
    "archive": (("post",), "archive", True),
}
EVERY_SCREEN = " ".join(SCREENS)
READ_ONLY = "list options export view_save view_delete"
EVERY_VERB = "list create get update archive"

SURFACES: tuple[Surface, ...] = (
    Surface("organization.person", "organization", "people", "person", EVERY_SCREEN, EVERY_VERB,
            new={"name": "新人", "username": "new.person"}),
    Surface("organization.territory", "organization", "territories", "territory", f"{READ_ONLY} new detail",
            "list create get",
            new={"name": "新片", "code": "NEW", "level": "district",
                 "parent_id": "@territory.near", "valid_from": "2026-01-01"}),
    Surface("organization.position", "organization", "positions", "position", f"{READ_ONLY} bulk new detail edit",
            "list create get update",
            new={"title": "新岗", "code": "NEW", "role_id": "@role.company",
                 "territory_id": "@territory.near", "valid_from": "2026-01-01"}),
    Surface("organization.filing", "organization", "filings", "filing", f"{READ_ONLY} bulk new detail edit",
            "list create get update",
            new={"person_id": "@person.company", "number": "备9", "product_scope": "心血管", "valid_from": "2026-01-01"}),
    Surface("organization.emergency", "organization", "emergencies", "emergency", f"{READ_ONLY} new detail",
            "list create get",
            new={"person_id": "@person.company", "role_id": "@duty.company", "hours": 2, "reason": "突发疾病"}),
    Surface("catalog.product", "catalog", "products", "product", EVERY_SCREEN, EVERY_VERB,
            new={"generic_name": "新药片", "indications": [], "departments": []}),
    Surface("catalog.productline", "catalog", "productlines", "productline", EVERY_SCREEN, EVERY_VERB,
            new={"code": "NEW", "name": "新线"}),
    Surface("catalog.indication", "catalog", "indications", "indication", EVERY_SCREEN, EVERY_VERB,
            new={"name": "新症"}),
    Surface("catalog.standarddepartment", "catalog", "standarddepartments", "standarddepartment", EVERY_SCREEN,
            EVERY_VERB,
            new={"code": "NEW", "name": "新科"}),
    Surface("catalog.division", "catalog", "divisions", "division", EVERY_SCREEN, EVERY_VERB,
            new={"code": "910102", "name": "新区", "level": "district", "parent_id": "@division.company"}),
    Surface("customers.institution", "customers", "institutions", "institution", EVERY_SCREEN, EVERY_VERB,
            new={"name": "新立医院", "territory_id": "@territory.near"}),
    Surface("customers.professional", "customers", "professionals", "professional", EVERY_SCREEN, EVERY_VERB,
            new={"name": "新大夫", "institution_id": "@institution.near"}),
    Surface("customers.department", "customers", "departments", "department", EVERY_SCREEN, EVERY_VERB,
            new={"institution_id": "@institution.near", "name": "新设科"}),
    Surface("customers.patientpopulation", "customers", "patientpopulations", "patientpopulation", EVERY_SCREEN,
            EVERY_VERB,
            new={"department_id": "@department.near", "indication_id": "@indication.company", "patients": 800,
                 "basis": "published", "source": "年报", "estimated_on": "2026-02-01"}),
    Surface("materials.material", "materials", "materials", "material", EVERY_SCREEN, EVERY_VERB,
            new={"code": "M9", "title": "新彩页", "products": []}),
    Surface("materials.materialversion", "materials", "versions", "material_version", f"{READ_ONLY} detail", "list get",
            rights="materials.material"),
    Surface("materials.use", "materials", "uses", "use", f"{READ_ONLY} new detail", "list create get",
            new={"used_id": "@material_version.company", "institution_id": "@institution.near", "on": "2026-06-10"}),
    Surface("listing.committee", "listing", "committees", "committee", EVERY_SCREEN, EVERY_VERB,
            new={"institution_id": "@institution.near", "name": "第二药事会", "source": "公示"}),
    Surface("listing.process", "listing", "processes", "process", EVERY_SCREEN, EVERY_VERB,
            new={"institution_id": "@distributor.near", "product_id": "@product.company", "opened_on": "2026-03-01"}),
    Surface("planning.serviceduty", "planning", "duties", "serviceduty", f"{READ_ONLY} bulk new detail edit",
            "list create get update",
            new={"institution_id": "@institution.near", "activity": "callback", "window_from": "2026-11-18",
                 "window_to": "2026-12-18"}),
    Surface("planning.plannedvisit", "planning", "visits", "plannedvisit", f"{READ_ONLY} bulk new detail edit",
            "list create get update",
            new={"institution_id": "@institution.near", "activity": "core_visit", "day": "2099-03-02"}),
    Surface("planning.plan", "planning", "plans", "plan", f"{READ_ONLY} detail", "list get"),
    Surface("planning.absence", "planning", "absences", "absence", EVERY_SCREEN, EVERY_VERB,
            new={"kind": "leave", "starts_at": "2026-12-01T00:00:00Z", "ends_at": "2026-12-02T00:00:00Z"}),
    Surface("planning.workingtime", "planning", "workingtimes", "workingtime",
            f"{READ_ONLY} bulk new detail edit", "list create get update",
            new={"institution_id": "@distributor.near", "weekday": 2, "half": "pm", "kind": "visiting"}),
    Surface("planning.location", "planning", "locations", "location", f"{READ_ONLY} bulk new detail edit",
            "list create get update",
            new={"institution_id": "@distributor.near", "latitude": "30.5", "longitude": "114.3"}),
    Surface("planning.goal", "planning", "goals", "goal", EVERY_SCREEN, EVERY_VERB,
            new={"level": "month", "begins_on": "2026-12-01", "territory_id": "@territory.near", "title": "十二月拜访",
                 "measure": "visits", "target": "80"}),
    Surface("planning.environmentnote", "planning", "environmentnotes", "environmentnote", EVERY_SCREEN, EVERY_VERB,
            new={"territory_id": "@territory.near", "factor": "policy", "noted_on": "2026-11-01", "text": "集采",
                 "source": "公告"}),
    Surface("planning.review", "planning", "reviews", "review", f"{READ_ONLY} bulk new detail edit",
            "list create get update",
            new={"level": "month", "begins_on": "2026-10-01", "lessons": "周一少排", "next_steps": "核对"}),
    Surface("engagement.keyaccount", "engagement", "keyaccounts", "keyaccount", EVERY_SCREEN, EVERY_VERB,
            new={"institution_id": "@distributor.near", "goal": "新增准入"}),
    Surface("insights.marketfigure", "insights", "marketfigures", "marketfigure", EVERY_SCREEN, EVERY_VERB,
            new={"division_id": "@division.company", "kind": "market", "class_name": "降压药", "year": 2024,
                 "value": "1000", "source": "年鉴"}),
    Surface("insights.targetlist", "insights", "targetlists", "targetlist", f"{READ_ONLY} bulk detail edit archive",
            "list get update archive"),
    Surface("insights.outlook", "insights", "outlook", "outlook", f"{READ_ONLY} detail", "list get"),
    Surface("insights.forecast", "insights", "forecasts", "forecast", READ_ONLY, "list get"),
    Surface("insights.stocksign", "insights", "stocksigns", "stocksign", READ_ONLY, "list get", rights="insights.forecast"),
    Surface("insights.churnalert", "insights", "churn-alerts", "churnalert", f"{READ_ONLY} detail", "list get"),
    Surface("insights.targetitem", "insights", "targetitems", "targetitem", f"{READ_ONLY} bulk", "list get"),
    Surface("engagement.visit", "engagement", "visits", "visit", f"{READ_ONLY} new detail archive",
            "list create get archive",
            new={"institution_id": "@institution.near", "contacts": ["@professional.near"], "content_type": "relationship",
                 "started_at": "2026-11-18T01:00:00+08:00", "content": "问候，约下周见面", "products": [], "attendees": []}),
    Surface("engagement.nextstep", "engagement", "nextsteps", "nextstep", f"{READ_ONLY} bulk detail edit", "list get update"),
    Surface("engagement.strategyalert", "engagement", "strategyalerts", "strategyalert", f"{READ_ONLY} detail", "list get",
            rights="engagement.visit"),
    Surface("engagement.visitaudit", "engagement", "audits", "audit", f"{READ_ONLY} detail", "list get",
            rights="engagement.audit"),
    Surface("engagement.adverseevent", "engagement", "adverseevents", "adverseevent", f"{READ_ONLY} new detail",
            "list create get", is_own=True, rights="safety.adverseevent",
            new={"product_id": "@product.company", "what": "服药后头晕", "learned_at": "2026-11-18T01:00:00+08:00"}),
    Surface("insights.valuereport", "insights", "valuereports", "valuereport", f"{READ_ONLY} detail", "list get", is_own=True),
    Surface("influence.office", "influence", "offices", "office", EVERY_SCREEN, EVERY_VERB,
            new={"professional_id": "@professional.near", "society": "新学会", "level": "city", "role": "member",
                 "valid_from": "2026-01-01", "source": "官网"}, rights="influence.record"),
    Surface("influence.study", "influence", "studies", "study", EVERY_SCREEN, EVERY_VERB,
            new={"professional_id": "@professional.near", "title": "新研究", "phase": "3", "role": "sub",
                 "valid_from": "2026-01-01", "source": "登记平台"}, rights="influence.record"),
    Surface("influence.guideline", "influence", "guidelines", "guideline", EVERY_SCREEN, EVERY_VERB,
            new={"professional_id": "@professional.near", "title": "新指南", "role": "author", "year": 2025,
                 "source": "学会官网"}, rights="influence.record"),
    Surface("influence.publication", "influence", "publications", "publication", EVERY_SCREEN, EVERY_VERB,
            new={"title": "新论文", "year": 2025, "source": "PubMed"}, rights="influence.record"),
    Surface("influence.tie", "influence", "ties", "tie", EVERY_SCREEN, EVERY_VERB,
            new={"professional_id": "@professional.near", "other_id": "@colleague.near", "kind": "colleague",
                 "valid_from": "2026-01-01", "source": "拜访"}),
    Surface("segmentation.tiersignal", "segmentation", "signals", "tiersignal", READ_ONLY, "list get",
            rights="commerce.salesline"),
    Surface("segmentation.tierchange", "segmentation", "changes", "tierchange", f"{READ_ONLY} detail", "list get",
            rights="segmentation.change"),
    Surface("segmentation.tiermeeting", "segmentation", "meetings", "tiermeeting", f"{READ_ONLY} new",
            "list create get", new={"territory_id": "@territory.near", "held_on": "2026-06-20"},
            rights="segmentation.meeting"),
    Surface("segmentation.typeproposal", "segmentation", "typeproposals", "typeproposal", f"{READ_ONLY} detail",
            "list get"),
    Surface("compliance.rule", "compliance", "rules", "rule", f"{READ_ONLY} detail", "list get"),
    Surface("compliance.check", "compliance", "checks", "check", f"{READ_ONLY} detail", "list get"),
    Surface("compliance.transfer", "compliance", "transfers", "transfer", f"{READ_ONLY} new detail", "list create get",
            new={"form": "gift", "item": "pen", "institution_id": "@institution.near",
                 "professionals": ["@professional.near"], "on": "2026-12-10", "amount": "5.00", "purpose": "学术交流"}),
    Surface("compliance.share", "compliance", "shares", "share", READ_ONLY, "list get", rights="compliance.transfer"),
    Surface("compliance.expense", "compliance", "expenses", "expense", f"{READ_ONLY} bulk new detail edit",
            "list create get update",
            new={"claim": "BX9", "claimant_id": "@person.company", "form": "gift", "on": "2026-06-10", "amount": "5.00"}),
    Surface("compliance.consent", "compliance", "consents", "consent", EVERY_SCREEN, EVERY_VERB,
            new={"institution_id": "@institution.near", "document": "同意函9", "activities": ["academic"],
                 "departments": [], "valid_from": "2026-01-01"}),
    Surface("privacy.subjectrequest", "privacy", "requests", "subjectrequest", f"{READ_ONLY} new detail", "list create get",
            rights="privacy.request",
            new={"professional_id": "@professional.near", "kind": "copy", "received_on": "2026-11-02", "channel": "phone",
                 "identity": "回拨"}),
    Surface("privacy.processing", "privacy", "processings", "processing", EVERY_SCREEN, EVERY_VERB,
            new={"name": "会议邀请", "basis": "consent", "kinds": ["identity"], "method": "会务登记", "retention": "一年", "notice": "告知"}),
    Surface("privacy.personconsent", "privacy", "personconsents", "personconsent", f"{READ_ONLY} new detail", "list create get",
            rights="privacy.consent",
            new={"professional_id": "@professional.far", "processing_id": "@processing.company", "given_on": "2026-11-01",
                 "evidence": "签字表"}),
    Surface("privacy.impactassessment", "privacy", "impactassessments", "impactassessment", f"{READ_ONLY} new detail",
            "list create get",
            rights="privacy.assessment",
            new={"processing_id": "@processing.company", "assessed_on": "2026-11-01", "necessity": "必要", "impact": "小",
                 "measures": "加密"}),
    Surface("privacy.release", "privacy", "releases", "release", f"{READ_ONLY} new detail", "list create get", is_own=True,
            new={"purpose": "印制", "persons": 10, "valid_until": "2027-11-01"}),
    Surface("integrity.crisis", "integrity", "crises", "crisis", f"{READ_ONLY} new detail", "list create get",
            new={"kind": "media", "title": "报道"}),
    Surface("integrity.disclosure", "integrity", "disclosures", "disclosure", f"{READ_ONLY} bulk new detail edit",
            "list create get update",
            new={"title": "超标", "authority": "市监局", "found_on": "2026-11-01", "facts": "三次", "measures": "退回"}),
    Surface("integrity.provider", "integrity", "providers", "provider", EVERY_SCREEN, EVERY_VERB,
            new={"name": "会务公司", "kind": "meeting", "credit_code": "91420100MA4K000009"}),
    Surface("integrity.contract", "integrity", "contracts", "contract", f"{READ_ONLY} new detail", "list create get",
            new={"kind": "other", "number": "HT9", "title": "合同", "institution_id": "@institution.near", "purpose": "学术",
                 "text": "反商业贿赂", "begins_on": "2026-11-01"}),
    Surface("integrity.risk", "integrity", "risks", "risk", EVERY_SCREEN, EVERY_VERB,
            new={"area": "data", "title": "泄露", "likelihood": 2, "impact": 4, "review_on": "2027-01-01"}),
    Surface("integrity.audit", "integrity", "audits", "audit", f"{READ_ONLY} new detail", "list create get",
            new={"title": "抽查", "start": "2026-01-01", "end": "2026-12-31", "size": 5}),
    Surface("integrity.dossier", "integrity", "dossiers", "dossier", f"{READ_ONLY} new detail", "list create get",
            new={"occasion": "routine", "authority": "市监局", "subject": "company", "first_day": "2026-01-01",
                 "last_day": "2026-11-01"}),
    Surface("integrity.case", "integrity", "cases", "case", f"{READ_ONLY} detail", "list get"),
    Surface("commerce.flowbatch", "commerce", "batches", "batch", f"{READ_ONLY} detail", "list get"),
    Surface("commerce.salesline", "commerce", "lines", "line", READ_ONLY, "list get"),
    Surface("commerce.sourcename", "commerce", "names", "known_name", READ_ONLY, "list get"),
)  # fmt: skip

TERRITORY, POSITION, PERSON = "organization.territory", "organization.position", "organization.person"
TIER, VERSION, ENTRY = "segmentation.tier", "policies.version", "audit.entry"
REASON = {"reason": "按会议决定"}
PACK = {"name": "经营周报", "has_start": True, "rhythm": "weekly", "roles": ["marketing"]}
BOARD = {"name": "周一早会", "cards": ["approvals.waiting"], "period": "quarter"}
ASSESSMENT = {"attribute": "future_potential", "value": "60", "source": "访谈", "assessed_on": "2026-11-18"}

SCREEN_ROWS: tuple[Row, ...] = (
    # The frame and one's own
    Row("inbox:today", get=SIGNED),
    Row("inbox:snooze", "nudge", post=OWN, body={"days": "1"}),
    Row("inbox:resolve", "nudge", post=OWN),
    Row("inbox:dismiss", "nudge", post=OWN, body=REASON),
    Row("dashboards:home", get=SIGNED),
    Row("dashboards:board_new", get=SIGNED, post=SIGNED, body=BOARD),
    Row("dashboards:board", "board", get=OWN),
    Row("dashboards:board_edit", "board", get=OWN, post=OWN, body=BOARD),
    Row("dashboards:board_share", "board", get=OWN, post=OWN, body={"roles": ["marketing"]}),
    Row("dashboards:board_archive", "board", post=OWN),
    Row("dashboards:document", keys={"board": "start", "suffix": "xlsx"}, get=SIGNED),
    Row("dashboards:pack_list", get=SIGNED),
    Row("dashboards:pack_new", get=SIGNED, post=SIGNED, body=PACK | {"weekday": "1"}),
    Row("dashboards:pack_edit", "pack", get=OWN, post=OWN, body=PACK | {"weekday": "2"}),
    Row("dashboards:pack_archive", "pack", post=OWN),
    Row("dashboards:pack_try", "pack", post=OWN),
    Row("dashboards:delivery_file", "delivery_file", get=OWN),
    Row("dashboards:card", keys={"key": "engagement.visits"}, get="engagement.visit:view"),
    Row("dashboards:card_export", keys={"key": "commerce.sales"}, get="commerce.salesline:view"),
    Row("ui:palette", get=SIGNED),
    Row("ui:theme", post=PUBLIC, body={"theme": "dark"}),
    Row("ui:language", post=PUBLIC, body={"language": "en"}),
    Row("ui:help", keys={"slug": "tiers"}, get=SIGNED),
    Row("ui:guide", get="settings.system:manage"),
    Row("organization:me", get=SIGNED),
    Row("organization:my_sessions", post=SIGNED),
    Row("organization:token_new", get=SIGNED, post=SIGNED, body={"name": "数据仓库", "expires_on": "2027-01-01"}),
    Row("organization:token_revoke", "token", post=OWN),
    # Approvals: the lists show what one is involved in
    Row("approvals:request_list", get=SIGNED),
    Row("approvals:request_detail", "request", get=OWN + "approvals.request:view"),
    Row("approvals:request_decide", "request", post=OWN + "approvals.request:view",
        body={"command": "remark", "comment": "请补充"}),
    Row("approvals:delegation_list", get=SIGNED, post=SIGNED),
    Row("approvals:delegation_end", "delegation", post=OWN),
    # Trail, jobs, imports, policies
    Row("audit:entry_list", get=f"{ENTRY}:view"),
    Row("audit:entry_detail", "entry", get=f"{ENTRY}:view"),
    Row("audit:verify", get=f"{ENTRY}:verify", post=f"{ENTRY}:verify"),
    Row("audit:export", post=f"{ENTRY}:export"),
    Row("jobs:job_list", get=SIGNED),
    Row("jobs:job_detail", "job", get=OWN + "jobs.job:view"),
    Row("jobs:job_progress", "job", get=OWN + "jobs.job:view"),
    Row("jobs:job_cancel", "job", post=OWN + "jobs.job:manage"),
    Row("jobs:job_retry", "job", post=OWN + "jobs.job:manage"),
    Row("transfer:import_list", get="transfer.import:view"),
    Row("transfer:import_new", keys={"importer": "customers.institution"}, get="customers.institution:import",
        post="customers.institution:import"),
    Row("transfer:template", keys={"importer": "customers.institution"}, get="customers.institution:import"),
    Row("transfer:import_detail", "import", get=OWN + "transfer.import:view"),
    Row("transfer:import_map", "import", post=OWN + "transfer.import:import"),
    Row("transfer:import_apply", "import", post=OWN + "transfer.import:import"),
    Row("transfer:import_undo", "import", post=OWN + "transfer.import:import"),
    Row("transfer:import_returned", "import", get=OWN + "transfer.import:view"),
    Row("policies:policy_list", get=f"{VERSION}:view"),
    Row("policies:policy_detail", "policy", get=f"{VERSION}:view"),
    Row("policies:policy_edit", "policy", get=f"{VERSION}:propose", post=f"{VERSION}:propose"),
    Row("policies:policy_compare", "policy", get=f"{VERSION}:view"),
    Row("policies:version_detail", "version", get=f"{VERSION}:view"),
    Row("policies:version_decide", "version", post=f"{VERSION}:publish", body={"command": "publish"}),
    # Organisation
    Row("organization:tree", get=f"{TERRITORY}:view"),
    Row("organization:territory_change", "territory", get=f"{TERRITORY}:edit", post=f"{TERRITORY}:edit"),
    Row("organization:change_withdraw", "change", post=f"{TERRITORY}:edit"),
    Row("organization:holding_new", get=f"{POSITION}:edit", post=f"{POSITION}:edit"),
    Row("organization:holding_end", "holding", get=f"{POSITION}:edit", post=f"{POSITION}:edit"),
    Row("organization:position_close", "position", get=f"{POSITION}:edit", post=f"{POSITION}:edit"),
    Row("organization:filing_stop", "filing", get="organization.filing:edit", post="organization.filing:edit"),
    Row("organization:person_factors", "person", get=f"{PERSON}:edit", post=f"{PERSON}:edit",
        body={"reason": "手机丢失", "identity": "当面核对工牌"}),
    Row("organization:person_password", "person", post=f"{PERSON}:edit"),
    Row("organization:people_passwords", post=f"{PERSON}:edit", body={"selected": "@person.company"}),
    Row("organization:person_sessions", "person", post=f"{PERSON}:edit"),
    Row("organization:person_reactivate", "left", post=f"{PERSON}:archive"),
    Row("organization:emergency_end", "emergency", post=OWN + "organization.emergency:edit"),
    Row("organization:roles", get="organization.role:view"),
    Row("organization:role_edit", "role", get="organization.role:edit", post="organization.role:edit"),
    Row("organization:wall", get="organization.filing:view"),
    # Catalogue
    Row("catalog:standing_new", "product", get="catalog.product:edit", post="catalog.product:edit"),
    # Customers
    Row("customers:name_add", "institution", get="customers.institution:edit", post="customers.institution:edit"),
    Row("customers:name_remove", "name", post="customers.institution:edit"),
    Row("customers:workplace_new", "professional", get="customers.professional:edit",
        post="customers.professional:edit"),
    Row("customers:type_mark", "professional", get="customers.professional:edit", post="customers.professional:edit"),
    Row("customers:type_unmark", "professional", keys={"customer_type": "high_volume"},
        get="customers.professional:edit", post="customers.professional:edit"),
    Row("customers:workplace_end", "affiliation", get="customers.professional:edit",
        post="customers.professional:edit"),
    *(
        row
        for entity in ("institution", "professional")
        for right in (f"customers.{entity}",)
        for row in (
            Row("customers:facts_check", f"{entity}_entity", post=f"{right}:edit"),
            Row("customers:fact_edit", f"{entity}_fact", get=f"{right}:edit", post=f"{right}:edit"),
            Row("customers:fact_show", f"{entity}_fact", get=f"{right}:view"),
            Row("customers:contact_add", f"{entity}_entity", get=f"{right}:edit", post=f"{right}:edit"),
            Row("customers:contact_remove", f"{entity}_contact", post=f"{right}:edit"),
            Row("customers:contact_reveal", f"{entity}_contact", get=f"{right}:reveal", post=f"{right}:reveal"),
            Row("customers:fact_history", f"{entity}_fact", get=f"{right}:view"),
            Row("customers:change_propose", f"{entity}_fact", get=f"{right}:view", post=f"{right}:view"),
            Row("customers:request_accept", f"{entity}_request", post=f"{right}:review"),
            Row("customers:request_reject", f"{entity}_request", get=f"{right}:review", post=f"{right}:review"),
            Row("customers:verify", f"{entity}_entity", post=f"{right}:review"),
            Row("customers:portrait", f"{entity}_entity", get=f"{right}:view"),
            Row("customers:portrait_file", f"{entity}_entity", keys={"suffix": "docx"}, get=f"{right}:export"),
            Row(f"customers:{entity}_portraits", post=f"{right}:export"),
            Row("customers:workshop", f"{entity}_entity", get=f"{right}:edit"),
            Row("customers:workshop_news", f"{entity}_entity", get=f"{right}:edit"),
            Row("customers:restore", f"{entity}_entity", post=f"{right}:archive"),
            Row("customers:merge_choose", f"{entity}_entity", get=f"{right}:merge"),
            Row("customers:merge", f"{entity}_pair", get=f"{right}:merge", post=f"{right}:merge"),
            Row("customers:unmerge", f"{entity}_merge", post=f"{right}:merge"),
            Row("customers:duplicates", keys={"entity": entity}, get=f"{right}:merge"),
            Row("customers:duplicates_find", keys={"entity": entity}, post=f"{right}:merge"),
            Row("customers:duplicate_reject", f"{entity}_proposal", post=f"{right}:merge"),
        )
    ),
    Row("customers:sheet_blank", keys={"suffix": "docx"}, get="customers.professional:view"),
    Row("customers:sheet_file", "professional", keys={"suffix": "docx"}, get="customers.professional:export"),
    Row("customers:sheet_read", "professional", get="customers.professional:edit", post="customers.professional:edit"),
    Row("customers:requests", get="customers.professional:view"),
    Row("customers:archives", get="customers.professional:view"),
    Row("customers:institution_archives", get="customers.institution:view"),
    Row("customers:institution_split", "institution", get="customers.institution:merge", post="customers.institution:merge"),
    Row("customers:institution_unsplit", "institution_split", post="customers.institution:merge"),
    Row("customers:institution_duplicates", get="customers.institution:merge"),
    # Listing
    Row("listing:board", get="listing.process:view"),
    Row("listing:process_move", "process", get="listing.process:edit", post="listing.process:edit",
        body={"stage": "department", "on": "2026-02-01"}),
    Row("listing:process_close", "process", get="listing.process:edit", post="listing.process:edit",
        body={"outcome": "listed", "on": "2026-02-01"}),
    Row("listing:stance_new", "process", get="listing.process:edit", post="listing.process:edit"),
    Row("listing:seat_new", "committee", get="listing.committee:edit", post="listing.committee:edit"),
    Row("listing:seat_end", "seat", get="listing.committee:edit", post="listing.committee:edit",
        body={"valid_to": "2026-06-01"}),
    Row("listing:holder_new", "institution", get="listing.committee:edit", post="listing.committee:edit"),
    Row("listing:holder_end", "stageholder", get="listing.committee:edit", post="listing.committee:edit",
        body={"valid_to": "2026-06-01"}),
    # Engagement
    Row("planning:calendar", get="planning.plannedvisit:view"),
    Row("planning:calendar_file", keys={"suffix": "xlsx"}, get="planning.plannedvisit:export"),
    Row("planning:feed", get="planning.plannedvisit:view", post="planning.plannedvisit:view"),
    Row("planning:feed_file", "feed", get=PUBLIC),
    Row("planning:plannedvisit_breaks", "plannedvisit", get="planning.plannedvisit:edit"),
    Row("planning:plannedvisit_move", "plannedvisit", get="planning.plannedvisit:edit",
        post="planning.plannedvisit:edit"),
    Row("planning:due", get="planning.serviceduty:view"),
    Row("planning:compliance", get="planning.serviceduty:view"),
    Row("planning:tracking", get="planning.plannedvisit:view"),
    Row("planning:serviceduty_plan", "serviceduty", get="planning.plannedvisit:create",
        post="planning.plannedvisit:create"),
    Row("planning:plan_new", get="planning.plan:create", post="planning.plan:create"),
    Row("planning:plan_progress", "plan", get="planning.plan:view"),
    Row("planning:plan_stop", "plan", post="planning.plan:create"),
    Row("planning:plan_submit", "plan", get="planning.plan:edit", post="planning.plan:edit"),
    Row("planning:plan_withdraw", "plan", post="planning.plan:edit"),
    Row("planning:plan_discard", "plan", post="planning.plan:edit"),
    Row("planning:plan_file", "plan", keys={"suffix": "xlsx"}, get="planning.plan:export"),
    Row("planning:replan_new", get="planning.plannedvisit:edit", post="planning.plannedvisit:edit"),
    Row("planning:replan", "replan", get="planning.plan:view"),
    Row("planning:replan_accept", "replan", post="planning.plannedvisit:edit"),
    Row("planning:replan_dismiss", "replan", post="planning.plannedvisit:edit"),
    Row("planning:working_times", "institution_entity", get="planning.workingtime:edit",
        post="planning.workingtime:edit"),
    Row("planning:absences_file", get="planning.absence:create", post="planning.absence:create"),
    Row("planning:goals", get="planning.goal:view"),
    Row("planning:goal_finalize", "goal", post="planning.goal:edit"),
    Row("planning:goal_decompose", "goal", post="planning.goal:create"),
    Row("planning:goal_reopen", "goal", get="planning.goal:edit", post="planning.goal:edit"),
    Row("planning:review_file", "review", keys={"suffix": "docx"}, get="planning.review:export"),
    Row("planning:plannedvisit_cancel", "plannedvisit", get="planning.plannedvisit:edit",
        post="planning.plannedvisit:edit"),
    Row("planning:plannedvisit_miss", "plannedvisit", get="planning.plannedvisit:edit",
        post="planning.plannedvisit:edit"),
    Row("planning:serviceduty_miss", "serviceduty", get="planning.serviceduty:edit", post="planning.serviceduty:edit"),
    Row("planning:serviceduty_waive", "serviceduty", get="planning.serviceduty:manage",
        post="planning.serviceduty:manage"),
    Row("engagement:board", get="engagement.keyaccount:view"),
    Row("engagement:gather", post="engagement.keyaccount:create"),
    Row("engagement:keyaccount_move", "keyaccount", get="engagement.keyaccount:edit", post="engagement.keyaccount:edit",
        body={"stage": "tiering", "reason": "情况有变"}),
    Row("engagement:keyaccount_undo", "keyaccount", post="engagement.keyaccount:edit", body={"move": "1"}),
    Row("engagement:visit_join", post="engagement.visit:create"),
    Row("engagement:visit_wording", post="engagement.visit:create", body={"content": "最佳"}),
    Row("engagement:step_new", "visit", get="engagement.visit:edit", post="engagement.visit:edit", body={"text": "送指南"}),
    Row("engagement:visit_correct", "visit", get="engagement.visit:edit", post="engagement.visit:edit",
        body={"content": "改：谈了随访", "started_at": "2026-11-18T01:00", "content_type": "relationship"}),
    Row("engagement:visit_explain", "visit", get="engagement.visit:create", post="engagement.visit:create",
        body={"text": "在门口谈的"}),
    Row("engagement:coaching", "visit", get="engagement.visit:assess", post="engagement.visit:assess",
        body={"text": "先问后说"}),
    Row("engagement:brief", "professional", get="engagement.visit:view"),
    Row("engagement:stage_move", "professional", get="engagement.visit:edit", post="engagement.visit:edit",
        body={"stage": "deep", "reason": "主动问起"}),
    Row("engagement:nextstep_close", "nextstep", get="engagement.nextstep:edit", post="engagement.nextstep:edit",
        body={"state": "done"}),
    Row("engagement:strategyalert_choose", "strategyalert", get="engagement.visit:edit", post="engagement.visit:edit",
        body={"strategy": "clinical", "reason": "有疑难病例"}),
    Row("engagement:audit_decide", "audit", get="engagement.audit:review", post="engagement.audit:review",
        body={"outcome": "valid", "reason": "电话核实"}),
    Row("engagement:adverseevent_take_over", "adverseevent", get=OWN + "safety.adverseevent:review",
        post=OWN + "safety.adverseevent:review", body={"reference": "PV-1"}),
    Row("field:shell", get=PUBLIC),
    Row("field:service_worker", get=PUBLIC),
    Row("field:manifest", get=PUBLIC),
    Row("engagement:field_home", get="engagement.visit:create"),
    Row("engagement:rescue", get="engagement.visit:create", post="engagement.visit:create", body={"file": "@file"}),
    Row("engagement:consent_answer", post="engagement.visit:create", body={"answer": "yes"}),
    Row("engagement:device_wipe", "device", post=OWN),
    # Insights
    Row("insights:quadrants", get="insights.quadrant:view"),
    Row("insights:targetlist_save", get="insights.targetlist:create", post="insights.targetlist:create",
        body={"name": "四季度", "quadrants": "breakthrough", "review_on": "2027-01-01"}),
    Row("insights:targetlist_document", "targetlist_file", get="insights.targetlist:export"),
    Row("insights:targetitem_review", "targetitem", get="insights.targetitem:review", post="insights.targetitem:review",
        body={"decision": "kept", "reason": "科室支持"}),
    Row("insights:forecast", get="insights.forecast:view"),
    Row("insights:forecast_request", post="insights.forecast:run"),
    Row("insights:forecast_document", "forecast_file", get="insights.forecast:export"),
    Row("insights:outlook_report", get="insights.outlook:view"),
    Row("insights:outlook_runs", get="insights.outlook:view"),
    Row("insights:outlook_request", post="insights.outlook:run"),
    Row("insights:outlook_run", "outlook_run", get="insights.outlook:view"),
    Row("insights:outlook_publish", "outlook_run", post="insights.outlook:publish"),
    Row("insights:alert_record", "churnalert", get="insights.churnalert:edit", post="insights.churnalert:edit",
        body={"state": "contacted", "note": "已电话联系"}),
    Row("insights:valuereport_new", post="insights.valuereport:create", body={"selected": "@institution.near"}),
    Row("insights:valuereport_document", "valuereport_file", get=OWN + "insights.valuereport:export"),
    # Academic influence
    Row("influence:work_new", "professional", get="influence.record:create", post="influence.record:create",
        body={"title": "新作", "year": "2025", "role": "first", "indexing": "sci", "source": "PubMed"}),
    Row("influence:author_new", "publication", get="influence.record:edit", post="influence.record:edit"),
    Row("influence:author_remove", "authorship", post="influence.record:edit"),
    Row("influence:review", get="influence.record:review"),
    Row("influence:author_decide", "open_author", post="influence.record:review", body={"answer": "none"}),
    Row("influence:network", get="influence.tie:view"),
    Row("influence:network_compute", post="influence.tie:compute"),
    # Materials
    Row("materials:version_write", "written_material", get="materials.material:edit", post="materials.material:edit",
        body={"content": "新研究", "valid_until": "2027-06-01", "claims-TOTAL_FORMS": "0", "claims-INITIAL_FORMS": "0"}),
    Row("materials:wording", post="materials.material:edit", body={"content": "最佳"}),
    Row("materials:version_submit", "material_draft", post="materials.material:edit"),
    Row("materials:version_withdraw", "material_version", get="materials.material:withdraw",
        post="materials.material:withdraw", body=REASON),
    # Attachments
    Row("attachments:attachment_add", "carrier", get="compliance.transfer:edit", post="compliance.transfer:edit",
        body={"file": "@picture"}),
    Row("attachments:attachment_file", "attachment", get="compliance.transfer:view"),
    Row("attachments:attachment_take_away", "attachment", get="compliance.transfer:edit",
        post="compliance.transfer:edit", body=REASON),
    # Compliance
    Row("compliance:rulebook", get="compliance.rule:view"),
    Row("compliance:rule_new", get="compliance.rule:propose", post="compliance.rule:propose"),
    Row("compliance:rule_edit", "rule_code", get="compliance.rule:propose", post="compliance.rule:propose"),
    Row("compliance:wall", get="compliance.wall:view"),
    Row("compliance:wall_document", keys={"suffix": "xlsx"}, get="compliance.wall:export"),
    Row("compliance:transfer_tried", post="compliance.transfer:create"),
    Row("compliance:transfer_give", "approved_transfer", get="compliance.transfer:edit", post="compliance.transfer:edit",
        body={"spent": "5.00", "given_on": "2026-06-10", "evidence": "发票77"}),
    Row("compliance:transfer_drop", "dropped_transfer", get="compliance.transfer:edit", post="compliance.transfer:edit",
        body={"reason": "改期"}),
    Row("compliance:expense_settle", "expense", get="compliance.expense:review", post="compliance.expense:review",
        body={"note": "已退回"}),
    Row("compliance:replay", get="compliance.check:view"),
    # Integrity
    *(Row(f"privacy:request_{name}", f"request_{name}", get=f"privacy.request:{right}", post=f"privacy.request:{right}",
          body={"answer": "已办理"})
      for name, right in (("answer", "edit"), ("refuse", "edit"), ("withdraw", "edit"), ("restrict", "edit"), ("erase", "erase"))),
    Row("privacy:request_copy", "subjectrequest", get="privacy.request:export", keys={"suffix": "json"}),
    Row("privacy:consent_withdraw", "personconsent", post="privacy.consent:edit"),
    Row("privacy:retention", get="privacy.retention:view", post="privacy.retention:view", body={"reason": "年度"}),
    Row("integrity:crisis_task", "crisis", get="integrity.crisis:edit", post="integrity.crisis:edit", keys={"number": 1},
        body={"note": "已办"}),
    Row("integrity:crisis_write", "crisis", get="integrity.crisis:edit", post="integrity.crisis:edit",
        body={"kind": "fact", "text": "事实"}),
    Row("integrity:crisis_close", "crisis", get="integrity.crisis:edit", post="integrity.crisis:edit",
        body={"review": "改进"}),
    Row("integrity:disclosure_ask", "disclosure", post="integrity.disclosure:edit"),
    Row("integrity:disclosure_hand_in", "disclosure", get="integrity.disclosure:edit", post="integrity.disclosure:edit",
        body={"on": "2026-11-02", "reference": "回执1"}),
    Row("integrity:disclosure_mend", "disclosure", get="integrity.disclosure:edit", post="integrity.disclosure:edit",
        body={"on": "2026-11-02", "result": "已整改"}),
    Row("integrity:audit_look", "audit", get="integrity.audit:edit", post="integrity.audit:edit", keys={"number": 1},
        body={"result": "in_order", "wrong_amount": "0"}),
    Row("integrity:dossier_take", "dossier", post="integrity.dossier:export"),
    Row("integrity:watch", get="integrity.case:view"),
    Row("integrity:sweep", post="integrity.case:compute"),
    Row("integrity:learn", post="integrity.case:edit"),
    Row("integrity:case_take", "case", post="integrity.case:edit"),
    Row("integrity:case_close", "case", get="integrity.case:edit", post="integrity.case:edit",
        body={"outcome": "explained", "note": "分摊"}),
    Row("integrity:case_reopen", "closed_case", get="integrity.case:edit", post="integrity.case:edit",
        body={"reason": "新证据"}),
    Row("integrity:report_list", get="integrity.report:view"),
    Row("integrity:report_detail", "report", get="integrity.report:view"),
    Row("integrity:report_accept", "report", post="integrity.report:edit"),
    Row("integrity:report_reply", "report", get="integrity.report:edit", post="integrity.report:edit",
        body={"text": "请补充"}),
    Row("integrity:report_keep", "report", get="integrity.report:edit", post="integrity.report:edit",
        body={"person": "@person.company"}),
    Row("integrity:report_close", "report", get="integrity.report:edit", post="integrity.report:edit",
        body={"outcome": "partly", "measures": "整改"}),
    Row("integrity:enclosure", "report_file", get="integrity.report:view"),
    # The anonymous channel
    Row("speak_up:home", get=PUBLIC),
    Row("speak_up:report", get=PUBLIC, post=PUBLIC),
    Row("speak_up:status", post=PUBLIC),
    Row("speak_up:reply", post=PUBLIC),
    # Sales flow
    Row("commerce:review_first", get="commerce.sourcename:review"),
    Row("commerce:review", keys={"kind": "institution"}, get="commerce.sourcename:review"),
    Row("commerce:rematch", keys={"kind": "institution"}, post="commerce.sourcename:review"),
    Row("commerce:decide", "unknown_name", post="commerce.sourcename:review", body={"answer": "none"}),
    Row("commerce:reopen", "known_name", post="commerce.sourcename:review"),
    Row("commerce:roll_back", "batch", get="commerce.flowbatch:import", post="commerce.flowbatch:import"),
    # Tiers
    Row("segmentation:overview", get=f"{TIER}:view"),
    Row("segmentation:tiersignal_bulk", post="segmentation.signal:review"),
    Row("segmentation:tiersignal_detail", "tiersignal", get="commerce.salesline:view",
        post="segmentation.signal:review", body={"command": "review"}),
    Row("segmentation:change_withdraw", "tierchange", post="segmentation.change:propose"),
    Row("segmentation:typeproposal_bulk", post="segmentation.typeproposal:approve"),
    Row("segmentation:tiermeeting_detail", "tiermeeting", get="segmentation.meeting:view",
        post="segmentation.meeting:edit", body={"minutes": "会上讨论", "expected_version": "1"}),
    Row("segmentation:meeting_decide", "tiermeeting", post="segmentation.change:approve",
        body={"selected": "@tierchange", "verdict": "accept", "reason": "一致同意"}),
    Row("segmentation:meeting_close", "tiermeeting", post="segmentation.meeting:publish"),
    Row("segmentation:meeting_document", "meeting_record", get="segmentation.meeting:export"),
    Row("segmentation:runs", get=f"{TIER}:view"),
    Row("segmentation:request_run", post=f"{TIER}:run"),
    Row("segmentation:run", "run", get=f"{TIER}:view"),
    Row("segmentation:run_customers", "run_scheme", get=f"{TIER}:view"),
    Row("segmentation:publish", "run", post=f"{TIER}:publish"),
    Row("segmentation:roll_back", "run", get=f"{TIER}:publish", post=f"{TIER}:publish"),
    Row("segmentation:crosswalk", get=f"{TIER}:view"),
    Row("segmentation:service", get=f"{TIER}:view"),
    Row("segmentation:scheme", "scheme", get=f"{TIER}:view"),
    *(
        row
        for subject in ("institution", "professional")
        for row in (
            Row("segmentation:explain", f"{subject}_tier", get=f"{TIER}:view"),
            Row("segmentation:history", f"{subject}_subject", get=f"{TIER}:view"),
            Row("segmentation:change_new", f"{subject}_subject", get="segmentation.change:propose",
                post="segmentation.change:propose"),
            Row("segmentation:assess", f"{subject}_subject", get=f"{TIER}:view", post=f"{TIER}:assess",
                body=ASSESSMENT),
        )
    ),
)  # fmt: skip

# The door. What signs in, or belongs to one's own account; whose objects are always one's own.
DOOR_ROWS: tuple[Row, ...] = (
    Row("account_login", get=PUBLIC, post=PUBLIC),
    Row("account_logout", get=ACCOUNT, post=ACCOUNT),
    Row("account_inactive", get=PUBLIC),
    Row("account_reauthenticate", get=ACCOUNT, post=ACCOUNT),
    Row("account_change_password", get=ACCOUNT, post=ACCOUNT),
    Row("account_set_password", get=ACCOUNT, post=ACCOUNT),
    Row("mfa_index", get=ACCOUNT),
    Row("mfa_authenticate", get=PUBLIC, post=PUBLIC),
    Row("mfa_reauthenticate", get=ACCOUNT, post=ACCOUNT),
    Row("mfa_activate_totp", get=ACCOUNT, post=ACCOUNT),
    Row("mfa_deactivate_totp", get=ACCOUNT, post=ACCOUNT),
    Row("mfa_view_recovery_codes", get=ACCOUNT),
    Row("mfa_generate_recovery_codes", get=ACCOUNT, post=ACCOUNT),
    Row("mfa_download_recovery_codes", get=ACCOUNT),
    Row("mfa_list_webauthn", get=ACCOUNT),
    Row("mfa_add_webauthn", get=ACCOUNT, post=ACCOUNT),
    Row("mfa_reauthenticate_webauthn", get=ACCOUNT, post=ACCOUNT),
    Row("mfa_remove_webauthn", keys={"pk": 1}, get=ACCOUNT, post=ACCOUNT),
    Row("mfa_edit_webauthn", keys={"pk": 1}, get=ACCOUNT, post=ACCOUNT),
    Row("mfa_login_webauthn", get=PUBLIC, post=PUBLIC),
    Row("wecom_login", get=PUBLIC, post=PUBLIC),
    Row("wecom_callback", get=PUBLIC),
    Row("dingtalk_login", get=PUBLIC, post=PUBLIC),
    Row("dingtalk_callback", get=PUBLIC),
    Row("feishu_login", get=PUBLIC, post=PUBLIC),
    Row("feishu_callback", get=PUBLIC),
    Row("openid_connect_login", keys={"provider_id": "none"}, get=PUBLIC, post=PUBLIC),
    Row("openid_connect_callback", keys={"provider_id": "none"}, get=PUBLIC),
    *(
        Row(name, keys=keys, get=CLOSED, post=CLOSED)
        for name, keys in (
            ("account_signup", {}), ("account_email", {}), ("account_email_verification_sent", {}),
            ("account_confirm_email", {"key": "x"}), ("account_reset_password", {}),
            ("account_reset_password_done", {}), ("account_reset_password_from_key_done", {}),
            ("account_reset_password_from_key", {"uidb36": "1", "key": "set-password"}),
            ("account_confirm_login_code", {}), ("socialaccount_login_cancelled", {}),
            ("socialaccount_login_error", {}), ("socialaccount_signup", {}), ("socialaccount_connections", {}),
            ("usersessions_list", {}),
        )
    ),
)  # fmt: skip

RULE: Mapping[str, Any] = {
    "code": "AH-9", "reason": "按会议决定", "pack": "documents", "level": "watch", "confidence": "H", "kinds": ["visit"],
    "text_zh": "超过六天才录入", "source": "公司规定", "valid_from": "2026-12-01",
    "clauses": [{"fact": "days_back", "operator": "above", "value": "6"}],
}  # fmt: skip

API_ROWS: tuple[Row, ...] = (
    Row("openapi.json", get=PUBLIC),
    Row("approvals/", get=SIGNED),
    Row("approvals/{request_id}", "api_request", get=OWN + "approvals.request:view"),
    Row("approvals/{request_id}/approve", "api_request", post=OWN + "approvals.request:view"),
    Row("approvals/{request_id}/reject", "api_request", post=OWN + "approvals.request:view",
        body={"comment": "不同意"}),
    Row("approvals/{request_id}/remark", "api_request", post=OWN + "approvals.request:view", body={"comment": "请补充"}),
    Row("approvals/{request_id}/withdraw", "api_request", post=OWN),
    Row("approvals/deputies/", get=SIGNED, post=SIGNED),
    Row("approvals/deputies/{delegation_id}/end", "api_delegation", post=OWN),
    Row("dashboards/cards/", get=SIGNED),
    Row("dashboards/cards/{key}", keys={"key": "commerce.sales"}, get="commerce.salesline:view"),
    Row("dashboards/start", get=SIGNED),
    Row("dashboards/packs/", get=SIGNED, post=SIGNED, body=PACK),
    Row("dashboards/packs/{pk}", "pack", patch=OWN, delete=OWN, body={"name": "周报"}),
    Row("dashboards/deliveries/", get=SIGNED),
    Row("dashboards/boards/", get=SIGNED, post=SIGNED, body=BOARD),
    Row("dashboards/boards/{pk}", "board", get=OWN, patch=OWN, delete=OWN, body={"name": "周会"}),
    Row("dashboards/boards/{pk}/shares", "board", put=OWN, body={"roles": ["marketing"]}),
    Row("engagement/field/hello", get="engagement.visit:create"),
    Row("engagement/field/bundle", get="engagement.visit:create"),
    Row("engagement/field/devices", post="engagement.visit:create"),
    Row("engagement/field/devices/{device}/wipe", "api_device", post=OWN),
    Row("engagement/field/sync", post="engagement.visit:create",
        body={"protocol": 1, "sent_at": "2026-11-18T10:00:00+08:00", "items": [
            {"uuid": "0b6a3e0e-6f0f-4a51-9c43-5a3f6a1f0001", "kind": "visit", "data": {"content": "谈了随访"}}]}),
    Row("engagement/field/photos", post="engagement.visit:create",
        body={"visit": "0b6a3e0e-6f0f-4a51-9c43-5a3f6a1f0002", "uuid": "0b6a3e0e-6f0f-4a51-9c43-5a3f6a1f0003", "file": "@picture"}),
    Row("materials/usable/", get="materials.material:view"),
    Row("materials/materials/{pk}/draft", "written_material", put="materials.material:edit",
        body={"content": "新研究", "valid_until": "2027-06-01"}),
    Row("materials/versions/{pk}/submit", "material_draft", post="materials.material:edit"),
    Row("materials/versions/{pk}/withdraw", "material_version", post="materials.material:withdraw", body=REASON),
    Row("attachments/of/{carrier}/{carrier_id}", "carrier", get="compliance.transfer:view",
        post="compliance.transfer:edit", body={"file": "@picture"}),
    Row("attachments/{pk}", "attachment", get="compliance.transfer:view"),
    Row("attachments/{pk}/content", "attachment", get="compliance.transfer:view"),
    Row("attachments/{pk}/take-away", "attachment", post="compliance.transfer:edit", body=REASON),
    Row("compliance/rulebook/", get="compliance.rule:view"),
    Row("compliance/rulebook/proposals/", post="compliance.rule:propose", body=RULE),
    Row("compliance/ledger/check", post="compliance.transfer:create", body={
        "form": "gift", "item": "pen", "institution": "@institution.near", "professionals": ["@professional.near"],
        "on": "2026-12-10", "amount": "5.00", "purpose": "学术交流"}),
    Row("compliance/ledger/{pk}/give", "approved_transfer", post="compliance.transfer:edit",
        body={"spent": "5.00", "given_on": "2026-06-10", "evidence": "发票78"}),
    Row("compliance/ledger/{pk}/drop", "dropped_transfer", post="compliance.transfer:edit", body=REASON),
    Row("compliance/ledger/expenses/{pk}/settle", "expense", post="compliance.expense:review", body={"note": "已退回"}),
    Row("compliance/replay/", post="compliance.check:view", body={}),
    *(Row(f"privacy/requests/{{pk}}/{name}", f"request_{name}", post=f"privacy.request:{right}", body={"answer": "已办理"})
      for name, right in (("answer", "edit"), ("refuse", "edit"), ("withdraw", "edit"), ("restrict", "edit"), ("erase", "erase"))),
    Row("privacy/requests/{pk}/copy.{suffix}", "subjectrequest", get="privacy.request:export", keys={"suffix": "json"}),
    Row("privacy/personconsents/{pk}/withdraw", "personconsent", post="privacy.consent:edit"),
    Row("privacy/retention/", get="privacy.retention:view", post="privacy.retention:run", body={"reason": "年度"}),
    Row("integrity/crises/{pk}/tasks/{number}", "crisis", post="integrity.crisis:edit", keys={"number": 1}),
    Row("integrity/crises/{pk}/records", "crisis", post="integrity.crisis:edit", body={"kind": "fact", "text": "事实"}),
    Row("integrity/crises/{pk}/close", "crisis", post="integrity.crisis:edit", body={"review": "改进"}),
    Row("integrity/disclosures/{pk}/ask", "disclosure", post="integrity.disclosure:edit"),
    Row("integrity/disclosures/{pk}/hand-in", "disclosure", post="integrity.disclosure:edit",
        body={"on": "2026-11-02", "reference": "回执1"}),
    Row("integrity/disclosures/{pk}/mend", "disclosure", post="integrity.disclosure:edit",
        body={"on": "2026-11-02", "result": "已整改"}),
    Row("integrity/audits/{pk}/lines/{number}", "audit", post="integrity.audit:edit", keys={"number": 1},
        body={"result": "in_order"}),
    Row("integrity/dossiers/{pk}/file", "dossier", get="integrity.dossier:export"),
    Row("integrity/watch/", get="integrity.case:view"),
    Row("integrity/watch/sweeps/", post="integrity.case:compute"),
    Row("integrity/cases/{pk}/take", "case", post="integrity.case:edit"),
    Row("integrity/cases/{pk}/close", "case", post="integrity.case:edit", body={"outcome": "explained", "note": "分摊"}),
    Row("integrity/cases/{pk}/reopen", "closed_case", post="integrity.case:edit", body={"reason": "新证据"}),
    Row("integrity/reports/", get="integrity.report:view"),
    Row("integrity/reports/{pk}", "report", get="integrity.report:view"),
    Row("integrity/reports/{pk}/accept", "report", post="integrity.report:edit"),
    Row("integrity/reports/{pk}/reply", "report", post="integrity.report:edit", body={"text": "请补充"}),
    Row("integrity/reports/{pk}/close", "report", post="integrity.report:edit",
        body={"outcome": "partly", "measures": "整改"}),
    Row("policies/", get=f"{VERSION}:view"),
    Row("policies/{name}", "policy", get=f"{VERSION}:view"),
    Row("policies/{name}/versions/", "policy", get=f"{VERSION}:view", post=f"{VERSION}:propose",
        body={"document": {}} | REASON),
    Row("policies/versions/{version_id}", "api_version", get=f"{VERSION}:view"),
    Row("policies/versions/{version_id}/publish", "api_version", post=f"{VERSION}:publish",
        body={"valid_from": "2026-12-01"}),
    Row("policies/versions/{version_id}/roll-back", "api_version", post=f"{VERSION}:publish", body=REASON),
    Row("planning/plans/compute", post="planning.plan:create",
        body={"begins_on": "2026-11-19", "last_on": "2026-12-31"}),
    Row("planning/visits/{pk}/move", "plannedvisit", post="planning.plannedvisit:edit",
        body={"day": "2026-12-03", "half": "pm", "reason": "客户约下午"}),
    Row("planning/visits/{pk}/miss", "plannedvisit", post="planning.plannedvisit:edit", body={"reason": "ill"}),
    Row("planning/duties/{pk}/miss", "serviceduty", post="planning.serviceduty:edit", body={"reason": "ill"}),
    Row("planning/replans", post="planning.plannedvisit:edit", body={"kind": "ill"}),
    Row("planning/replans/{pk}/accept", "replan", post="planning.plannedvisit:edit"),
    Row("jobs/{pk}", "job", get=OWN + "jobs.job:view"),
    Row("segmentation/schemes/", get=f"{TIER}:view"),
    Row("segmentation/tiers/{subject}/", keys={"subject": "institution"}, get=f"{TIER}:view"),
    Row("segmentation/tiers/{subject}/{pk}/{scheme}/why", "institution_tier", get=f"{TIER}:view"),
    Row("segmentation/runs/", get=f"{TIER}:view", post=f"{TIER}:run"),
    Row("segmentation/runs/{pk}", "run", get=f"{TIER}:view"),
    Row("segmentation/runs/{pk}/publish", "run", post=f"{TIER}:publish"),
    Row("segmentation/runs/{pk}/roll-back", "run", post=f"{TIER}:publish", body=REASON),
    Row("segmentation/runs/{pk}/{subject}/{scheme}/", "run_scheme", keys={"subject": "institution"}, get=f"{TIER}:view"),
    Row("segmentation/tier-signals/settle", post="segmentation.signal:review",
        body={"signals": ["@tiersignal.near"], "verdict": "reviewed"}),
    Row("segmentation/tier-changes/", post="segmentation.change:propose",
        body={"subject": "institution", "customer": "@institution.near", "scheme": "four_tiers", "tier": "core",
              "reason": "新建院区"}),
    Row("segmentation/tier-changes/{pk}/withdraw", "tierchange", post="segmentation.change:propose"),
    Row("segmentation/tier-meetings/{pk}/decide", "tiermeeting", post="segmentation.change:approve",
        body={"changes": ["@tierchange"], "accept": True, "reason": "一致同意"}),
    Row("segmentation/tier-meetings/{pk}/minutes", "tiermeeting", post="segmentation.meeting:edit",
        body={"minutes": "会上讨论", "expected_version": 1}),
    Row("segmentation/tier-meetings/{pk}/close", "tiermeeting", post="segmentation.meeting:publish",
        body={"expected_version": 1}),
    Row("segmentation/type-proposals/decide", post="segmentation.typeproposal:approve",
        body={"proposals": ["@typeproposal.near"], "accept": True, "reason": "证据充分"}),
    *(
        row
        for entity in ("institution", "professional")
        for right in (f"customers.{entity}",)
        for row in (
            Row("customers/change-requests/{entity}/", keys={"entity": entity}, get=f"{right}:review",
                post=f"{right}:view", body={"customer": f"@{entity}.near", "field": "visit_points", "value": "上午",
                                            "source": "拜访"}),
            Row("customers/change-requests/{entity}/{pk}/accept", f"{entity}_request", post=f"{right}:review"),
            Row("customers/change-requests/{entity}/{pk}/reject", f"{entity}_request", post=f"{right}:review",
                body={"reason": "与医院公示不符"}),
        )
    ),
    Row("insights/target-lists/", post="insights.targetlist:create", body={"name": "四季度", "product_id": "@product.company"}),
    Row("insights/target-items/{pk}/review", "targetitem", post="insights.targetitem:review",
        body={"decision": "kept", "reason": "科室支持"}),
    Row("insights/forecast-runs/", post="insights.forecast:run"),
    Row("insights/outlook-runs/", post="insights.outlook:run"),
    Row("insights/outlook-runs/{pk}", "outlook_run", get="insights.outlook:view"),
    Row("insights/churn-alerts/{pk}/record", "churnalert", post="insights.churnalert:edit",
        body={"state": "contacted", "note": "已电话联系"}),
    Row("insights/value-reports/", post="insights.valuereport:create",
        body={"title": "报告", "institutions": ["@institution.near"]}),
    Row("transfer/importers/", get=SIGNED),
    Row("transfer/imports/", get="transfer.import:view", post="customers.institution:import",
        body={"importer": "customers.institution", "file": "@file"}),
    Row("transfer/imports/{pk}", "import", get=OWN + "transfer.import:view"),
    Row("transfer/imports/{pk}/mapping", "import", put=OWN + "transfer.import:import", body={"mapping": {"name": 0}}),
    Row("transfer/imports/{pk}/check", "import", post=OWN + "transfer.import:import"),
    Row("transfer/imports/{pk}/apply", "import", post=OWN + "transfer.import:import"),
    Row("transfer/imports/{pk}/undo", "import", post=OWN + "transfer.import:import"),
)  # fmt: skip


def screen_rows(surface: Surface) -> list[Row]:
    """Return the rows of a surface's screens."""
    model = surface.entity.partition(".")[2]
    rows = []
    for screen in surface.screens.split():
        verbs, verb, is_object = SCREENS[screen]
        right = surface.right(verb) if verb else OWN
        if surface.is_own and is_object:
            right = OWN + right
        sample = surface.sample if is_object else "view" if screen == "view_delete" else ""
        rows.append(Row(f"{surface.room}:{model}_{screen}", sample, **dict.fromkeys(verbs, right)))
    return rows


def api_rows(surface: Surface) -> list[Row]:
    """Return the rows of a surface's REST addresses."""
    allowed = surface.api.split()
    base = f"{surface.room}/{surface.path}/"
    rights = {"list": "view", "get": "view", "create": "create", "update": "edit", "archive": "archive"}
    right = {name: surface.right(verb) for name, verb in rights.items() if name in allowed}
    return [
        Row(base, get=right["list"], post=right.get("create", ""), body=surface.new),
        Row(base + "{pk}", surface.sample, get=(OWN if surface.is_own else "") + right["get"], patch=right.get("update", ""),
            delete=right.get("archive", "")),
    ]  # fmt: skip


SCREEN_TABLE: tuple[Row, ...] = (*SCREEN_ROWS, *DOOR_ROWS, *(row for each in SURFACES for row in screen_rows(each)))
API_TABLE: tuple[Row, ...] = (*API_ROWS, *(row for each in SURFACES for row in api_rows(each)))
