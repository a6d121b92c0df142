"""Files and functions stay small enough to read at once."""

from statistics import median, quantiles

from tidy.source import files, functions, name

FILE_MOST = 400
FUNCTION_MOST = 40
FUNCTION_MEDIAN_MOST = 9
FUNCTION_P95_MOST = 26
FILE_P95_MOST = 300


def test_a_file_is_short() -> None:
    lengths = {name(path): len(path.read_text().splitlines()) for path in files()}
    assert {path: length for path, length in lengths.items() if length > FILE_MOST} == {}


def test_a_function_fits_on_a_screen() -> None:
    long = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path in files()
        for node in functions(path)
        if _length(node) > FUNCTION_MOST
    ]
    assert long == []


def test_most_functions_are_short() -> None:
    lengths = [_length(node) for path in files() for node in functions(path)]
    assert median(lengths) <= FUNCTION_MEDIAN_MOST
    assert quantiles(lengths, n=20)[-1] <= FUNCTION_P95_MOST


def test_most_files_are_short() -> None:
    assert quantiles([len(path.read_text().splitlines()) for path in files()], n=20)[-1] <= FILE_P95_MOST


def _length(node) -> int:  # type: ignore[no-untyped-def]
    return int(node.end_lineno) - int(node.lineno) + 1
