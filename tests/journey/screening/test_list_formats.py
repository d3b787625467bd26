"""Each published form of a list is read into the same entries; what is broken is refused with its place.

Messages here are written by hand after the publishers' schemas, not by the readers.
"""

# ruff: noqa: E501, messages as they are published

import gzip
import io
import zipfile

import pytest

from serai.journey.screening.list_entry import ListEntry, ListFileError
from serai.journey.screening.list_formats.ofac_csv import decode_ofac_csv, join_ofac_files
from serai.journey.screening.list_formats.particulars import countries_of, numbers_of, years_of
from serai.journey.screening.list_formats.recognised import decode_list, recognise
from tests.beside import SHARED, needs

SCREENING = SHARED / "reference" / "screening"

UN = """<?xml version="1.0" encoding="UTF-8"?>
<CONSOLIDATED_LIST dateGenerated="2026-11-02T00:00:01.000Z"><INDIVIDUALS><INDIVIDUAL><DATAID>77</DATAID>
<FIRST_NAME>INVENTED</FIRST_NAME><SECOND_NAME>PERSON</SECOND_NAME><UN_LIST_TYPE>DRC</UN_LIST_TYPE>
<REFERENCE_NUMBER>XXi.077</REFERENCE_NUMBER><NATIONALITY><VALUE>Iran (Islamic Republic of)</VALUE></NATIONALITY>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Otherwise Known</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Joe</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1960</FROM_YEAR><TO_YEAR>1963</TO_YEAR>
</INDIVIDUAL_DATE_OF_BIRTH><INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT>
<NUMBER>OB 024-3318</NUMBER></INDIVIDUAL_DOCUMENT></INDIVIDUAL></INDIVIDUALS><ENTITIES/></CONSOLIDATED_LIST>"""
SDN = """7001,"PERSON, Invented","individual","IRAN] [SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\
"DOB 12 Oct 1960; alt. DOB 1963; POB Town, Iran; nationality Iran; Passport OB0243318 (Iran); a.k.a. 'JOE'."\r
7002,"BLUE HERON","vessel","CUBA",-0- ,"CL2685","General Cargo","2597","1098","Cuba","Invented Lines",-0- \r
\x1a\r
"""
ALT = '7001,1,"aka","KNOWN, Otherwise",-0- \r\n'
ADD = '7001,1,"1 Road","Tehran","Iran",-0- \r\n'
SDN_XML = """<?xml version="1.0"?><sdnList xmlns="http://tempuri.org/sdnList.xsd"><publshInformation>
<Publish_Date>11/02/2026</Publish_Date><Record_Count>1</Record_Count></publshInformation><sdnEntry><uid>7001</uid>
<firstName>Invented</firstName><lastName>PERSON</lastName><sdnType>Individual</sdnType>
<programList><program>IRAN</program><program>SDGT</program></programList>
<idList><id><uid>1</uid><idType>Passport</idType><idNumber>OB0243318</idNumber><idCountry>Iran</idCountry></id></idList>
<akaList><aka><uid>2</uid><type>a.k.a.</type><category>strong</category><lastName>KNOWN</lastName>
<firstName>Otherwise</firstName></aka><aka><uid>3</uid><type>a.k.a.</type><category>weak</category>
<lastName>JOE</lastName></aka></akaList><nationalityList><nationality><uid>4</uid><country>Iran</country>
<mainEntry>true</mainEntry></nationality></nationalityList><dateOfBirthList><dateOfBirthItem><uid>5</uid>
<dateOfBirth>circa 1960</dateOfBirth><mainEntry>true</mainEntry></dateOfBirthItem></dateOfBirthList></sdnEntry></sdnList>"""
ADVANCED = """<?xml version="1.0"?><Sanctions xmlns="http://www.un.org/sanctions/1.0"><DateOfIssue CalendarTypeID="1">
<Year>2026</Year><Month>11</Month><Day>2</Day></DateOfIssue><ReferenceValueSets>
<NamePartTypeValues><NamePartType ID="1520">Last Name</NamePartType><NamePartType ID="1521">First Name</NamePartType>
</NamePartTypeValues><PartyTypeValues><PartyType ID="1">Individual</PartyType></PartyTypeValues>
<PartySubTypeValues><PartySubType ID="4" PartyTypeID="1">Unknown</PartySubType></PartySubTypeValues>
<FeatureTypeValues><FeatureType ID="8">Birthdate</FeatureType><FeatureType ID="10">Nationality Country</FeatureType>
</FeatureTypeValues><SanctionsTypeValues><SanctionsType ID="1">Program</SanctionsType></SanctionsTypeValues>
<DetailReferenceValues><DetailReference ID="9">Iran</DetailReference></DetailReferenceValues></ReferenceValueSets>
<IDRegDocuments><IDRegDocument ID="1" IDRegDocTypeID="1571" IdentityID="31"><IDRegistrationNo>OB0243318</IDRegistrationNo>
</IDRegDocument></IDRegDocuments><DistinctParties><DistinctParty FixedRef="7001"><Profile ID="7001" PartySubTypeID="4">
<Identity ID="31" FixedRef="7001" Primary="true"><Alias FixedRef="7001" AliasTypeID="1400" Primary="false"
LowQuality="true"><DocumentedName ID="2"><DocumentedNamePart><NamePartValue NamePartGroupID="91">JOE</NamePartValue>
</DocumentedNamePart></DocumentedName></Alias><Alias FixedRef="7001" AliasTypeID="1403" Primary="true"
LowQuality="false"><DocumentedName ID="1"><DocumentedNamePart><NamePartValue NamePartGroupID="91">PERSON</NamePartValue>
</DocumentedNamePart><DocumentedNamePart><NamePartValue NamePartGroupID="92">Invented</NamePartValue>
</DocumentedNamePart></DocumentedName></Alias><NamePartGroups><MasterNamePartGroup><NamePartGroup ID="91"
NamePartTypeID="1520"/></MasterNamePartGroup><MasterNamePartGroup><NamePartGroup ID="92" NamePartTypeID="1521"/>
</MasterNamePartGroup></NamePartGroups></Identity><Feature ID="1" FeatureTypeID="8"><FeatureVersion ID="1">
<DatePeriod CalendarTypeID="1"><Start><From><Year>1960</Year><Month>1</Month><Day>1</Day></From></Start><End><To>
<Year>1963</Year></To></End></DatePeriod></FeatureVersion></Feature><Feature ID="2" FeatureTypeID="10">
<FeatureVersion ID="2"><VersionDetail DetailTypeID="1431" DetailReferenceID="9"/></FeatureVersion></Feature></Profile>
</DistinctParty></DistinctParties><SanctionsEntries><SanctionsEntry ID="7001" ProfileID="7001" ListID="1550">
<SanctionsMeasure ID="1" SanctionsTypeID="1"><Comment>IRAN</Comment></SanctionsMeasure></SanctionsEntry></SanctionsEntries>
</Sanctions>"""
EU = """<?xml version="1.0"?><export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2026-11-02T10:00:00+01:00">
<sanctionEntity euReferenceNumber="EU.7.77" logicalId="77"><regulation programme="IRN" publicationDate="2020-01-01"/>
<subjectType code="person" classificationCode="P"/><nameAlias wholeName="Invented Person" strong="true"/>
<nameAlias firstName="Otherwise" lastName="Known" wholeName="" strong="true"/><nameAlias wholeName="Joe" strong="false"/>
<citizenship countryIso2Code="IR"/><birthdate circa="true" yearRangeFrom="1960" yearRangeTo="1963"/>
<identification number="OB 0243318" identificationTypeCode="passport"/></sanctionEntity></export>"""
UK_CSV = """Last Updated,02/11/2026
Name 6,Name 1,Name 2,Name 3,Name 4,Name 5,Title,Name Non-Latin Script,DOB,Nationality,Passport Number,Group Type,\
Alias Type,Alias Quality,Regime,Group ID
PERSON,Invented,,,,,,,00/00/1960,(1) Iran (2) Iraq,OB0243318,Individual,Primary name,,Iran (Nuclear),1234
KNOWN,Otherwise,,,,,,,,,,Individual,AKA,Good quality,Iran (Nuclear),1234
JOE,,,,,,,,,,,Individual,AKA,Low quality,Iran (Nuclear),1234
"""
UK_XML = """<?xml version="1.0"?><Designations><DateGenerated>02/11/2026</DateGenerated><Designation>
<UniqueID>IRN0077</UniqueID><Names><Name><Name1>Invented</Name1><Name6>PERSON</Name6><NameType>Primary Name</NameType></Name>
<Name><Name1>Otherwise</Name1><Name6>KNOWN</Name6><NameType>Alias</NameType></Name><Name><Name6>JOE</Name6>
<NameType>Alias</NameType><AliasStrength>Low quality a.k.a</AliasStrength></Name></Names><RegimeName>Iran</RegimeName>
<IndividualEntityShip>Individual</IndividualEntityShip><IndividualDetails><Individual><DOBs><DOB>dd/mm/1960</DOB></DOBs>
<Nationalities><Nationality>Iran</Nationality></Nationalities><PassportDetails><Passport>
<PassportNumber>OB0243318</PassportNumber></Passport></PassportDetails></Individual></IndividualDetails></Designation></Designations>"""
OFSI_XML = """<?xml version="1.0"?><ArrayOfFinancialSanctionsTarget xmlns="http://schemas.hmtreasury.gov.uk/ofsi/consolidatedlist">
<FinancialSanctionsTarget><name1>Invented</name1><Name6>PERSON</Name6><GroupID>1234</GroupID>
<GroupTypeDescription>Individual</GroupTypeDescription><RegimeName>Iran</RegimeName>
<Individual_DateOfBirth>01/01/1960</Individual_DateOfBirth><Individual_Nationality>(1) Iran</Individual_Nationality>
<Individual_PassportNumber>(1) OB0243318</Individual_PassportNumber></FinancialSanctionsTarget><FinancialSanctionsTarget>
<name1>Otherwise</name1><Name6>KNOWN</Name6><GroupID>1234</GroupID></FinancialSanctionsTarget><FinancialSanctionsTarget>
<Name6>JOE</Name6><AliasQuality>Low quality</AliasQuality><GroupID>1234</GroupID></FinancialSanctionsTarget>
</ArrayOfFinancialSanctionsTarget>"""
FTM = (
    '{"id":"X-77","schema":"Person","target":true,"properties":{"name":["Invented Person"],"alias":["Otherwise Known"],'
    '"weakAlias":["Joe"],"birthDate":["1960-03"],"nationality":["ir"],"passportNumber":["OB0243318"]},"datasets":["d"]}\n'
    '{"id":"X-78","schema":"Person","target":false,"properties":{"name":["A Relative"]}}\n'
    '{"id":"S-1","schema":"Sanction","properties":{"entity":["X-77"],"program":["IRAN"]}}\n'
)
TARGETS = (
    "id,schema,name,aliases,birth_date,countries,addresses,identifiers,sanctions,dataset,last_change\n"
    "X-77,Person,Invented Person,Otherwise Known;J. Person,1960-03-01,ir;us,,OB0243318,IRAN;SDGT,d,2026-11-02T00:00:00\n"
)
DPL = (
    '"Name"\t"Street_Address"\t"City"\t"State"\t"Country"\t"Postal_Code"\t"Effective_Date"\t"Expiration_Date"\t'
    '"Standard_Order"\t"Last_Update"\t"Action"\t"FR_Citation"\n'
    '" INVENTED PERSON"\t"1 ROAD"\t"TOWN"\t"AZ"\t"IR"\t"85043"\t"10/16/2017"\t"10/13/2030"\t"Y"\t"2017-10-23"\t"A"\t"82 F.R. 1"\n'
    '"INVENTED TRADING CO. LTD."\t""\t""\t""\t"AE"\t""\t"10/16/2017"\t""\t"Y"\t"2017-10-23"\t"A"\t"82 F.R. 2"\n'
)


def archive(**files: str) -> bytes:
    return join_ofac_files({f"{name}.csv": text.encode("latin-1") for name, text in files.items()})


@pytest.mark.parametrize(
    ("content", "form", "entry_id"),
    [
        (UN.encode(), "un-xml", "XXi.077"),
        (archive(sdn=SDN, alt=ALT, add=ADD), "ofac-csv", "7001"),
        (SDN_XML.encode(), "ofac-xml", "7001"),
        (ADVANCED.encode(), "ofac-advanced", "7001"),
        (EU.encode(), "eu-xml", "EU.7.77"),
        (UK_CSV.encode(), "uk-csv", "1234"),
        (UK_XML.encode(), "uk-xml", "IRN0077"),
        (OFSI_XML.encode(), "uk-xml", "1234"),
        (FTM.encode(), "ftm", "X-77"),
        (TARGETS.encode(), "targets-csv", "X-77"),
    ],
)
def test_a_form_is_recognised_and_its_entry_keeps_all_that_screening_weighs(
    content: bytes, form: str, entry_id: str
) -> None:
    entry = decode_list(content, "list.bin")[0]

    assert recognise(content) == form
    assert (entry.entry_id, entry.kind_code) == (entry_id, "person")
    assert entry.names[0].lower().replace(",", "").split() in (["invented", "person"], ["person", "invented"])
    assert (1960, 1960) in entry.birth_years or (1960, 1963) in entry.birth_years
    assert entry.country_codes[0] == "IR"
    assert entry.identity_numbers == ("OB0243318",)
    assert entry.programmes
    assert form == "targets-csv" or [name.lower() for name in entry.weak_names] == ["joe"]
    assert form == "ofac-advanced" or any("known" in name.lower() for name in entry.names[1:])


@pytest.mark.parametrize("content", [UN, SDN_XML, ADVANCED, EU, UK_CSV, UK_XML])
def test_a_list_keeps_the_day_on_which_it_was_published(content: str) -> None:
    assert decode_list(content.encode(), "x")[0].published_on == "2026-11-02"


def test_the_denied_persons_list_tells_firms_and_persons_apart_and_keeps_until_when() -> None:
    person, firm = decode_list(DPL.encode(), "dpl.txt")

    assert (person.names, person.kind_code) == (("INVENTED PERSON",), "person")
    assert person.programmes == ("denied persons, from 10/16/2017 until 10/13/2030",)
    assert firm.kind_code == "organisation"
    assert person.entry_id != firm.entry_id


def test_a_vessel_of_ofac_has_its_flag() -> None:
    _, vessel = decode_list(SDN.encode(), "sdn.csv")

    assert (vessel.kind_code, vessel.names, vessel.country_codes) == ("vessel", ("BLUE HERON",), ("CU",))


@pytest.mark.in_turn
@needs(SCREENING)
def test_the_real_lists_are_read() -> None:
    ofac = {
        name: gzip.decompress((SCREENING / "ofac" / f"{name}.csv.gz").read_bytes()) for name in ("sdn", "alt")
    }
    entries = decode_list(
        join_ofac_files({f"{name}.csv": content for name, content in ofac.items()}), "ofac.zip"
    )
    denied = decode_list(gzip.decompress((SCREENING / "bis_dpl.txt.gz").read_bytes()), "dpl.txt")
    un = decode_list((SCREENING / "UN_consolidated.xml").read_bytes(), "un.xml")

    assert len(entries) == 7_379
    assert sum(bool(one.birth_years) for one in entries if one.kind_code == "person") > 3_000
    assert len(denied) > 450
    assert sum(bool(one.birth_years) for one in un) > 500
    assert sum(bool(one.identity_numbers) for one in un) > 100
    for listed in (entries, denied, un):
        assert len({one.entry_id for one in listed}) == len(listed)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nothing of a list",
        b"\x00\x01\x02",
        b"<OTHER/>",
        b"<export/>",
        b"<sdnList/>",
        b"<Sanctions/>",
        b"<Designations/>",
        b'<!DOCTYPE x [<!ENTITY a "a">]><sdnList>&a;</sdnList>',
        b"PK\x03\x04 cut off",
        archive(alt=ALT),
        archive(sdn="not,a,row\n"),
        SDN.encode().replace(b"7001,", b",", 1),
        UN.encode()[:-40],
        EU.encode().replace(b"euReferenceNumber", b"other").replace(b"logicalId", b"another"),
        UK_CSV.encode().replace(b",1234", b","),
        FTM.encode().replace(b'"id":"X-77"', b'"id":77'),
        TARGETS.encode().replace(b"X-77", b""),
        b"entry_id,name,kind_code\n1,A,ghost\n",
    ],
)
def test_a_broken_list_is_refused_whole_with_what_to_do(content: bytes) -> None:
    with pytest.raises(ListFileError) as caught:
        decode_list(content, "list.bin")

    assert caught.value.code in ("list-file", "list-format-unknown")
    assert caught.value.message
    assert caught.value.next_step


def test_an_archive_that_grows_too_much_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("sdn.csv", b"0" * 30_000_000)

    with pytest.raises(ListFileError, match="grows"):
        decode_ofac_csv(packed.getvalue())


def test_particulars_are_read_as_publishers_write_them() -> None:
    assert years_of(["circa 1958", "1960 to 1963", "12 Oct 1958", "no year"]) == ((1958, 1958), (1960, 1963))
    assert countries_of(["Iran", "KP", "Democratic Republic of the Congo", "Atlantis", ""]) == (
        "IR",
        "KP",
        "CD",
    )
    assert numbers_of(["OB 024-3318", "12", "none"]) == ("OB0243318",)


def test_an_entry_without_anything_else_is_whole() -> None:
    (entry,) = decode_list(b"entry_id,name,kind_code\nI-1,Invented One,vessel\n", "OWN.csv")

    assert entry == ListEntry(list_code="OWN", entry_id="I-1", kind_code="vessel", names=("Invented One",))
