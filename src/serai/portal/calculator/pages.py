"""Route of the calculator for everybody."""

from typing import Any

from litestar import Request, Response, get

from serai.foundation.http.interface_words import interface_words
from serai.foundation.http.problems import InputFaultyError
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import language_of, page, shared_page
from serai.journey.cases.page_words import words_of
from serai.laboratory.compare.assumed_rates import IN_EUR
from serai.portal.calculator.form import (
    ITEMS_MAX,
    WAYS,
    CalculatorForm,
    basket_of,
    find_faults,
    place_faults,
    read_form,
)
from serai.portal.calculator.goods import Goods, goods_choices
from serai.portal.calculator.service import CalculatorService
from serai.portal.calculator.view import WAY_WORDS, CalculatorView, view_answers
from serai.portal.law.pages import Fault, law_of, today_of
from serai.portal.law.places import all_countries, countries_with_law, place_name

_Request = Request[Any, Any, Any]


@get("/calculator", opt={"act": "calculator.use"}, include_in_schema=False)
async def show_calculator(request: _Request) -> Response[Any]:
    """Show what a basket costs in one or many countries; without a question, the form and examples.

    Everything asked stands in the address, nothing of it is stored.
    """
    language, law, today = language_of(request), law_of(request), today_of(request)
    form = read_form(request.query_params.multi_items())
    goods = goods_choices(language)
    countries = countries_with_law(law.book, today, language)
    faults: list[Fault] = []

    def further() -> dict[str, object]:
        return {
            "form": form,
            "goods": goods,
            "countries": countries,
            "origins": all_countries(language),
            "currencies": sorted(IN_EUR),
            "ways": list(WAYS),
            "way_words": WAY_WORDS,
            "items_max": ITEMS_MAX,
            "faults": faults,
            "words": words_of(language),
        }

    if not form.is_asked:
        edition = (law.generation_id, today)
        shared = shared_page(request, "portal/calculator.html", edition, lambda: (None, further()))
        if shared is not None:
            return shared
    view: CalculatorView | None = None
    if form.is_asked:
        faults = find_faults(form, goods, {code for code, _ in countries}, language)
        if faults and form.filled:
            await _find_further(request, form, goods, countries[0][0], faults)
        if not faults:
            address = form.query()
            if request.url.query != address:
                # One address for one question: short, and fit to be shared.
                return Response(None, status_code=303, headers={"location": f"/calculator?{address}"})
            view = await _answer(request, form, goods, dict(countries), faults)
    status = 422 if faults else 200
    return page(request, view, "portal/calculator.html", status=status, more=further())


async def _find_further(
    request: _Request, form: CalculatorForm, goods: dict[str, Goods], country: str, faults: list[Fault]
) -> None:
    """Add what the quotes find in the basket, so that all is told at once. country: any with a law."""
    service = provided(request, CalculatorService)
    told = {one.field for one in faults}
    way = form.by if form.by in WAYS else "post"
    try:
        await service.answer(lambda one: basket_of(form, goods, one), [country], way, language_of(request))
    except InputFaultyError as error:
        faults.extend(one for one in place_faults(form, error.faults) if one.field not in told)


async def _answer(
    request: _Request,
    form: CalculatorForm,
    goods: dict[str, Goods],
    names: dict[str, str],
    faults: list[Fault],
) -> CalculatorView | None:
    language = language_of(request)
    service = provided(request, CalculatorService)
    try:
        answers = await service.answer(lambda way: basket_of(form, goods, way), form.to, form.by, language)
    except InputFaultyError as error:
        faults.extend(place_faults(form, error.faults))
        return None
    return view_answers(form, _in_words(form, goods, language), answers, names, language)


def _in_words(form: CalculatorForm, goods: dict[str, Goods], language: str) -> list[str]:
    """Say what is in the basket."""
    said = []
    for _, item in form.filled:
        chosen = goods.get(item.goods)
        name = item.description or (chosen.title if chosen else item.code)
        count = f"{item.quantity}\u00a0\u00d7 " if item.quantity not in ("", "1") else ""
        price = f"{item.currency}\u00a0{item.price}"
        country = place_name(item.origin, language)
        said.append(
            interface_words(language).gettext("%(goods)s, %(price)s, made in %(country)s")
            % {"goods": f"{count}{name}", "price": price, "country": country}
        )
    return said


ROUTES = [show_calculator]
