"""Write who we are: people, territories, positions and who holds them, roles, filings, sessions."""

from yaomai.organization.services.emergencies import (
    emergencies_expire_due,
    emergency_end,
    emergency_expire,
    emergency_give,
)
from yaomai.organization.services.factors import factors_ask_removal
from yaomai.organization.services.filings import filing_create, filing_stop, filing_update
from yaomai.organization.services.people import (
    people_give_passwords,
    person_create,
    person_deactivate,
    person_reactivate,
    person_set_temporary_password,
    person_update,
)
from yaomai.organization.services.positions import (
    holding_end,
    holding_start,
    position_close,
    position_create,
    position_update,
)
from yaomai.organization.services.roles import role_edit_rights, role_sync
from yaomai.organization.services.territories import (
    territory_apply_change,
    territory_apply_due,
    territory_create,
    territory_plan_change,
    territory_update,
    territory_withdraw_change,
)
from yaomai.organization.services.tokens import token_create, token_revoke

__all__ = [
    "emergencies_expire_due",
    "emergency_end",
    "emergency_expire",
    "emergency_give",
    "factors_ask_removal",
    "filing_create",
    "filing_stop",
    "filing_update",
    "holding_end",
    "holding_start",
    "people_give_passwords",
    "person_create",
    "person_deactivate",
    "person_reactivate",
    "person_set_temporary_password",
    "person_update",
    "position_close",
    "position_create",
    "position_update",
    "role_edit_rights",
    "role_sync",
    "territory_apply_change",
    "territory_apply_due",
    "territory_create",
    "territory_plan_change",
    "territory_update",
    "territory_withdraw_change",
    "token_create",
    "token_revoke",
]
