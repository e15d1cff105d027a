"""Lists of publications from files: every format, broken ones, whom a name means, and what is remembered."""

from pathlib import Path
from typing import Any

import pytest
from tests.influence.acts_examples import BOSS, NOW, TODAY, call

from yaomai.customers.models import Professional
from yaomai.customers.services import institution_create, professional_create
from yaomai.influence import selectors
from yaomai.influence.importers import PublicationImporter
from yaomai.influence.models import AuthorDecision, Authorship, Publication
from yaomai.influence.rules import split_affiliations, split_authors
from yaomai.influence.services.authors import AlreadyDecided
from yaomai.kit.access import acting
from yaomai.kit.errors import DomainError
from yaomai.kit.transfer.command import import_file
from yaomai.kit.transfer.services import import_undo

pytestmark = pytest.mark.django_db

RIS = """TY  - JOUR
TI  - 安氯平治疗老年高血压
AU  - 王芳
AU  - 李强
AD  - 江城医院心血管内科
JO  - 江城医学杂志
PY  - 2024
DO  - 10.1000/ris.1
ER  -

TY  - JOUR
TI  - Second study
AU  - Wang, Fang
JO  - Example Journal
PY  - 2023
ER  -
"""
BIBTEX = """@article{a, title={安氯平治疗老年高血压}, author={王芳 and 李强}, affiliation={江城医院心血管内科}, journal={江城医学杂志},
  year={2024}, doi={10.1000/RIS.1}}
@article{b, title={A {New} study}, author={Wang, Fang and M{\\"u}ller, Hans}, journal={J}, year={2023}}
"""
PUBMED = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE PubmedArticleSet [<!ENTITY secret SYSTEM "file:///etc/hostname">]>
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">30000001</PMID><Article>
<Journal><JournalIssue><PubDate><Year>2024</Year></PubDate></JournalIssue><Title>Example Journal</Title></Journal>
<ArticleTitle>A <i>randomised</i> study&secret;.</ArticleTitle>
<AuthorList><Author><LastName>Wang</LastName><ForeName>Fang</ForeName><AffiliationInfo><Affiliation>江城医院心血管内科</Affiliation>
</AffiliationInfo></Author><Author><LastName>Li</LastName><Initials>Q</Initials></Author></AuthorList>
<ELocationID EIdType="doi">10.1000/pm.1</ELocationID></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>
"""


@pytest.fixture
def wang() -> Any:
    hospital = institution_create(actor=BOSS, now=NOW, name="江城医院")
    return professional_create(actor=BOSS, now=NOW, name="王芳", institution=hospital, specialty="心血管内科")


def taken(tmp_path: Path, name: str, content: str | bytes) -> Any:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with acting(BOSS):
        return import_file(actor=BOSS, now=NOW, path=path, importer="influence.publication", source="检索")


def authors() -> list[tuple[str, str, int | None]]:
    rows = Authorship.unscoped.order_by("publication", "position")
    return list(rows.values_list("name", "link", "professional"))


def test_a_ris_file_links_who_is_certain_and_asks_the_rest(tmp_path: Path, wang: Any) -> None:
    done = taken(tmp_path, "list.ris", RIS)
    assert (done.created_count, done.refused_count) == (2, 0)
    # Li Qiang is printed, and nobody of ours.
    assert authors() == [("王芳", "automatic", wang.pk), ("Wang, Fang", "open", None)]
    first = Publication.unscoped.get(doi="10.1000/ris.1")
    assert (first.journal, first.year, first.source) == ("江城医学杂志", 2024, "list.ris")
    assert (first.authors, first.affiliations, first.author_count) == ("王芳; 李强", "江城医院心血管内科", 2)
    with acting(BOSS):
        seen, others = selectors.authors(first)
    assert ([author.name for author in seen], others) == (["王芳"], 1)
    measures = selectors.academic_measures(as_of=TODAY).to_pylist()
    assert [(row["professional"], row["publication_points"]) for row in measures] == [(wang.pk, 3.0)]


def test_bibtex_knows_the_same_publication_again(tmp_path: Path, wang: Any) -> None:
    taken(tmp_path, "list.ris", RIS)
    done = taken(tmp_path, "list.bib", BIBTEX)
    assert done.created_count == 1
    assert Publication.unscoped.count() == 3
    assert Publication.unscoped.filter(title="A New study").exists()
    assert Publication.unscoped.filter(authors="Wang, Fang; Müller, Hans").exists()
    assert Authorship.unscoped.filter(professional=wang).count() == 1


def test_pubmed_xml_is_read_without_what_lies_outside(tmp_path: Path, wang: Any) -> None:
    assert taken(tmp_path, "pubmed.xml", PUBMED).created_count == 1
    row = Publication.unscoped.get()
    assert (row.pmid, row.doi, row.year) == ("30000001", "10.1000/pm.1", 2024)
    assert row.title.startswith("A randomised study")
    assert Path("/etc/hostname").read_text(encoding="utf-8").strip() not in row.title
    assert authors()[0] == ("Wang, Fang", "automatic", wang.pk)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.ris", RIS.encode().replace("强".encode(), b"\xff\xfe\xd8"), "4"),
        ("a.ris", b"TY  - JOUR\nER  -\n", ""),
        ("a.bib", b"@article{a, title={A, year=2}\n\n@article{b, title={x}}\n", "1"),
        ("a.xml", b"<PubmedArticleSet><PubmedArticle>\n</X></PubmedArticleSet>", "2"),
    ],
)
def test_a_broken_file_is_refused_with_its_line_and_leaves_nothing(
    tmp_path: Path, wang: Any, name: str, content: bytes, told: str
) -> None:
    with pytest.raises(DomainError) as refused:
        taken(tmp_path, name, content)
    assert told in str(refused.value)
    assert not Publication.unscoped.exists()


def test_rows_that_cannot_be_are_refused_and_the_others_taken(tmp_path: Path, wang: Any) -> None:
    rows = "题名,年份,DOI,链接\n甲,2024,10.1000/1,\n乙,2024,abc,\n丙,2031,,\n丁,2024,,javascript:alert(1)\n"
    done = taken(tmp_path, "list.csv", rows)
    assert (done.created_count, done.refused_count) == (1, 3)


def test_an_address_without_its_scheme_is_kept_and_a_path_is_no_evidence(tmp_path: Path, wang: Any) -> None:
    entry = "TY  - JOUR\nTI  - 题目{0}\nAU  - 王芳\nPY  - 2024\nUR  - {1}\nER  - \n\n"
    urls = ("C:\\文献\\a.pdf", "www.example.org/a", "javascript:alert(1)", "HTTP://example.org/b")
    taken(tmp_path, "a.ris", "".join(entry.format(number, url) for number, url in enumerate(urls)).encode())
    assert list(Publication.unscoped.order_by("title").values_list("evidence", flat=True)) == [
        "", "https://www.example.org/a", "", "HTTP://example.org/b",
    ]  # fmt: skip


def test_a_decision_counts_for_every_publication_and_for_those_to_come(tmp_path: Path, wang: Any) -> None:
    head = "题名,年份,作者,署名单位\n"
    taken(tmp_path, "one.csv", head + "甲文,2024,Wang Fang; Wang Fang,江城医院\n乙文,2023,Wang Fang,江城医院\n")
    with acting(BOSS):
        question, count = selectors.author_question()
    assert question is not None
    assert (count, question.works, [person.pk for person, _score, _why in question.candidates]) == (3, 3, [wang.pk])
    # On the first, two have this name: only one of them can be her.
    assert call("author_decide", pk=question.author.pk, professional=wang)() == 2
    assert Authorship.unscoped.filter(professional=wang, link="reviewed").count() == 2
    with pytest.raises(AlreadyDecided):
        call("author_decide", pk=question.author.pk, professional=None)()
    taken(tmp_path, "two.csv", head + "丙文,2022,Wang Fang,江城医院\n")
    assert authors()[-1] == ("Wang Fang", "reviewed", wang.pk)


def test_nobody_of_ours_is_remembered_too(tmp_path: Path, wang: Any) -> None:
    taken(tmp_path, "one.csv", "题名,年份,作者,署名单位\n甲文,2024,Wang Fang,江城医院\n")
    call("author_decide", pk=Authorship.unscoped.get().pk, professional=None)()
    assert AuthorDecision.unscoped.get().professional is None
    taken(tmp_path, "two.csv", "题名,年份,作者,署名单位\n乙文,2024,Wang Fang,江城医院\n")
    assert [link for _name, link, _who in authors()] == ["nobody", "nobody"]


def test_namesakes_of_one_hospital_are_asked(tmp_path: Path, wang: Any) -> None:
    professional_create(actor=BOSS, now=NOW, name="王芳", institution=wang.institution, specialty="骨科")
    taken(tmp_path, "one.csv", "题名,年份,作者,署名单位\n甲文,2024,王芳,江城医院\n乙文,2024,王芳,江城医院骨科\n")
    other = Professional.unscoped.exclude(pk=wang.pk).get(name="王芳")
    assert sorted(authors()) == [("王芳", "automatic", other.pk), ("王芳", "open", None)]


def test_a_list_and_its_undo_leave_who_was_entered_by_hand(tmp_path: Path, wang: Any) -> None:
    work = call("publication_create", title="安氯平治疗老年高血压", year=2024, doi="10.1000/ris.1", source="检索")()
    call("author_add", publication=work.pk, professional=wang, role="corresponding")()
    assert Publication.unscoped.get().authors == "王芳"
    done = taken(tmp_path, "list.ris", RIS)
    assert (done.created_count, done.updated_count) == (1, 1)
    # She is an author already: the list adds the names as printed, no second authorship.
    assert authors() == [("王芳", "entered", wang.pk), ("Wang, Fang", "open", None)]
    zhao = professional_create(actor=BOSS, now=NOW, name="赵敏")
    call("author_add", publication=work.pk, professional=zhao)()
    with acting(BOSS):
        line = next(iter(PublicationImporter().lines([Publication.unscoped.get(pk=work.pk)])))
    assert (line["authors"], line["corresponding"]) == ("王芳; 李强; 赵敏", "王芳")
    assert line["affiliations"] == "江城医院心血管内科 | 江城医院心血管内科 | "
    call("author_remove", publication=work.pk, author=Authorship.unscoped.get(professional=zhao).pk)()
    assert Publication.unscoped.get(pk=work.pk).affiliations == "江城医院心血管内科 | 江城医院心血管内科"
    with acting(BOSS):
        undone = import_undo(actor=BOSS, now=NOW, pk=done.pk)
    # What somebody changed since stays as it is.
    assert (undone.result["removed"], undone.result["restored"]) == (1, 0)
    assert authors() == [("王芳", "entered", wang.pk)]


def test_cells_of_authors_are_cut_where_people_cut_them() -> None:
    assert split_authors("王芳；李强*") == ["王芳", "李强"]
    assert split_authors("王芳,李强") == ["王芳", "李强"]
    assert split_authors("Wang, Fang") == ["Wang, Fang"]
    assert split_authors("Wang, Fang; Li, Qiang") == ["Wang, Fang", "Li, Qiang"]
    assert split_affiliations("甲 | 乙", 2) == ["甲", "乙"]
    assert split_affiliations("甲", 2) == ["甲", "甲"]
    assert split_affiliations("甲 | 乙", 3) == ["", "", ""]
