"""azukari.toml: what is on the page is what there is, and nothing else is read."""

from __future__ import annotations

import csv
import stat
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari import settings as file
from azukari.errors import BadSettings, Conflict
from azukari.names import new_id

DOCS = Path(__file__).parents[2] / "docs"
CITY = new_id(bytes(16))
OFFICE: dict[str, Any] = {
    "site": "office",
    "city": CITY,
    "call": "00-0000-0000",
    "origin": "azukari.example/kakuu/office",
    "keys_home": "../keys",
    "checkpoint_store": "../store",
}


def written(home: Path, **changed: Any) -> Path:
    lines = [
        f"{name} = {msgspec.json.encode(value).decode()}\n"
        for name, value in (OFFICE | changed).items()
        if value is not None
    ]
    home.mkdir(exist_ok=True)
    (home / file.FILE).write_text("".join(lines), encoding="utf-8")
    return home


@pytest.mark.parametrize("name", [field.name for field in msgspec.structs.fields(file.Settings)])
def test_every_setting_is_on_the_page_and_in_the_file(name: str) -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")

    assert f"\n## {name}\n" in page
    assert file.MEANING[name]


def test_the_page_has_no_setting_that_is_gone() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    heads = {line[3:] for line in page.splitlines() if line.startswith("## ")}

    named = {head for head in heads if head.islower()}
    assert named == {field.name for field in msgspec.structs.fields(file.Settings)}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    given_settings = file.Settings(**OFFICE)

    file.write(tmp_path / "home", given_settings)

    assert given_settings == file.load(tmp_path / "home")
    mode = (tmp_path / "home" / file.FILE).stat().st_mode
    assert 0o600 == stat.S_IMODE(mode)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=40))
def test_any_line_is_read_as_it_was_written_or_refused(
    tmp_path_factory: pytest.TempPathFactory, call: str
) -> None:
    home = tmp_path_factory.mktemp("home")
    wanted = file.Settings(**(OFFICE | {"call": call}))

    try:
        file.write(home, wanted)
    except BadSettings:
        assert not (home / file.FILE).exists()
    else:
        assert wanted == file.load(home)


def test_settings_are_never_overwritten(tmp_path: Path) -> None:
    home = written(tmp_path / "home")
    before = (home / file.FILE).read_bytes()

    with pytest.raises(Conflict):
        file.write(home, file.Settings(**OFFICE))

    assert before == (home / file.FILE).read_bytes()


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"passphrase": "x"}, "passphrase"),
        ({"site": "moon"}, "site"),
        ({"site": None}, "site"),
        ({"city": "somewhere"}, "city"),
        ({"city": None}, "city"),
        ({"call": "two\nlines"}, "call"),
        ({"call": 3}, "call"),
        ({"call": ""}, "call"),
        ({"origin": "Not An Origin"}, "origin"),
        ({"origin": None}, "origin"),
        ({"keys_home": None}, "keys_home"),
        ({"language": "xx"}, "language"),
        ({"database": "office.db"}, "database"),
        ({"database": "postgresql://a@db.example/x\n"}, "database"),
        ({"database": "postgresql://a:架空の秘密@db.example/x"}, "database"),
        ({"database": "postgresql://a@db.example/x?password=架空の秘密"}, "database"),
        ({"database": "postgresql://db.example/x", "site": "contractor"}, "database"),
    ],
)
def test_a_line_that_is_not_right_is_named_and_not_repeated(
    changed: dict[str, Any], named: str, tmp_path: Path
) -> None:
    home = written(tmp_path / "home", **changed)

    with pytest.raises(BadSettings, match=named) as refused:
        file.load(home)

    for value in changed.values():
        assert not value or str(value) == "x" or str(value) not in str(refused.value)


@pytest.mark.parametrize("inside", [".", "keys", "../home/keys", "a/../keys"])
def test_keys_inside_home_are_refused(inside: str, tmp_path: Path) -> None:
    """Whoever copies HOME must not have the keys with it."""
    home = written(tmp_path / "home", keys_home=inside)

    with pytest.raises(BadSettings, match="never inside HOME"):
        file.load(home)


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"site = ", b"[", b"x" * (file.MAX_BYTES + 1)])
def test_bytes_that_are_no_settings_are_refused(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / file.FILE).write_bytes(raw)

    with pytest.raises(BadSettings):
        file.load(tmp_path)


def test_a_link_in_place_of_the_settings_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "other")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / file.FILE).symlink_to(tmp_path / "other" / file.FILE)

    with pytest.raises(BadSettings):
        file.load(tmp_path / "home")


def test_home_is_the_variable_or_the_platforms_folder() -> None:
    assert Path("/somewhere") == file.default_home({"AZUKARI_HOME": "/somewhere"})
    assert "azukari" == file.default_home({}).name


@pytest.mark.parametrize("text", ["x = " + "[" * 5000, "x = " + "{a=" * 3000, "[" * 9000])
def test_attack_settings_nested_without_end(tmp_path: Path, text: str) -> None:
    home = written(tmp_path / "home")
    (home / file.FILE).write_text(text, encoding="utf-8")

    with pytest.raises(BadSettings, match="not TOML"):
        file.load(home)


@pytest.mark.parametrize("size", ["", "2GB", "512MB", "1GiB", "999999KiB"])
def test_a_memory_limit_is_a_size(tmp_path: Path, size: str) -> None:
    assert size == file.load(written(tmp_path / "home", memory_limit=size)).memory_limit


@pytest.mark.parametrize("size", ["2", "0GB", "2 GB", "2gb", "-1GB", "1e3GB", "2GB'; SET x", "2PB"])
def test_attack_a_memory_limit_that_says_something_else_to_the_engine(
    tmp_path: Path, size: str
) -> None:
    with pytest.raises(BadSettings, match="memory_limit"):
        file.load(written(tmp_path / "home", memory_limit=size))


@pytest.mark.parametrize("words", [("benefit", "decide"), ("benefit", "explain")])
def test_the_engine_keeps_to_the_limit_of_the_settings(
    run: Any, site: Any, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """Too little memory is an error that says so, and nothing of the work is kept."""
    path = site.office / file.FILE
    path.write_text(path.read_text(encoding="utf-8") + 'memory_limit = "1KB"\n', encoding="utf-8")
    monkeypatch.setenv("AZUKARI_PERSON", str(site.persons))
    before = run("roll", "list", "--json", "--home", site.office).out
    with (site.out / "city" / "register.csv").open(encoding="cp932", newline="") as export:
        household = next(iter(csv.DictReader(export)))["世帯番号"]

    ran = run(
        *words,
        *("--as", "officer", "--home", site.office),
        stdin=f"{household}\n",
        passphrase_fd=site.secrets["keys"],
        person_fd=site.secrets["officer"],
    )

    assert 5 == ran.code, ran.err
    assert "memory limit of 1KB" in ran.err
    assert before == run("roll", "list", "--json", "--home", site.office).out


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"keys_url": "https://keys.example"}, "keys_url"),
        ({"keys_home": None}, "keys_home"),
        ({"release_after": "cosigned"}, "release_after"),
        ({"release_after": "never"}, "release_after"),
    ],
)
def test_where_the_keys_are_is_said_once_and_can_be(
    tmp_path: Path, changed: dict[str, Any], named: str
) -> None:
    with pytest.raises(BadSettings, match=named):
        file.load(written(tmp_path / "home", **changed))


def test_an_office_with_its_keys_elsewhere_has_no_home_of_them(tmp_path: Path) -> None:
    home = written(tmp_path / "home", keys_home=None, keys_url="https://keys.example")

    assert "https://keys.example" == file.load(home).keys_url
