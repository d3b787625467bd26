"""The comparison as a picture: for each law a bar of what is charged by the value of the goods."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from serai.laboratory.compare.measuring import PPM, RegimeFigures

_ROW, _TOP, _LEFT, _BAR, _RIGHT = 18, 48, 150, 420, 130
_COLOURS = (("duty", "#0b5c58"), ("tax", "#6fa8a4"), ("fee", "#b1b4b6"))
_INK = "#0b0c0c"
_STEP_PPM = 100_000
_TOLD_PPM = 50_000
"""Share of undecided parcels from which the picture tells it."""


def draw(rows: Sequence[RegimeFigures]) -> str:
    """Return an SVG: charges of all decided parcels by their value, and beside it the share free of duty.

    A law that decides no parcel has no bar.
    """
    shares = [_shares_ppm(row) for row in rows]
    most = max([_STEP_PPM, *(sum(share) for share in shares)])
    end = -(-most // _STEP_PPM) * _STEP_PPM
    height, width = _TOP + _ROW * len(rows) + 12, _LEFT + _BAR + _RIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="sans-serif" font-size="11" fill="{_INK}" role="img" '
        'aria-label="Charges by the value of the goods under each law; the table says the same in figures">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *_legend(),
        *_grid(end, height),
    ]
    for place, (row, share) in enumerate(zip(rows, shares, strict=True)):
        parts += _bar(row, share, end, _TOP + place * _ROW)
    return "\n".join([*parts, "</svg>", ""])


def _shares_ppm(row: RegimeFigures) -> tuple[int, int, int]:
    if row.value_eur_minor == 0:
        return (0, 0, 0)
    sums = (row.duty_eur_minor, row.tax_eur_minor, row.fee_eur_minor)
    duty, tax, fee = (one * PPM // row.value_eur_minor for one in sums)
    return (duty, tax, fee)


def _legend() -> list[str]:
    parts = []
    for place, (name, colour) in enumerate(_COLOURS):
        x = _LEFT + place * 60
        parts.append(f'<rect x="{x}" y="8" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{x + 14}" y="17">{name}</text>')
    parts.append(f'<text x="{_LEFT + _BAR + 8}" y="17">parcels free of duty</text>')
    return parts


def _grid(end_ppm: int, height: int) -> list[str]:
    parts = []
    step = _STEP_PPM * max(1, end_ppm // _STEP_PPM // 6)
    for at in range(0, end_ppm + 1, step):
        x = _LEFT + at * _BAR // end_ppm
        parts.append(f'<line x1="{x}" y1="{_TOP - 4}" x2="{x}" y2="{height - 8}" stroke="#e5e6e7"/>')
        parts.append(f'<text x="{x}" y="{_TOP - 8}" text-anchor="middle">{at * 100 // PPM} %</text>')
    return parts


def _bar(row: RegimeFigures, shares_ppm: Sequence[int], end_ppm: int, y: int) -> list[str]:
    parts = [f'<text x="{_LEFT - 8}" y="{y + 11}" text-anchor="end">{escape(row.code)}</text>']
    x = _LEFT
    for (name, colour), share in zip(_COLOURS, shares_ppm, strict=True):
        width = share * _BAR // end_ppm
        if width:
            title = f"{row.code}: {name} {share * 1000 // PPM / 10} % of the value"
            parts.append(
                f'<rect x="{x}" y="{y + 2}" width="{width}" height="{_ROW - 6}" fill="{colour}">'
                f"<title>{escape(title)}</title></rect>"
            )
        x += width
    said = "" if row.undecided_ppm == PPM else f"{row.duty_free_ppm * 100 // PPM} %"
    if row.undecided_ppm >= _TOLD_PPM:
        said += f" ({row.undecided_ppm * 100 // PPM} % undecided)"
    parts.append(f'<text x="{_LEFT + _BAR + 8}" y="{y + 11}">{said}</text>')
    return parts
