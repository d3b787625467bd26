"""Messages of our own making for the tests of CEB, and where the samples of others lie."""

from tests.beside import SHARED, needs

CEB = SHARED / "reference" / "ceb"
SAMPLES = sorted((CEB / "2018" / "samples").rglob("*.xml"))
needs_ceb = needs(CEB)

GUID = "0A1B2C3D-0000-4000-8000-{:012d}"
TRANSFER = """<ceb:BaseTransfer><ceb:copCode>9911000001</ceb:copCode>
<ceb:copName>Example Platform</ceb:copName><ceb:dxpMode>DXP</ceb:dxpMode>
<ceb:dxpId>DXPEXAMPLE0000001</ceb:dxpId></ceb:BaseTransfer>"""
LINE = """<ceb:OrderList><ceb:gnum>1</ceb:gnum><ceb:itemNo>SKU-1</ceb:itemNo><ceb:itemName>杯子</ceb:itemName>
<ceb:gmodel>陶瓷|300ml</ceb:gmodel><ceb:barCode>4006381333931</ceb:barCode><ceb:unit>007</ceb:unit>
<ceb:qty>2</ceb:qty><ceb:price>60</ceb:price><ceb:totalPrice>120</ceb:totalPrice>
<ceb:currency>142</ceb:currency><ceb:country>304</ceb:country></ceb:OrderList>"""


def order(number: int = 1, *, line: str = LINE) -> str:
    """Write one order of two cups."""
    return f"""<ceb:Order><ceb:OrderHead><ceb:guid>{GUID.format(number)}</ceb:guid>
<ceb:appType>1</ceb:appType><ceb:appTime>20260301093000</ceb:appTime><ceb:appStatus>2</ceb:appStatus>
<ceb:orderType>I</ceb:orderType><ceb:orderNo>ORDER-{number}</ceb:orderNo><ceb:ebpCode>9911000001</ceb:ebpCode>
<ceb:ebpName>Example Platform</ceb:ebpName><ceb:ebcCode>9911000002</ceb:ebcCode>
<ceb:ebcName>Example Shop</ceb:ebcName><ceb:goodsValue>120</ceb:goodsValue><ceb:freight>10</ceb:freight>
<ceb:discount>5</ceb:discount><ceb:taxTotal>11.2</ceb:taxTotal><ceb:acturalPaid>136.2</ceb:acturalPaid>
<ceb:currency>142</ceb:currency><ceb:buyerRegNo>user-1</ceb:buyerRegNo><ceb:buyerName>某人</ceb:buyerName>
<ceb:buyerTelephone>13900000000</ceb:buyerTelephone><ceb:buyerIdType>1</ceb:buyerIdType>
<ceb:buyerIdNumber>110101199001010000</ceb:buyerIdNumber><ceb:payTransactionId>PAY-{number}</ceb:payTransactionId>
<ceb:consignee>某人</ceb:consignee><ceb:consigneeTelephone>13900000000</ceb:consigneeTelephone>
<ceb:consigneeAddress>某路1号</ceb:consigneeAddress></ceb:OrderHead>{line}</ceb:Order>"""


def message(*bodies: str, name: str = "CEB311Message", transfer: str = TRANSFER) -> bytes:
    """Write a message around documents."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ceb:{name} guid="{GUID.format(9)}" version="1.0"'
        f' xmlns:ceb="http://www.chinaport.gov.cn/ceb">{"".join(bodies)}{transfer}</ceb:{name}>'
    ).encode()
