"""The reference pages are what the code says."""

from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import ziggurat
from ziggurat.errors import ZigguratError
from ziggurat.http.error_reference import errors_page
from ziggurat.http.problems import PROBLEMS
from ziggurat.http.settings import InvalidSettingError, Settings, settings_table

DOCS = Path(__file__).parents[2] / "docs"
NEVER_OVER_HTTP = {
    "invalid_setting",  # before anything is served
    "unknown_face",
    "invalid_database_url",
}


def test_the_page_of_errors_is_what_the_table_says() -> None:
    assert (DOCS / "errors.md").read_text(encoding="utf-8") == errors_page()


def test_the_page_of_settings_is_what_the_code_says() -> None:
    assert (DOCS / "settings.md").read_text(encoding="utf-8") == settings_table()


def test_every_error_of_the_service_has_its_place_in_the_table() -> None:
    for package in ("app", "store", "http"):
        for module in walk_packages([str(Path(ziggurat.__file__).parent / package)], f"ziggurat.{package}."):
            if ".migrations." not in module.name and ".faces." not in module.name:
                import_module(module.name)

    def codes(kind: type[ZigguratError]) -> set[str]:
        inside = kind.__module__.startswith(("ziggurat.app", "ziggurat.store", "ziggurat.http"))
        own = {kind.code} if inside and ".faces." not in kind.__module__ else set()
        return own.union(*(codes(each) for each in kind.__subclasses__()))

    assert codes(ZigguratError) - NEVER_OVER_HTTP <= set(PROBLEMS)


def test_settings_come_from_the_environment_and_options_win() -> None:
    environment = {"ZIGGURAT_PORT": "9000", "ZIGGURAT_METRICS": "off", "OTHER": "x"}
    settings = Settings.from_environment(environment, port=None, host="::1")
    assert (settings.port, settings.metrics, settings.host) == (9000, False, "::1")
    assert Settings.from_environment(environment, port=9001).port == 9001
    assert Settings.from_environment({}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [("ZIGGURAT_PORT", "x"), ("ZIGGURAT_PORT", "65536"), ("ZIGGURAT_PORT", "-1"), ("ZIGGURAT_METRICS", "maybe"),
     ("ZIGGURAT_FACE", "other"), ("ZIGGURAT_LOG_FORMAT", "xml"), ("ZIGGURAT_RATE_LIMIT_PER_MINUTE", "1.5")],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidSettingError, match=name):
        Settings.from_environment({name: value})
