"""A sound entry summary declaration of our own, and ways to spoil it."""

ITEM = """<GOOITEGDS><IteNumGDS7>{number}</IteNumGDS7><GooDesGDS23>cotton shirts</GooDesGDS23>
<GroMasGDS46>1.5</GroMasGDS46><PRODOCDC2><DocTypDC21>N740</DocTypDC21><DocRefDC23>{house}</DocRefDC23></PRODOCDC2>
<COMCODGODITM><ComNomCMD1>610910</ComNomCMD1></COMCODGODITM>
<PACGS2><KinOfPacGS23>BX</KinOfPacGS23><NumOfPacGS24>1</NumOfPacGS24>
<MarNumOfPacGSL21>S 1</MarNumOfPacGSL21></PACGS2>
</GOOITEGDS>"""

MESSAGE = """<?xml version="1.0" encoding="UTF-8"?>
<ie:CC315A xmlns:ie="http://ics.dgtaxud.ec/CC315A">
<MesSenMES3>GB123456789000/0123456789</MesSenMES3><DatOfPreMES9>260401</DatOfPreMES9>
<TimOfPreMES10>0915</TimOfPreMES10><MesIdeMES19>MSG0001</MesIdeMES19><MesTypMES20>CC315A</MesTypMES20>
<HEAHEA><RefNumHEA4>LRN0001</RefNumHEA4><TraModAtBorHEA76>4</TraModAtBorHEA76>
<TotNumOfIteHEA305>{count}</TotNumOfIteHEA305><TotNumOfPacHEA306>{count}</TotNumOfPacHEA306>
<DecPlaHEA394>Leeds</DecPlaHEA394><ConRefNumHEA>BA1326</ConRefNumHEA>
<PlaLoaGOOITE334>CNSZX</PlaLoaGOOITE334><PlaUnlGOOITE334>GBLHR</PlaUnlGOOITE334>
<DecDatTimHEA114>202604010910</DecDatTimHEA114></HEAHEA>
<TRACONCO1><NamCO17>Shirts Ltd</NamCO17><StrAndNumCO122>1 Mill Road</StrAndNumCO122>
<PosCodCO123>518000</PosCodCO123>
<CitCO124>Shenzhen</CitCO124><CouCO125>CN</CouCO125></TRACONCO1>
<TRACONCE1><TINCE159>GB987654321000</TINCE159></TRACONCE1>
{items}
<ITI><CouOfRouCodITI1>CN</CouOfRouCodITI1></ITI><ITI><CouOfRouCodITI1>GB</CouOfRouCodITI1></ITI>
<PERLODSUMDEC><TINPLD1>GB123456789000</TINPLD1></PERLODSUMDEC>
<CUSOFFFENT730><RefNumCUSOFFFENT731>GB000120</RefNumCUSOFFFENT731>
<ExpDatOfArrFIRENT733>202607011200</ExpDatOfArrFIRENT733></CUSOFFFENT730>
</ie:CC315A>"""


def write_message(*houses: str) -> str:
    """Write a declaration with one item for each house waybill named."""
    numbered = enumerate(houses or ("HAWB1",), start=1)
    items = [ITEM.format(number=number, house=house) for number, house in numbered]
    return MESSAGE.format(count=len(items), items="\n".join(items))
