"""Import of people: who may sign in, without any right. Rights come with positions, from other hands."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.kit.errors import Invalid
from yaomai.kit.transfer.columns import Column
from yaomai.kit.transfer.registry import Context, register_importer
from yaomai.kit.transfer.service_importer import Doing, ServiceImporter, Values, one_of
from yaomai.organization import services
from yaomai.organization.models import Person


def colleague_called(text: str, column: str, *, of_past: bool = False) -> Person:
    """Return the one colleague in view that a text means: by user name, employee number, or name.

    Raises:
        NotThere: there is none, or there are several.
    """
    person: Person = one_of(Person, ("username", "employee_number", "name"), text, column, of_past=of_past)
    return person


@register_importer
class PersonImporter(ServiceImporter):
    """People by user name or employee number."""

    name = "organization.person"
    label = _("People")
    results = ("organization:person_list", _("See the people"))
    right = "organization.person:import"
    model = Person
    keys: ClassVar[Sequence[Sequence[str]]] = (("username",), ("employee_number",))
    volatile: ClassVar[Sequence[str]] = ("search",)
    columns: ClassVar[Sequence[Column]] = (
        Column("name", pgettext_lazy("person", "Name"), required=True, length=64, example="示例员工",
               synonyms=("姓名", "员工姓名", "人员姓名", "名字", "员工名称", "full name", "employee name")),
        Column("username", _("User name"), length=64, example="shili",
               synonyms=("账号", "登录名", "用户账号", "登录账号", "系统账号", "帐号", "域账号", "OA账号", "login", "account", "user"),
               hint=_("What the person signs in with; the employee number when empty.")),
        Column("employee_number", _("Employee number"), length=32, example="A0001",
               synonyms=("工号", "员工编号", "员工号", "人员编码", "员工工号", "职工号", "人员编号", "staff no", "employee id")),
        Column("email", _("E-mail"), length=254, example="shili@example.com",
               synonyms=("邮箱", "电子邮箱", "电子邮件", "公司邮箱", "工作邮箱", "企业邮箱", "mail", "email address")),
    )  # fmt: skip
    create = staticmethod(services.person_create)
    update = staticmethod(services.person_update)

    def make(self, values: Values, context: Context, doing: Doing) -> Any:
        """Make a person; the employee number serves as user name where there is none."""
        username = values.get("username") or values.get("employee_number")
        if not username:
            raise Invalid(fields={"username": [_("Write a user name, or an employee number that serves as one.")]})
        return super().make(values | {"username": username}, context, doing)
