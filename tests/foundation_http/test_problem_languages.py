"""Problems in the reader's language: title, sentence, next step and each fault, in data and on pages."""

import datetime as dt
import json
import re
from pathlib import Path

import httpx2
import pytest

from serai.foundation.http.interface_words import interface_words
from serai.foundation.http.problem_texts import error_text, text_in
from serai.foundation.http.problems import PROBLEMS, InputFault, InputFaultyError, problem_of
from serai.foundation.locales import day_text, number_text
from serai.model.errors import SeraiError
from serai.model.languages import DEFAULT_LANGUAGE, LANGUAGES
from serai.model.message_text import MessageText

TRANSLATED = [one for one in LANGUAGES if one != DEFAULT_LANGUAGE]
HOW_TO = (Path(__file__).parents[2] / "docs/how-to/read-answers-in-your-language.md").read_text("utf-8")
SCRIPTS = {"ar": "؀-ۿ", "zh": "一-鿿", "ru": "Ѐ-ӿ"}
"""Letters by language of those that share none with English."""


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_title_is_in_every_language(language: str) -> None:
    titles = {code: text_in(kind.title, language) for code, kind in PROBLEMS.items()}

    assert [code for code, title in titles.items() if title == PROBLEMS[code].title] == []
    letters = SCRIPTS.get(language)
    assert not letters or all(re.search(f"[{letters}]", title) for title in titles.values())


def test_data_and_page_tell_one_problem_in_chinese(client: httpx2.Client) -> None:
    wanted = {"accept-language": "zh-CN, en;q=0.5"}
    data = client.get("/nothing", headers=wanted)
    page = client.get("/nothing", headers={**wanted, "accept": "text/html"})

    problem = data.json()
    assert (problem["code"], problem["title"]) == ("not-found", "这里没有任何内容")
    assert problem["detail"] in page.text
    assert problem["next_step"] in page.text
    for answer in (data, page):
        assert answer.headers["content-language"] == "zh"
        assert {"accept", "accept-language"} <= {one.strip() for one in answer.headers["vary"].split(",")}


def test_problem_that_the_docs_show_in_chinese_is_the_answer(client: httpx2.Client) -> None:
    shown = [json.loads(one) for one in re.findall(r"^```json\n(.*?)^```$", HOW_TO, re.MULTILINE | re.DOTALL)]
    wanted = next(one for one in shown if one["code"] == "not-found")

    told = client.get("/v1/nothing-here", headers={"accept-language": "zh"}).json()

    assert {name: told[name] for name in wanted} == wanted


def test_each_fault_of_a_request_is_told_in_arabic(signed_in: httpx2.Client) -> None:
    answer = signed_in.get("/statistics?page_size=many&lane=red", headers={"accept-language": "ar"})

    told = answer.json()
    sentences = [one[part] for one in told["errors"] for part in ("sentence", "remedy") if one[part]]
    assert all(re.search("[؀-ۿ]", one) for one in (told["title"], told["detail"], *sentences))
    assert "'red'" in "".join(sentences)
    assert "proceed, await" in "".join(sentences)


def test_parameters_stand_in_a_translation_as_its_language_writes_them() -> None:
    day = dt.date(2026, 7, 1)
    late = MessageText("This key expired on {expires_at}.", expires_at=day)
    large = MessageText("A body has at most {bytes_max} bytes here.", bytes_max=1048576)

    assert (str(late), str(large)) == (
        "This key expired on 01 July 2026.",
        "A body has at most 1,048,576 bytes here.",
    )
    for language in TRANSLATED:
        assert day_text(day, language) in text_in(late, language)
        assert "048" in text_in(large, language)
    assert "1.048.576" in text_in(large, "es")


@pytest.mark.parametrize("count", [0, 1, 2, 3, 11, 100, 1_000_000])
def test_number_of_faults_has_the_form_that_its_language_asks_for(count: int) -> None:
    told = MessageText.counted("The body has {count} fault.", "The body has {count} faults.", count=count)

    for language in TRANSLATED:
        form = interface_words(language).ngettext(told.template, told.many or "", count)
        assert text_in(told, language) == form.format(count=number_text(count, language))
    assert text_in(told, "ru").endswith(
        {0: "ошибок.", 1: "ошибка.", 2: "ошибки.", 3: "ошибки.", 11: "ошибок."}.get(count, "ошибок.")
    )


def test_sentence_without_a_translation_is_said_in_english_and_nothing_is_lost() -> None:
    fault = InputFault("/a", "odd", MessageText("Never said of {name}.", name="x"), "")
    error = InputFaultyError((fault,), "Never said.", "Correct them all, then send it again.")

    problem = problem_of(error, "", "fr")

    assert (problem.detail, problem.errors[0].sentence) == ("Never said.", "Never said of x.")
    assert problem.next_step != "Correct them all, then send it again."
    assert type(problem.errors[0].sentence) is str


def test_what_somebody_wrote_is_no_template() -> None:
    braces = MessageText("There is no role '{role}'.", role="{0.__class__}")
    error = SeraiError("role-unknown", braces, "")

    assert "{0.__class__}" in text_in(braces, "ar")
    assert "{0.__class__}" in error_text(error, "ar")
    assert text_in("", "ar") == ""
