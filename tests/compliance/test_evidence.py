"""Evidence as a file: taken by content, cleaned, kept whole, seen in scope only; what could run never comes in."""

import io
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document
from PIL import Image
from tests.compliance.conftest import NOW, TODAY, Company
from tests.compliance.test_ledger import approved, ask

from yaomai.compliance.models import Transfer
from yaomai.compliance.services import transfer_give
from yaomai.kit.access import acting
from yaomai.kit.attachments import cleaning, errors, selectors, services, store
from yaomai.kit.attachments.models import Attachment
from yaomai.kit.audit.models import Entry
from yaomai.kit.errors import Invalid, Missing

pytestmark = pytest.mark.django_db
PIXELS = 60_000_000
PLACE = "江城市解放路9号"


def jpeg(**info: Any) -> bytes:
    """Return a picture as a phone makes it: turned, with place, device and owner in its EXIF."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112], exif[0x013B] = "PhoneMaker", "Model X", 6, "Wang Fang"
    exif.get_ifd(0x8825)[1], exif.get_ifd(0x8825)[2] = "N", (30.0, 35.0, 12.0)
    written = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(written, "JPEG", exif=exif, comment=PLACE.encode(), **info)
    return written.getvalue()


def pdf(**parts: Any) -> bytes:
    file = pikepdf.new()
    file.add_blank_page()
    file.docinfo["/Author"] = "Wang Fang"
    with file.open_metadata() as meta:
        meta["dc:creator"] = ["Wang Fang"]
    for name, value in parts.items():
        file.Root[f"/{name}"] = value
    picture = pikepdf.Stream(file, jpeg(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=40, Height=20,
                             ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode)  # fmt: skip
    file.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=picture))
    written = io.BytesIO()
    file.save(written)
    return written.getvalue()


def docx() -> bytes:
    file = Document()
    file.add_paragraph("会议签到")
    file.core_properties.author = "Wang Fang"
    file.core_properties.last_modified_by = "Wang Fang"
    written = io.BytesIO()
    file.save(written)
    return written.getvalue()


def with_part(content: bytes, name: str, body: bytes = b"x") -> bytes:
    written = io.BytesIO(content)
    with zipfile.ZipFile(written, "a") as file:
        file.writestr(name, body)
    return written.getvalue()


def give(company: Company, transfer: Any, content: bytes | None, name: str = "发票.jpg", **said: Any) -> Any:
    fields = {"spent": Decimal(88), "given_on": TODAY, "evidence": "发票1"} | said
    return transfer_give(
        actor=company.actor(), pk=transfer.pk, now=NOW, file=content, file_name=name, **fields,
    )  # fmt: skip


# What is taken out ----------------------------------------------------------------------------------------------


def test_a_photo_loses_place_device_and_owner_and_stands_upright() -> None:
    found = cleaning.cleaned("发票.jpg", jpeg(), pixels=PIXELS)
    picture = Image.open(io.BytesIO(found.content))
    assert picture.size == (20, 40)
    assert dict(picture.getexif()) == {} and "comment" not in picture.info
    assert not any(word in found.content for word in (b"PhoneMaker", b"Wang Fang", PLACE.encode(), b"Exif"))
    assert {"exif", "comment"} <= set(found.removed)
    assert (found.media, found.suffix) == ("image/jpeg", "jpg")


def test_what_is_hidden_behind_a_picture_does_not_survive() -> None:
    found = cleaning.cleaned("a.jpg", jpeg() + b"PK\x03\x04 <script>alert(1)</script> MZ", pixels=PIXELS)
    assert b"script" not in found.content and b"PK\x03\x04" not in found.content


def test_a_pdf_loses_author_metadata_and_the_exif_of_its_pictures() -> None:
    found = cleaning.cleaned("a.pdf", pdf(), pixels=PIXELS)
    with pikepdf.open(io.BytesIO(found.content)) as file:
        assert "/Info" not in file.trailer and "/Metadata" not in file.Root
        raw = file.pages[0].Resources.XObject.Im0.read_raw_bytes()
    assert b"PhoneMaker" not in raw and b"Exif" not in raw and raw.startswith(b"\xff\xd8")
    assert {"Info", "Metadata", "exif"} <= set(found.removed)


def test_an_office_file_loses_its_author_and_still_opens() -> None:
    found = cleaning.cleaned("签到.docx", docx(), pixels=PIXELS)
    again = Document(io.BytesIO(found.content))
    assert again.core_properties.author == "" and again.paragraphs[0].text == "会议签到"
    with zipfile.ZipFile(io.BytesIO(found.content)) as file:
        assert all(b"Wang Fang" not in file.read(name) for name in file.namelist())


# What is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"MZ\x90\x00" + b"\0" * 90, errors.Executable),
        (b"\x7fELF\x02\x01\x01" + b"\0" * 90, errors.Executable),
        (b"\xcf\xfa\xed\xfe" + b"\0" * 90, errors.Executable),
        (b"#!/bin/sh\nrm -rf /\n", errors.Executable),
        (b"\xca\xfe\xba\xbe\0\0\0\x34", errors.Executable),
        (b"<html><script>alert(1)</script></html>", errors.NotAccepted),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", errors.NotAccepted),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 90, errors.NotAccepted),
        (b"GIF89a" + b"\0" * 90, errors.NotAccepted),
        (b"\xff\xd8\xff\xe0 this is no picture", errors.Broken),
        (b"%PDF-1.7 this is none", errors.Broken),
        (b"PK\x03\x04 this is none", errors.Broken),
    ],
)  # fmt: skip
def test_a_file_is_what_its_content_says_whatever_its_name(content: bytes, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        cleaning.cleaned("发票.jpg", content, pixels=PIXELS)
    assert type(raised.value) is error and raised.value.citations  # type: ignore[attr-defined]


def test_documents_that_could_act_are_refused() -> None:
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    files = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=pikepdf.Array()))
    launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))
    for content in (pdf(OpenAction=script), pdf(Names=files), pdf(OpenAction=launch)):
        with pytest.raises(errors.ActiveContent):
            cleaning.cleaned("a.pdf", content, pixels=PIXELS)
    relation = b'<Relationships><Relationship Id="r" Type="http://x/attachedTemplate" TargetMode="External" Target="http://x"/></Relationships>'
    for name, body in (
        ("word/vbaProject.bin", b"x"),
        ("word/embeddings/oleObject1.bin", b"x"),
        ("word/_rels/settings.xml.rels", relation),
    ):
        with pytest.raises(errors.ActiveContent):
            cleaning.cleaned("a.docx", with_part(docx(), name, body), pixels=PIXELS)
    with pytest.raises(errors.Executable):
        cleaning.cleaned("a.docx", with_part(docx(), "word/setup.exe"), pixels=PIXELS)
    locked = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as file:
        file.save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))
    with pytest.raises(errors.Locked):
        cleaning.cleaned("a.pdf", locked.getvalue(), pixels=PIXELS)


def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_decoded() -> None:
    written = io.BytesIO()
    Image.new("1", (9000, 9000)).save(written, "PNG")
    with pytest.raises(errors.Broken):
        cleaning.cleaned("a.png", written.getvalue(), pixels=PIXELS)


# In the ledger --------------------------------------------------------------------------------------------------


def test_what_was_given_is_proved_by_a_file_and_the_trail_names_its_digest(company: Company) -> None:
    transfer = approved(company, on=TODAY)
    give(company, transfer, jpeg(), name="C:\\Users\\王芳\\发票.png")
    (kept,) = selectors.attachments_of(transfer)
    assert (kept.name, kept.media) == ("发票.png.jpg", "image/jpeg")
    assert kept.sha256 in Entry.unscoped.filter(code="compliance.transfer:give").latest("pk").content
    assert b"PhoneMaker" not in selectors.content_of(kept)


def test_an_executable_as_evidence_is_refused_cited_and_on_record(company: Company) -> None:
    transfer = approved(company, on=TODAY)
    before = sum(1 for _path in store.everything())
    with pytest.raises(errors.Executable):
        give(company, transfer, b"MZ" + b"\0" * 100)
    transfer.refresh_from_db()
    assert transfer.state == "approved" and not Attachment.unscoped.exists()
    assert sum(1 for _path in store.everything()) == before
    entry = Entry.unscoped.filter(code="compliance.transfer:give").latest("pk")
    assert entry.outcome == "refused" and "K13" in entry.content


def test_from_an_amount_on_a_copy_of_the_proof_is_needed(company: Company) -> None:
    fields = {"form": "fee", "item": "lecture", "hours": Decimal(1), "amount": Decimal(500), "paid_as": "bank"}
    transfer = ask(company, on=TODAY, **fields)
    Transfer.unscoped.filter(pk=transfer.pk).update(state="approved")
    with pytest.raises(Invalid) as error:
        give(company, transfer, None, spent=Decimal(500))
    assert set(error.value.fields) == {"file"}
    assert give(company, transfer, pdf(), name="讲课合同.pdf", spent=Decimal(500)).state == "given"


def test_one_receipt_proves_one_transfer_even_as_another_file_name(company: Company) -> None:
    first, second = approved(company, on=TODAY), approved(company, on=TODAY, item="pen", amount=Decimal(20))
    give(company, first, jpeg())
    with pytest.raises(errors.Known):
        give(company, second, jpeg(), name="另一张.jpg", spent=Decimal(20), evidence="发票2")
    second.refresh_from_db()
    assert second.state == "approved"


def test_evidence_of_what_happened_stays_and_what_was_a_mistake_goes(company: Company) -> None:
    transfer = approved(company, on=TODAY)
    actor, common = company.actor(), {"now": NOW, "carrier": "compliance.transfer", "carrier_id": transfer.pk}
    wrong = services.attachment_add(actor=actor, name="a.jpg", content=jpeg(quality=30), **common)
    with acting(actor):
        services.attachment_take_away(actor=actor, now=NOW, pk=wrong.pk, reason="拍错了")
    assert selectors.attachments_of(transfer) == []
    give(company, transfer, jpeg())
    (kept,) = selectors.attachments_of(transfer)
    with acting(actor), pytest.raises(errors.Final):
        services.attachment_take_away(actor=actor, now=NOW, pk=kept.pk, reason="不想留")
    assert Entry.unscoped.filter(code="attachments.attachment:take_away", outcome="refused").count() == 1


def test_a_flipped_byte_is_noticed_before_anybody_sees_the_file(company: Company) -> None:
    transfer = approved(company, on=TODAY)
    give(company, transfer, jpeg())
    (kept,) = selectors.attachments_of(transfer)
    path = store.stored(kept.sha256)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(errors.Damaged):
        selectors.content_of(kept)
    store.write(cleaning.cleaned("a.jpg", jpeg(), pixels=PIXELS).content)
    assert selectors.content_of(kept)


def test_too_large_and_too_many_are_said_with_their_bounds(company: Company) -> None:
    from yaomai.kit.policies.models import Version

    Version.unscoped.create(
        name="attachments.files", number=1, status="published", valid_from=date(2026, 1, 1), published_at=NOW, created_at=NOW,
        document={"megabytes": 1, "each": 1, "megapixels": 1}, reason="试",
    )  # fmt: skip
    transfer, actor = approved(company, on=TODAY), company.actor()
    common = {"now": NOW, "carrier": "compliance.transfer", "carrier_id": transfer.pk, "actor": actor}
    with pytest.raises(errors.TooLarge) as error:
        services.attachment_add(name="a.jpg", content=jpeg() + b"\0" * 1_100_000, **common)
    assert "1 MB" in str(error.value)
    services.attachment_add(name="a.jpg", content=jpeg(), **common)
    with pytest.raises(Invalid):
        services.attachment_add(name="b.jpg", content=jpeg(quality=20), **common)
    with pytest.raises(errors.Known):
        services.attachment_add(name="b.jpg", content=jpeg(), **common)
    with pytest.raises(Missing):
        services.attachment_add(
            actor=actor, now=NOW, carrier="organization.person", carrier_id=1, name="a", content=b"x"
        )


# On screen ------------------------------------------------------------------------------------------------------


def test_the_file_is_sealed_off_and_only_for_those_who_reach_the_row(company: Company, client: Client) -> None:
    transfer = approved(company, on=TODAY)
    give(company, transfer, jpeg())
    (kept,) = selectors.attachments_of(transfer)
    client.force_login(company.colleague)
    page = client.get(f"/compliance/transfers/{transfer.pk}/")
    assert kept.name in page.content.decode()
    answer = client.get(f"/attachments/{kept.pk}/file")
    assert answer.status_code == 200 and answer["Content-Type"] == "image/jpeg"
    assert "sandbox" in answer["Content-Security-Policy"] and "default-src 'none'" in answer["Content-Security-Policy"]
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "no-store")
    client.force_login(company.person)  # holds no position: reaches nothing
    assert client.get(f"/attachments/{kept.pk}/file").status_code == 404


def test_the_form_takes_the_file_and_says_in_place_what_is_wrong_with_it(company: Company, client: Client) -> None:
    transfer = approved(company)
    client.force_login(company.colleague)
    url = f"/attachments/compliance.transfer/{transfer.pk}/add"
    bad = client.post(url, {"file": SimpleUploadedFile("发票.jpg", b"MZ" + b"\0" * 99, "image/jpeg")})
    assert bad.status_code == 422 and "程序" in bad.content.decode() and "K13" in bad.content.decode()
    assert client.post(url, {"file": SimpleUploadedFile("发票.jpg", jpeg(), "text/html")}).status_code == 302
    (kept,) = selectors.attachments_of(transfer)
    gone = client.post(f"/attachments/{kept.pk}/take-away", {"reason": "拍错了"})
    assert gone.status_code == 302 and selectors.attachments_of(transfer) == []
