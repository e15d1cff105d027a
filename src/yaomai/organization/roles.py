"""The roles a company starts with: name, reach and default rights. `role_sync` loads them; customers change them.

Rights are patterns over the registered rights, so that a room added later is covered: "customers.*:view".
"""

from collections.abc import Iterable
from dataclasses import dataclass

from yaomai.organization import rules

_DIRECTORY = ("organization.person:view", "organization.territory:view", "organization.position:view")
_KNOW = (
    "customers.*:view",
    "listing.*:view",
    "influence.*:view",
    "catalog.*:view",
    "segmentation.*:view",
    "planning.*:view",
    "engagement.*:view",
    "insights.target*:view",
    "insights.marketfigure:view",
    "insights.policyevent:view",
    "compliance.rule:view",
    "compliance.consent:view",
    "compliance.transfer:view",
    "materials.*:view",
    "policies.version:view",
    "support.request:view",
)
_SERVE = ("support.request:create", "support.request:edit", "support.order:view")
"""Whoever puts right what customers ask for, orders included (C6)."""
_HEARD = ("safety.adverseevent:view", "safety.adverseevent:create")
"""Whoever meets customers reports what patients suffered, and sees what became of their own reports (PV7)."""
_MAINTAIN = (
    *_HEARD,
    "customers.*:create",
    "customers.*:edit",
    "listing.*:create",
    "listing.*:edit",
    "influence.*:create",
    "influence.*:edit",
    "engagement.*:create",
    "engagement.*:edit",
    "planning.*:create",
    "planning.*:edit",
    "planning.*:export",
    "planning.absence:archive",
    "planning.goal:archive",
    "insights.targetitem:review",
    "compliance.consent:create",
    "compliance.consent:edit",
    "compliance.transfer:create",
    "compliance.transfer:edit",
    "materials.use:create",
    "support.request:create",
)
_MANAGE_CUSTOMERS = ("customers.*:create", "customers.*:edit", "customers.*:archive", "customers.*:merge",
                     "customers.*:review", "customers.*:export", "customers.*:reveal", "listing.*:*", "influence.*:*",
                     "engagement.*:*", "support.*:*", *_HEARD, "planning.*:*", "insights.target*:*", "compliance.consent:*", "compliance.check:view",
                     "compliance.transfer:create", "compliance.transfer:edit", "compliance.transfer:approve",
                     "compliance.transfer:export")  # fmt: skip
_SEE_BUSINESS = ("insights.allocation:*", "commerce.*:view", "commerce.*:export", "segmentation.*:export", "insights.quadrant:*",
                 "insights.valuereport:*", "insights.outlook:view", "insights.outlook:export", "insights.forecast:view", "insights.forecast:export", "insights.churnalert:view",
                 "insights.churnalert:export", "insights.effectstudy:*", "insights.purchasesignal:view",
                 "insights.purchasesignal:review", "insights.purchasesignal:export", "insights.policyimpact:*",
                 "insights.evaluation:view", "insights.evaluation:edit", "insights.evaluation:export", "insights.improvement:*")  # fmt: skip
_EVALUATE = ("insights.evaluation:create", "insights.evaluation:approve")
"""Whoever answers for how a territory did."""
_WIN_BACK = ("insights.churnalert:edit",)
"""Whoever answers for customers that fall silent."""
_FORESEE = ("insights.outlook:run", "insights.outlook:publish", "insights.forecast:run", "insights.forecast:publish")
_CRISES = ("integrity.crisis:view", "integrity.crisis:edit")
"""Whoever has a step in a plan for crises."""
_JOBS = ("jobs.*:view", "runs.*:view")
_IMPORT = ("customers.*:import", "catalog.*:import", "commerce.*:import", "transfer.*:*")


@dataclass(frozen=True, slots=True)
class RoleDefinition:
    """One role as shipped. `patterns` are the rights it starts with."""

    code: str
    name: str
    name_en: str
    patterns: tuple[str, ...]
    is_company_wide: bool = False

    def rights(self, registered: Iterable[str]) -> list[str]:
        """Return those of the registered rights that the role starts with."""
        return sorted(rules.matching(registered, self.patterns))


ROLES: tuple[RoleDefinition, ...] = (
    RoleDefinition(
        "sales_director", "销售总监", "Sales director",
        (*_DIRECTORY, *_KNOW, *_MANAGE_CUSTOMERS, *_SEE_BUSINESS, *_WIN_BACK, *_EVALUATE, *_FORESEE, *_JOBS, *_IMPORT, *_CRISES, "commerce.*:review",
         "segmentation.*:*", "policies.version:*", "organization.filing:view", "insights.marketfigure:*",
         "insights.purchasesignal:*", "insights.policyevent:*", "compliance.rule:propose"),
        is_company_wide=True,
    ),
    RoleDefinition(
        "regional_director", "大区总监", "Regional director",
        (*_DIRECTORY, *_KNOW, *_MANAGE_CUSTOMERS, *_SEE_BUSINESS, *_WIN_BACK, *_EVALUATE, *_JOBS, "segmentation.*:run",
         "segmentation.*:propose", "segmentation.signal:review", "segmentation.change:approve", "segmentation.meeting:*",
         "segmentation.typeproposal:approve", "policies.version:propose", "policies.version:approve", "organization.filing:view",
         "insights.purchasesignal:run", "transfer.import:*"),
    ),
    RoleDefinition(
        "area_manager", "区域经理", "Area manager",
        (*_DIRECTORY, *_KNOW, *_MANAGE_CUSTOMERS, *_SEE_BUSINESS, *_WIN_BACK, *_EVALUATE, "segmentation.*:propose", "segmentation.signal:review",
         "segmentation.typeproposal:approve", "policies.version:propose", "transfer.import:*"),
    ),
    RoleDefinition(
        "key_account_manager", "KA经理", "Key account manager",
        (*_DIRECTORY, *_KNOW, *_MAINTAIN, *_SERVE, *_SEE_BUSINESS, *_WIN_BACK, "customers.*:export", "customers.*:reveal",
         "segmentation.change:propose"),
    ),
    RoleDefinition(
        "commerce_manager", "商务经理", "Commerce manager",
        (*_DIRECTORY, *_KNOW, *_MAINTAIN, *_IMPORT, *_JOBS, "support.*:*", "commerce.*:*", "catalog.*:*", "customers.*:export",
         "customers.*:review", "segmentation.change:propose", "insights.quadrant:*", "insights.valuereport:*",
         "insights.outlook:*", "insights.churnalert:*", "insights.forecast:*", "insights.effectstudy:*",
         "insights.purchasesignal:*", "insights.policyevent:*", "insights.policyimpact:*", "insights.evaluation:view",
         "insights.evaluation:edit", "insights.evaluation:export", "insights.improvement:*"),
        is_company_wide=True,
    ),
    RoleDefinition(
        "representative", "医药代表", "Medical representative",
        (*_KNOW, *_MAINTAIN, "customers.*:reveal", "segmentation.change:propose"),
    ),
    RoleDefinition(
        "customer_service", "客户服务专员", "Customer service specialist",
        (*_KNOW, *_HEARD, "support.*:*", "transfer.import:*", "insights.churnalert:view", "customers.*:edit", "customers.*:reveal", "commerce.*:view", "planning.*:create", "planning.*:edit"),
    ),
    RoleDefinition(
        "medical_manager", "学术经理", "Medical and academic manager",
        (*_DIRECTORY, *_KNOW, *_MAINTAIN, *_CRISES, "catalog.*:edit", "influence.*:*", "transfer.*:*", "materials.*:*",
         "safety.adverseevent:*"),
        is_company_wide=True,
    ),
    RoleDefinition(
        "marketing", "市场", "Marketing",
        (*_DIRECTORY, *_KNOW, *_SEE_BUSINESS, *_FORESEE, *_JOBS, *_CRISES, "customers.*:export", "catalog.*:*", "segmentation.*:run",
         "segmentation.*:propose", "policies.version:propose", "policies.version:approve", "insights.marketfigure:*",
         "insights.policyevent:*", "materials.material:create",
         "materials.material:edit", "materials.material:archive", "materials.material:export"),
        is_company_wide=True,
    ),
    RoleDefinition(
        "supply_manager", "供应链经理", "Supply chain manager",
        (*_DIRECTORY, *_CRISES, *_SERVE, "support.request:view", "customers.institution:view", "catalog.*:view", "commerce.*:view",
         "insights.forecast:view", "insights.forecast:export"), is_company_wide=True,
    ),
    RoleDefinition(
        "compliance_officer", "合规专员", "Compliance officer",
        (*_DIRECTORY, *_KNOW, "commerce.*:view", "compliance.*:*", "integrity.*:*", "privacy.*:*", "materials.*:*", "support.order:view", "support.request:export", "engagement.visit:export", "engagement.audit:*",
         "safety.adverseevent:*", "organization.filing:*", "organization.role:view",
         "organization.emergency:view", "transfer.import:*",
         "policies.version:*", "approvals.request:view", "audit.entry:*"),
        is_company_wide=True,
    ),
    RoleDefinition(
        "legal", "法务", "Legal counsel",
        (*_DIRECTORY, "customers.institution:view", "compliance.*:view", "materials.*:view", "materials.material:approve", "compliance.rule:approve",
         "integrity.report:*", *_CRISES, "integrity.disclosure:*", "integrity.contract:*",
         "privacy.*:*", "integrity.provider:view", "integrity.risk:view", "integrity.dossier:view",
         "policies.version:view", "policies.version:approve", "organization.filing:view"),
        is_company_wide=True,
    ),
    RoleDefinition(
        "finance", "财务", "Finance",
        (*_DIRECTORY, *_CRISES, "customers.institution:view", "compliance.transfer:view", "compliance.expense:*", "transfer.import:*", "catalog.*:view", "commerce.*:view", "commerce.*:export",
         "policies.version:view"),
        is_company_wide=True,
    ),
    RoleDefinition(
        "system_administrator", "系统管理员", "System administrator",
        ("organization.person:*", "organization.territory:view", "organization.position:view", "organization.role:view",
         "jobs.*:*", "runs.*:view", "settings.*:*", "warehouse.*:*", "organization.emergency:*", "transfer.import:*"),
        is_company_wide=True,
    ),
    RoleDefinition(
        "security_administrator", "安全管理员", "Security administrator",
        ("organization.person:view", "organization.territory:*", "organization.position:*", "organization.role:*",
         "organization.filing:view", "organization.emergency:*", "transfer.import:*"),
        is_company_wide=True,
    ),
    RoleDefinition(
        "audit_administrator", "审计管理员", "Audit administrator",
        ("audit.entry:*", "approvals.request:view", "compliance.wall:*", "integrity.report:*", "integrity.dossier:view", *_DIRECTORY, "organization.role:view", "organization.filing:view",
         "organization.emergency:*"),
        is_company_wide=True,
    ),
)  # fmt: skip
