"""A WCO RES message (notification of the customs declaration service) -> what it says."""

from serai.formats.placed import number_at
from serai.formats.wco_dec_parts import instant_of, tax_fields
from serai.formats.wco_res import (
    FUNCTIONS,
    RES_NAMESPACE,
    AmendedPart,
    BankAccount,
    ChangedValue,
    DecResponse,
    PointerStep,
    Remark,
    ResponseFault,
    ResponseStatus,
    TaxLine,
)
from serai.formats.xml_document import Reader, read_xml
from serai.model.documents import DeclaredTax
from serai.model.findings import Finding

_SINGLE = ("FunctionCode", "FunctionalReferenceID", "IssueDateTime")
_MEANINGS = {code: function for function, code in FUNCTIONS.items()}


def decode_res(content: bytes) -> tuple[DecResponse | None, list[Finding]]:
    """Read one WCO RES message, bare or in its MetaData. Returns it, or None and all its faults with XPaths.

    Published notifications stand in no namespace: names are read without it. Never raises on any bytes.
    """
    root, faults = read_xml(content)
    if root is None:
        return None, faults
    top = Reader.of_root(root)
    response = top.at("Response") if top.path == "/MetaData" else top
    if not response or not response.path.endswith("/Response"):
        return None, [Finding("other-message", top.path, parameters={"root": top.path[1:65]})]
    namespace = response.namespace()
    if namespace not in {RES_NAMESPACE, None}:
        parameters = {"namespace": str(namespace)[:100], "expected": RES_NAMESPACE}
        return None, [Finding("other-namespace", response.path, parameters=parameters)]
    return decode_response(response)


def decode_response(response: Reader) -> tuple[DecResponse | None, list[Finding]]:
    """Read the Response element."""
    code = response.text("FunctionCode")
    declarations = response.all("Declaration")
    needed = {"FunctionCode": code, "Declaration": declarations}
    missing = [name for name, found in needed.items() if not found]
    if missing or code is None:
        places = [(f"{response.path}/{name}", name) for name in missing]
        return None, [Finding("missing-field", place, parameters={"field": name}) for place, name in places]
    repeated = [name for name in _SINGLE if response.count(name) > 1]
    if repeated:
        places = [(f"{response.path}/{name}[2]", name) for name in repeated]
        return None, [Finding("repeated-field", place, parameters={"field": name}) for place, name in places]
    function = _MEANINGS.get(code)
    if function is None:
        return None, [Finding("cds-unknown-function", code.place, parameters={"function_code": code[:16]})]
    declaration = declarations[0]
    version = number_at(declaration.text("VersionID"))
    read = DecResponse(
        function=function,
        reference=str(response.text("FunctionalReferenceID") or ""),
        issued_at=_instant(response, "IssueDateTime") or "",
        declaration_reference=str(declaration.text("FunctionalReferenceID") or ""),
        mrn=_plain(declaration, "ID"),
        version=int(version) if isinstance(version, int) else None,
        accepted_at=_instant(declaration, "AcceptanceDateTime"),
        rejected_at=_instant(declaration, "RejectionDateTime"),
        cancelled_at=_instant(declaration, "CancellationDateTime"),
        statuses=[_status(one) for one in response.all("Status")],
        account=_account(response.at("Bank")),
        tax_lines=_tax_lines(declaration),
        remarks=[_remark(one) for one in response.all("AdditionalInformation")],
        faults=[_fault(one) for one in response.all("Error")],
        amended=[
            AmendedPart(_plain(one, "ChangeReasonCode"), _pointers(one)) for one in response.all("Amendment")
        ],
        changed_values=[value for one in declarations[1:] for value in _changed(one)],
        unread=response.unread(),
    )
    return read, []


def _plain(reader: Reader, way: str) -> str | None:
    text = reader.text(way)
    return None if text is None else str(text)


def _instant(reader: Reader, name: str) -> str | None:
    instant = instant_of(reader, name)
    return None if instant is None else str(instant)


def _whole(reader: Reader, way: str) -> int | None:
    number = number_at(reader.text(way))
    return int(number) if isinstance(number, int) else None


def _pointers(reader: Reader) -> list[PointerStep]:
    return [
        PointerStep(_plain(one, "DocumentSectionCode"), _whole(one, "SequenceNumeric"), _plain(one, "TagID"))
        for one in reader.all("Pointer")
    ]


def _remark(reader: Reader) -> Remark:
    return Remark(
        _plain(reader, "StatementCode"),
        _plain(reader, "StatementDescription"),
        _plain(reader, "StatementTypeCode"),
        _instant(reader, "LimitDateTime"),
        _pointers(reader),
    )


def _fault(reader: Reader) -> ResponseFault:
    return ResponseFault(
        _plain(reader, "ValidationCode") or "", _plain(reader, "Description"), _pointers(reader)
    )


def _status(reader: Reader) -> ResponseStatus:
    return ResponseStatus(
        _plain(reader, "NameCode"),
        _instant(reader, "EffectiveDateTime"),
        _instant(reader, "ReleaseDateTime"),
    )


def _account(reader: Reader) -> BankAccount | None:
    return BankAccount(_plain(reader, "ReferenceID"), _plain(reader, "ID")) if reader else None


def _tax_lines(declaration: Reader) -> list[TaxLine]:
    lines = []
    for item in declaration.at("GoodsShipment").all("GovernmentAgencyGoodsItem"):
        number = _whole(item, "SequenceNumeric") or 0
        for tax in item.at("Commodity").all("DutyTaxFee"):
            fields = {name: str(value) for name, value in tax_fields(tax).items()}
            lines.append(TaxLine(number, DeclaredTax(**fields), _plain(tax, "DeductAmount")))
    return lines


def _changed(reader: Reader) -> list[ChangedValue]:
    """Give every value below, with its place."""
    values = []
    for leaf in reader.leaves():
        text = leaf.text()
        if text is not None:
            unit = leaf.own_attribute("currencyID") or leaf.own_attribute("unitCode")
            values.append(ChangedValue(leaf.path, str(text), unit))
    return values
