"""Reading publishers' files: what is whole, and headings and documents in every spelling."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aurum.errors import InvalidFile
from aurum.loads import reading
from aurum.loads.documents import json_document
from aurum.loads.reading import (
    CUT_OFF,
    Line,
    begins_json,
    csv_lines,
    has_heading,
    header_and_blocks,
    header_of,
    heading,
    known_names,
    picker,
)

BOM = "\ufeff"


def lines(text: str, **more: Any) -> list[list[str]]:
    return [line.cells for line in csv_lines(io.BytesIO(text.encode()), **more)]


# A file that is cut off


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n"])
def test_a_file_that_ends_its_lines_is_whole(end: str) -> None:
    assert lines(f"a,b{end}1,2{end}") == [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a,b\n1,2\n3,45", "line 3"),
        ("a,b\n1,2\n3", "line 3"),
        ("a,b", "line 1"),
        ("a\n \n1", "line 3"),
    ],
)
def test_a_last_line_without_an_end_is_refused_and_not_read(text: str, place: str) -> None:
    read: list[Line] = []
    with pytest.raises(InvalidFile) as refused:
        read.extend(csv_lines(io.BytesIO(text.encode())))
    assert str(refused.value) == f"{place}: {CUT_OFF}"
    assert len(read) == text.count("\n")


def test_a_report_that_never_ends_its_last_line_says_so() -> None:
    assert lines("a,b\n1,2", ends_lines=False) == [["a", "b"], ["1", "2"]]


def test_an_empty_file_is_not_cut_off_but_empty() -> None:
    with pytest.raises(InvalidFile, match=r"^the file is empty$"):
        header_of(csv_lines(io.BytesIO(b"")))


def test_a_file_is_read_from_where_it_stands() -> None:
    file = io.BytesIO(b"title\na,b\n")
    file.readline()
    assert [line.cells for line in csv_lines(file)] == [["a", "b"]]


# Lines read many at a time


@settings(max_examples=300)
@given(
    text=st.text(alphabet='ab,"\n\r;é', max_size=60),
    at_once=st.integers(1, 12),
)
def test_lines_are_those_of_a_reader_that_takes_them_one_by_one(text: str, at_once: int) -> None:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    wanted: list[Any] = []
    try:
        wanted += (Line(reader.line_num, cells) for cells in reader if cells)
    except csv.Error as error:
        wanted.append(f"line {reader.line_num}: this is not CSV: {error}")
    found: list[Any] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading, "CHARACTERS_AT_ONCE", at_once)
        try:
            found += csv_lines(io.BytesIO(text.encode()), ends_lines=False)
        except InvalidFile as error:
            found.append(str(error))
    assert found[-1:] == wanted[-1:]
    if not wanted or isinstance(wanted[-1], Line):
        assert found == wanted


def test_a_line_end_within_quotes_is_kept_and_counted() -> None:
    text = 'a,b\r\n"one\r\n\r\ntwo",1\r\n\r\nthree,2\r\n'
    assert list(csv_lines(io.BytesIO(text.encode()))) == [
        Line(1, ["a", "b"]),
        Line(4, ["one\r\n\r\ntwo", "1"]),
        Line(6, ["three", "2"]),
    ]


def test_a_line_of_another_width_is_told_of_behind_those_before_it() -> None:
    header, blocks = header_and_blocks(io.BytesIO(b"a,b\n1,2\n3,4\n5\n6,7\n"))
    assert header == Line(1, ["a", "b"])
    assert next(blocks).cells == [["1", "2"], ["3", "4"]]
    with pytest.raises(InvalidFile, match=r"^line 4: 2 cells are expected, 1 are there$"):
        next(blocks)


# Headings


@pytest.mark.parametrize(
    "spelled",
    [
        "Hour Ending",
        "hour ending",
        "HOUR_ENDING",
        " Hour_Ending ",
        "HourEnding",
        f"{BOM}Hour Ending",
    ],
)
def test_a_heading_is_known_in_every_spelling(spelled: str) -> None:
    header = Line(1, ["Date", spelled])
    assert picker(header, ("HOUR ENDING", "date"))(["today", "7"]) == ("7", "today")
    assert heading(header, "none", "hour_ending") == spelled.strip()
    assert has_heading(header, "Hour Ending")
    assert not has_heading(header, "Hour")


def test_two_spellings_of_one_heading_are_refused() -> None:
    header = Line(4, ["HE 1", "he_1", "x"])
    with pytest.raises(InvalidFile, match=r"^line 4: column 'HE 1' is there twice$"):
        picker(header, ("HE 1",))
    with pytest.raises(InvalidFile, match="is there twice"):
        heading(header, "HE 1")


def test_a_heading_that_is_missing_is_named_as_the_report_spells_it() -> None:
    with pytest.raises(InvalidFile, match=r"^line 1: column 'Hour Ending' is missing$"):
        picker(Line(1, ["Hour"]), ("Hour Ending",))


# JSON


@pytest.mark.parametrize("before", ["", " ", "\r\n\t ", BOM, f"{BOM}\n", f"\n{BOM} "])
@pytest.mark.parametrize("text", ['{"a": [1]}', "[1, 2]"])
def test_blanks_and_a_byte_order_mark_before_a_document_are_no_part_of_it(
    before: str, text: str
) -> None:
    file = io.BytesIO((before + text).encode())
    assert begins_json(file)
    assert file.tell() == 0
    assert json_document(file) == ({"a": [1]} if "a" in text else [1, 2])


@pytest.mark.parametrize("text", ["", "   ", "a,b\n", '"[', f"{BOM}Date,Hour\n"])
def test_what_opens_neither_an_object_nor_a_list_is_no_document(text: str) -> None:
    file = io.BytesIO(text.encode())
    assert not begins_json(file)
    assert file.tell() == 0


def test_a_place_in_a_document_counts_the_lines_before_it() -> None:
    with pytest.raises(InvalidFile, match=r"^line 3, column 2: this is not whole JSON"):
        json_document(io.BytesIO(b"\n\n[,"))


@pytest.mark.parametrize("header", ["iso,asof_date", " ISO ,AsOf Date", f"{BOM}Iso,ASOF_DATE"])
def test_columns_of_our_own_forms_are_known_in_every_spelling(header: str) -> None:
    known = ("asof_date", "iso", "mid")
    assert known_names(Line(1, header.split(",")), known) == ["iso", "asof_date"]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("iso,Asof Dat", r"there is no column 'Asof Dat' \(did you mean 'asof_date'\?\)"),
        ("iso,", "there is no column ''"),
        ("asof_date,AsOf Date", "column 'asof_date' is there twice"),
    ],
)
def test_what_is_none_of_them_or_there_twice_is_refused(header: str, said: str) -> None:
    with pytest.raises(InvalidFile, match=f"^line 2: {said}$"):
        known_names(Line(2, header.split(",")), ("asof_date", "iso", "mid"))
