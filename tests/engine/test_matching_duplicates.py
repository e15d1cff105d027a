"""Records that may be one are proposed with reasons; records that differ are not."""

from yaomai.engine.matching import Master, PersonRecord, duplicate_institutions, duplicate_persons, sentence


def test_institutions_written_twice_are_proposed_once() -> None:
    master = Master(
        ["南京市第一医院", "南京第一医院", "南京市第二医院", "甲康医院", "上海市仁济医院(仁济医院)", "仁济医院"],
        places=["江苏", "江苏南京", "江苏南京", "", "上海", "上海"],
    )
    pairs = duplicate_institutions(master)
    assert [(pair.left, pair.right) for pair in pairs] == [(0, 1), (4, 5)]
    assert "规范化后名称一致" in sentence(pairs[0].reasons)


def test_generic_names_in_two_places_are_not_duplicates() -> None:
    master = Master(["人民医院", "人民医院", "第一人民医院"], places=["江苏省徐州市", "江苏省常州市", None])
    assert duplicate_institutions(master) == []
    assert duplicate_institutions(Master([])) == []


def test_persons_of_one_institution_with_one_name_or_sound() -> None:
    persons = [
        PersonRecord("王伟", "a", "心内科"),
        PersonRecord("王 伟", "a", "心内科"),
        PersonRecord("王维", "a", "心内科"),
        PersonRecord("王伟", "b", "心内科"),
        PersonRecord("欧阳志强", "a", "骨科"),
        PersonRecord("欧阳志强", "b", "骨科"),
        PersonRecord("李雷", "c", "", "hash1"),
        PersonRecord("李磊", "d", "", "hash1"),
        PersonRecord("李雷", "e", "", "hash2"),
    ]
    pairs = duplicate_persons(persons)
    assert [(pair.left, pair.right) for pair in pairs][:1] == [(0, 1)]
    found = {(pair.left, pair.right): sentence(pair.reasons) for pair in pairs}
    assert found[0, 1] == "姓名相同；同一机构；专业相同"
    assert found[0, 2] == "姓名读音相同；同一机构；专业相同"
    assert (6, 7) in found
    assert "电话相同" in found[6, 7]
    assert not {(0, 3), (6, 8), (7, 8)} & found.keys()
