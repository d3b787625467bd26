"""Invented names of people and firms in six scripts, and the list of those denied."""

import numpy as np

_LATIN = (
    "ba bel cor da den el fan gor hal in jo kel lam mir nor os pel qua ran sol tam ul ver wim xan yor zed"
)
SYLLABLES = {
    "latin": _LATIN.split(),
    "han": list("林海星云山河明光华远東西南北金木水火土石风雨春秋安和平丰盛达通"),
    "cyrillic": "ба вел гор дан ел жар зим кол лам мир нор ол пел ран сол тем уль фан хор".split(),  # noqa: RUF001, SIM905
    "greek": "αλ βα γορ δελ ερ ζαν θελ καλ λαμ μιρ νορ πελ ρον σολ ταμ".split(),  # noqa: RUF001, SIM905
    "hangul": list("가나다라마바사아자차하노도로모보소오조미비시리"),
    "arabic": "با تر جم دل رم زن سل شم فر كم لن مر نو هل".split(),  # noqa: SIM905
}
_SCRIPT_SHARE = {"latin": 0.62, "han": 0.18, "cyrillic": 0.08, "greek": 0.04, "hangul": 0.05, "arabic": 0.03}
_FORMS = ("Trading", "Store", "E-Commerce", "Supply", "Global", "Outlet", "Import Export")


def name(rng: np.random.Generator, company: bool = False) -> str:
    """One name: a firm's if company."""
    script = str(rng.choice(list(_SCRIPT_SHARE), p=list(_SCRIPT_SHARE.values())))
    syllables = SYLLABLES[script]
    is_joined = script in {"han", "hangul"}
    words = [
        "".join(syllables[i] for i in rng.integers(len(syllables), size=rng.integers(2, 4)))
        for _ in range(1 if is_joined else 2)
    ]
    words = words if is_joined else [word.capitalize() for word in words]
    if company:
        words += ["贸易有限公司"] if script == "han" else [_FORMS[rng.integers(len(_FORMS))], "Ltd"]
    return ("" if script == "han" else " ").join(words)


def listed_names(count: int = 10_000, seed: int = 7) -> list[str]:
    """Names denied: people and firms in turn."""
    rng = np.random.default_rng(seed)
    latin = SYLLABLES["latin"]
    return [name(rng, company=i % 2 == 1) + f" {latin[i % 27]}{i // 27}" for i in range(count)]


def listed_set() -> frozenset[str]:
    """Names denied, in lower case."""
    return frozenset(n.lower() for n in listed_names())


def variant(rng: np.random.Generator, listed: str) -> str:
    """A listed name as it turns up in practice: other order, or one letter lost."""
    if rng.random() < 0.5:
        return " ".join(reversed(listed.split(" ")))
    i = int(rng.integers(1, len(listed) - 1))
    return listed[:i] + listed[i + 1 :]
