"""The house rules that no linter knows, each as a test named after what it proves."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "ziggurat"
LONGEST_FILE = 500
SOURCE_ENDINGS = {".py", ".sh", ".css", ".js", ".html", ".j2", ".sql"}
CLOCK_CALLS = {"now", "utcnow", "today", "now_in_system_tz", "now_in_system_time", "monotonic", "perf_counter"}

# What to look for (written so that it does not find itself), and what to do instead.
BANNED = [
    (r"\b(?:TOD[O]|FIXM[E]|XX[X])\b(?!\(#\d+\))", "name its issue, as in (#12), or do it now"),
    (r"(?<![\w.}])/(?:roo[t]|hom[e]|User[s]|wor[k])/\w", "no path of one machine: start from the repository"),
    (r"(?i)\bpyp[i]\b|pythonhoste[d]|npmj[s]|(?:extra-)?inde[x]-url|find-link[s]", "no package index"),
    (r"(?m)^(?:<{7}|>{7}) ", "finish the merge"),
]


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is, or is about to be, in the repository."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = (ROOT / name for name in listing.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))


def is_vendored(path: Path) -> bool:
    return "static/vendor/" in path.as_posix()


def own_texts() -> Iterator[tuple[Path, str]]:
    for path in project_files():
        if is_vendored(path):
            continue
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def listed(faults: Iterable[str]) -> str:
    return "\n".join(["", *faults])


def pyproject() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def test_no_source_file_is_too_long_to_read_in_one_sitting() -> None:
    too_long = [
        f"{name_of(path)}: {lines} lines, {LONGEST_FILE} at most; split it"
        for path, text in own_texts()
        if path.suffix in SOURCE_ENDINGS and (lines := text.count("\n")) > LONGEST_FILE
    ]
    assert not too_long, listed(too_long)


def test_nothing_banned_is_written_anywhere() -> None:
    found = [
        f"{name_of(path)}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()!r}: {instead}"
        for path, text in own_texts()
        for pattern, instead in BANNED
        for match in re.finditer(pattern, text)
    ]
    assert not found, listed(found)


def test_every_folder_with_code_is_a_package_that_says_what_it_is_for() -> None:
    folders = {path.parent for path in project_files() if path.suffix == ".py" and path.is_relative_to(SOURCE)}
    folders |= {parent for folder in folders for parent in folder.parents if parent.is_relative_to(SOURCE)}
    silent = []
    for folder in sorted(folders):
        init = folder / "__init__.py"
        if not init.exists() or not ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))):
            silent.append(f"{name_of(folder)}: wants an __init__.py with a docstring")
    assert not silent, listed(silent)


def clock_readings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) if name in CLOCK_CALLS:
                yield node.lineno, f"calls {name}()"
            case ast.Import(names=names) if any(alias.name == "time" for alias in names):
                yield node.lineno, "imports time"
            case ast.ImportFrom(module="time", names=names) if any(alias.name != "struct_time" for alias in names):
                yield node.lineno, "imports from time"


def test_a_clock_reading_would_be_noticed() -> None:
    for line in ("datetime.now(UTC)", "Instant.now()", "import time", "from time import time", "date.today()"):
        assert list(clock_readings(ast.parse(line))), line
    assert not list(clock_readings(ast.parse("from datetime import time\nas_of.add(days=1)")))


def test_program_and_engine_never_read_a_clock() -> None:
    readings = [
        f"{name_of(path)}:{line}: {what}; the caller passes as_of"
        for path in project_files()
        if path.suffix == ".py" and any(path.is_relative_to(SOURCE / pure) for pure in ("program", "engine"))
        for line, what in clock_readings(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not readings, listed(readings)


def test_every_script_named_in_the_documents_exists_and_runs() -> None:
    missing = []
    for path, text in own_texts():
        if path.suffix != ".md":
            continue
        for script in sorted(set(re.findall(r"(?<![\w/])(?:script|\.ci)/\w+", text))):
            file = ROOT / script
            if not file.is_file() or not file.stat().st_mode & 0o111:
                missing.append(f"{name_of(path)}: {script}")
    assert not missing, listed(missing)


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = [
        f"{name_of(path)}: {target}"
        for path, text in own_texts()
        if path.suffix == ".md"
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert not broken, listed(broken)


def test_every_heading_that_a_link_names_is_there() -> None:
    broken = []
    for path, text in own_texts():
        for target, anchor in re.findall(r"\]\(([^)#\s:]*)#([^)]*)\)", text) if path.suffix == ".md" else ():
            page = (path.parent / target if target else path).read_text(encoding="utf-8")
            if anchor not in map(anchor_of, re.findall(r"^#+ (.*)$", page, re.MULTILINE)):
                broken.append(f"{name_of(path)}: {target}#{anchor}")
    assert not broken, listed(broken)


def test_every_page_and_chapter_named_in_the_code_is_there() -> None:
    missing = []
    for path, text in own_texts():
        if path.suffix != ".py":
            continue
        for name, first, second in re.findall(r'(docs/[\w/-]+\.md)(?:, "([^"]+)"(?: and "([^"]+)")?)?', text):
            page = (ROOT / name).read_text(encoding="utf-8") if (ROOT / name).is_file() else None
            headings = re.findall(r"^#+ (.*)$", page or "", re.MULTILINE)
            missing += [f"{name_of(path)}: {name}"] if page is None else []
            missing += [f"{name_of(path)}: {name}, {each}" for each in (first, second) if each and each not in headings]
    assert not missing, listed(missing)


def anchor_of(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        reached.add(page)
        targets = re.findall(r"\]\(([^)#\s:]+\.md)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        ahead += {(page.parent / target).resolve() for target in targets} - reached
    pages = {path for path, _ in own_texts() if path.suffix == ".md"}
    assert not pages - reached, listed(sorted(map(name_of, pages - reached)))


def test_every_decision_is_in_the_list_of_decisions() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    numbers = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert [name for name in numbers if f"]({name})" not in index] == []
    assert [int(name[:4]) for name in numbers] == list(range(1, len(numbers) + 1))


def test_every_dependency_is_pinned_to_a_version_it_allows() -> None:
    project = pyproject()["project"]
    assert isinstance(project, dict)
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(line for extra in extras for line in extra)]
    pinned = pins()
    faults = []
    for line in wanted:
        requirement = Requirement(line)
        version = pinned.get(canonicalize_name(requirement.name))
        if version is None or not requirement.specifier.contains(version):
            faults.append(f"{line}: constraints.txt has {version}; run script/pin")
    assert not faults, listed(faults)


def test_pins_are_exact_versions_and_nothing_else() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    odd = [line for line in lines if not re.fullmatch(r"#.*|[a-z0-9-]+==[0-9][A-Za-z0-9.!+]*", line)]
    assert not odd, listed(odd)
