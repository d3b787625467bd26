"""Pointers of a WCO amendment: which place changes, why, and what stands there now.

A pointer is a row of steps, each with the WCO number of a class and which of its siblings is meant; the last
may name an attribute by its WCO number. Numbers: WCO Data Model 3.6 as the DMS schema states them (WCOID).
"""

import msgspec

from serai.formats.xml_document import Reader
from serai.model.findings import Finding

_SECTIONS = """
02A:AdditionalDocument 03A:AdditionalInformation 04A:Address 05A:Agent 06A:Amendment 09B:Seller
10A:ArrivalTransportMeans 12A:Authenticator 12C:IdentificationTypeCode 14C:GuaranteeOffice
15A:BorderTransportMeans 15C:PresentationOffice 16A:Buyer 16C:AEOMutualRecognitionParty
17B:Submitter 17C:AuthorisationHolder 18A:Carrier 19B:Surety 21A:Classification 22B:TradeTerms
22C:WriteOff 23A:Commodity 25A:Communication 27A:Consignee 28A:Consignment 29A:ConsignmentItem
30A:Consignor 31B:TransportEquipment 34A:Contact 35B:UCR 39B:ValuationAdjustment
40A:CurrencyExchange 41A:CustomsValuation 42A:Declaration 43B:Warehouse 44B:Seal
46A:DepartureTransportMeans 50A:DutyTaxFee 55B:DomesticDutyTaxParty 56A:ExitOffice 56B:Payer
57A:Exporter 57B:Declarant 58B:ChargeDeduction 61B:Authentication 62A:Freight 64A:GoodsLocation
65A:GoodsMeasure 67A:GoodsShipment 68A:GovernmentAgencyGoodsItem 70A:GovernmentProcedure
74A:Importer 78A:Invoice 79A:InvoiceLine 81A:Itinerary 83A:LoadingLocation 90A:ObligationGuarantee
92A:Origin 93A:Packaging 94A:Payment 95B:ExportCountry 97A:Pointer 97B:SupervisingOffice
99A:PreviousDocument 99B:Destination
"""
_TAGS = """
006:SequenceNumeric 009:TraderAssignedReferenceID 013:LoadingListQuantity 016:ID 017:FunctionCode
023:AcceptanceDateTime 024:ExitDateTime 062:ID 063:CountryCode 064:RoutingCountryCode
065:DeclarationOfficeID 066:RegionID 089:Description 090:ConditionCode 096:ContainerCode
098:PaymentMethodCode 099:ChangeReasonCode 100:ReferenceID 101:SecurityDetailsCode 102:FunctionCode
103:TransactionNatureCode 104:Authentication 106:CountryRelationshipCode 107:MethodCode
108:CustomsValueAmount 109:InvoiceAmount 111:DeductAmount 112:ItemChargeAmount 113:TypeCode
114:StatisticalValueAmount 115:TaxRateNumeric 116:AdValoremTaxBaseAmount 117:FreightChargeAmount
118:RateNumeric 120:TaxAssessedAmount 122:MethodCode 126:GrossMassMeasure 128:NetNetWeightMeasure
129:SpecificTaxBaseQuantity 130:TariffQuantity 131:TotalGrossMassMeasure 135:CurrencyTypeCode
137:Description 141:TypeCode 142:MarksNumbersID 144:QuantityQuantity 145:ID 146:TotalPackageQuantity
159:ID 161:PreviousCode 164:DutyRegimeCode 165:ID 166:CurrentCode 171:LineNumeric
181:OtherChargeDeductionAmount 188:AdditionCode 225:StatementDescription 226:StatementCode
228:GoodsItemQuantity 239:Line 240:ID 241:CityName 242:CountryCode 243:CountrySubDivisionName
244:CountrySubDivisionCode 245:PostcodeID 246:Name 253:TypeCode 276:EffectiveDateTime
344:PackingMaterialDescription 360:LPCOExemptionCode 367:LengthMeasure 368:WidthMeasure
369:StatementTypeCode 371:ChargesTypeCode 375:DocumentSectionCode 378:PaymentAmount 381:TagID
395:VolumeMeasure 401:QuotaOrderID 402:HeightMeasure 410:TypeCode 465:CountryCode 477:RegionID
492:AmountAmount 499:AccessCode 501:TypeCode 502:QuantityQuantity 503:AmountAmount
504:SpecificCircumstancesCodeCode 506:UNDGID D005:ID D006:TypeCode D011:IssueDateTime
D012:IssueLocationID D013:TypeCode D014:ID D015:IssueDateTime D016:ID D018:ID D019:TypeCode
D026:FunctionalReferenceID D028:Name D031:CategoryCode G005:ID G012:ID G014:ID G015:ID
L001:LocationName L002:LocationID L009:Name L010:ID L016:Name L017:ID L019:ID L110:TypeCode
L112:TypeCode R003:Name R004:ID R005:RoleCode R007:Name R009:Name R010:ID R011:Name R012:ID
R014:Name R015:ID R020:Name R021:ID R031:Name R032:ID R037:Name R038:ID R050:Name R051:ID R054:Name
R055:ID R058:Name R059:ID R119:ID R120:Name R121:ID R123:ID R124:Name R143:ID R144:ID
R145:CategoryCode T001:Name T002:ID T003:Name T004:ID T005:Name T006:ID T008:TypeCode T009:TypeCode
T010:TypeCode T014:RegistrationNationalityCode T018:IdentificationTypeCode T020:ModeCode
T021:ModeCode T022:ModeCode T029:IdentificationTypeCode T034:IdentificationTypeCode
"""
SECTIONS: dict[str, str] = dict(pair.split(":") for pair in _SECTIONS.split())
"""WCO number of a class -> name of its element."""

TAGS: dict[str, str] = dict(pair.split(":") for pair in _TAGS.split())
"""WCO number of an attribute -> name of its element."""


_REPEATED = """
AdditionalDocument AdditionalInformation AuthorisationHolder ConsignmentItem Itinerary CurrencyExchange
AEOMutualRecognitionParty TransportEquipment Seal ChargeDeduction DomesticDutyTaxParty DangerousGoods
GovernmentAgencyGoodsItem Classification DutyTaxFee GovernmentProcedure Origin Packaging PreviousDocument
ObligationGuarantee
"""
REPEATED = frozenset(_REPEATED.split())
"""Classes that may stand several times. Of the others senders number the changes, not the siblings."""


class Step(msgspec.Struct, frozen=True):
    """One class on the way: element name, and which of its siblings (1 is the first)."""

    name: str
    position: int = 1


class AmendedPlace(msgspec.Struct, frozen=True):
    """One change. steps: the way from Declaration down. leaf: the element that changes; None: the class.

    value: what stands there now, unit: its currency or unit; both None where it is deleted or a class.
    reason_code: list of the customs office.
    """

    steps: list[Step]
    leaf: str | None
    value: str | None
    unit: str | None
    reason_code: str

    @property
    def xpath(self) -> str:
        """Write the place as an XPath of local names."""
        way = "".join(f"/{step.name}[{step.position}]" for step in self.steps)
        return way if self.leaf is None else f"{way}/{self.leaf}"


def read_amended_places(declaration: Reader) -> tuple[list[AmendedPlace], list[Finding]]:
    """Read every Amendment of a declaration; a number that is in no list is a fault at its place."""
    places, faults = [], []
    for amendment in declaration.all("Amendment"):
        reason_code = amendment.text("ChangeReasonCode") or ""
        steps, leaf = [], None
        for pointer in amendment.all("Pointer"):
            section, tag = pointer.text("DocumentSectionCode"), pointer.text("TagID")
            number = pointer.text("SequenceNumeric") or "1"
            is_known = section in SECTIONS and (tag is None or tag in TAGS)
            if section is None or not is_known or not (number.isascii() and number.isdigit()):
                faults.append(
                    Finding("unknown-pointer", pointer.path, parameters={"section": f"{section}"[:35]})
                )
                continue
            name = SECTIONS[section]
            steps.append(Step(name, max(1, int(number[:6])) if name in REPEATED else 1))
            leaf = TAGS[tag] if tag is not None else None
        value, unit = _find_value(declaration, steps, leaf)
        places.append(AmendedPlace(steps, leaf, value, unit, str(reason_code)))
    return places, faults


def _find_value(declaration: Reader, steps: list[Step], leaf: str | None) -> tuple[str | None, str | None]:
    reader = declaration
    for step in steps[1:]:
        reader = sibling_at(reader, step)
    if leaf is None:
        # The whole class takes the place of the old one: `amend_dec` carries all of it over.
        for one in reader.leaves():
            one.text()
    if not reader or leaf is None:
        return None, None
    value = reader.text(leaf)
    unit = reader.attribute(leaf, "currencyID") or reader.attribute(leaf, "unitCode")
    return (None if value is None else str(value)), (None if unit is None else str(unit))


def sibling_at(reader: Reader, step: Step) -> Reader:
    """Find the sibling a step means: the one that bears the number, or else the one in that position."""
    siblings = reader.all(step.name)
    for sibling in siblings:
        if sibling.text("SequenceNumeric") == str(step.position):
            return sibling
    if step.position <= len(siblings):
        return siblings[step.position - 1]
    return Reader(None, f"{reader.path}/{step.name}[{step.position}]")
