"""What nothing reads of an item is stored with it, but for what differs from one sending to the next."""

from serai.formats.upu.unread import with_unread
from tests.formats.upu.items import CUSITM, read

_MARK = b"<GrossWeight>"


def test_an_unknown_element_goes_to_the_remarks_of_the_sender() -> None:
    message = read(CUSITM.replace(_MARK, b"<Colour>blue</Colour>" + _MARK, 1))

    first, second = (with_unread(item) for item in message.items[:2])

    assert first.consignment is not None
    (remark,) = first.consignment.consignor.remarks
    assert (remark.element, "blue" in remark.text) == ("Declaration/Data/Colour", True)
    assert second == message.items[1]


def test_what_is_too_long_is_told_and_not_stored() -> None:
    long = b"<Colour>" + b"x" * 2_000 + b"</Colour>"
    message = read(CUSITM.replace(_MARK, long + _MARK, 1))

    first = with_unread(message.items[0])

    assert first.consignment == message.items[0].consignment
    assert [one.code for one in first.findings if one not in message.items[0].findings] == [
        "element-not-kept"
    ]


def test_an_item_sent_again_by_another_system_is_the_same_item() -> None:
    technical = CUSITM.replace(b"<MailObject>", b"<MailObject><MailStateCd>1</MailStateCd>", 1)
    message, plain = read(technical), read(CUSITM)
    assert message.items[0].kept != plain.items[0].kept

    assert with_unread(message.items[0]).consignment == with_unread(plain.items[0]).consignment
