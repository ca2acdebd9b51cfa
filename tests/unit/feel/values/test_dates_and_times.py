"""Dates, times and date-times: their texts, zones and limits."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.feel.values import (
    Date,
    DateTime,
    Time,
    Zone,
    from_python,
    parse_date,
    parse_date_time,
    parse_time,
    to_python,
)
from service.feel.values.times import date_time_at
from service.feel.values.zones import zone_named
from tests.unit.feel.values.strategies import ZONE_NAMES, date_times, dates, times


@given(dates)
def test_a_date_is_read_back_from_its_text(date):
    assert parse_date(str(date)) == date


@given(times)
def test_a_time_is_read_back_from_its_text(time):
    assert parse_time(str(time)) == time


@given(date_times)
def test_a_date_time_is_read_back_from_its_text(moment):
    assert parse_date_time(str(moment)) == moment


@pytest.mark.parametrize(
    "text",
    [
        "26-01-01",
        "2026-1-01",
        "2026-02-30",
        "+2026-01-01",
        "02026-01-01",
        "2026-01-01Z",
        "２０２６-01-01",
        " 2026-01-01",
        "",
    ],
)
def test_what_is_no_date_is_not_read(text):
    assert parse_date(text) is None
    assert parse_date_time(text) is None


@pytest.mark.parametrize(
    "text",
    ["8:30:00", "08:30", "08:60:00", "08:30:60", "24:00:01", "08:30:00+7:00", "08:30:00+07", "08:30:00+18:01",
     "08:30:00+07:60", "08:30:00@Asia/Hà_Nội", "08:30:00@../../etc/passwd", "08:30:00@Asia", "08:30:00Z@UTC", "08:30:00,5"],
)  # fmt: skip
def test_what_is_no_time_is_not_read(text):
    assert parse_time(text) is None
    assert parse_date_time(f"2026-11-24T{text}") is None


def test_midnight_may_be_written_as_the_end_of_the_day():
    assert parse_date_time("2026-12-31T24:00:00") == parse_date_time("2027-01-01T00:00:00")
    assert parse_time("24:00:00") == Time(0, 0, 0)


def test_the_offset_of_utc_has_one_spelling():
    assert str(parse_time("08:30:00+00:00")) == str(parse_time("08:30:00-00:00")) == "08:30:00Z"


def test_digits_beyond_the_nanosecond_are_cut():
    assert str(parse_time("08:30:00.1234567899")) == "08:30:00.123456789"


def test_a_named_zone_has_the_offset_of_its_day():
    summer, winter = (
        parse_date_time("2026-07-01T12:00:00@Europe/Paris"),
        parse_date_time("2026-01-01T12:00:00@Europe/Paris"),
    )
    assert (summer.offset, winter.offset) == (7200, 3600)


def test_zone_rules_go_on_after_the_year_9999_and_stop_before_year_1():
    assert parse_date_time("12026-07-01T12:00:00@Europe/Paris").offset == 7200
    assert parse_date_time("999999999-01-01T12:00:00@Europe/Paris").offset == 3600
    assert parse_date_time("-0044-03-15T12:00:00@Europe/Paris").offset == 561


@given(st.datetimes(timezones=st.sampled_from([ZoneInfo(name) for name in ZONE_NAMES])))
def test_instants_agree_with_the_standard_library(moment):
    ours = from_python(moment)
    assert ours.offset == int(moment.utcoffset().total_seconds())
    told = date_time_at(ours.utc_nanosecond, zone_named(moment.tzinfo.key))
    assert str(told) == str(from_python(moment.astimezone(dt.UTC).astimezone(moment.tzinfo)))


def test_the_second_telling_of_an_hour_carries_its_offset():
    second = dt.datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Paris"), fold=1)
    assert str(from_python(second)) == "2026-10-25T02:30:00+01:00"
    assert str(from_python(second.replace(fold=0))) == "2026-10-25T02:30:00@Europe/Paris"


@given(
    st.one_of(
        st.datetimes(), st.datetimes(timezones=st.just(dt.UTC)), st.dates(), st.times(), st.timedeltas()
    )
)
def test_python_values_survive_the_way_there_and_back(value):
    assert to_python(from_python(value)) == value


def test_a_zone_keeps_its_name_on_the_way_to_python_and_back():
    moment = dt.datetime(2026, 11, 24, 8, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    ours = from_python(moment)
    assert str(ours) == "2026-11-24T08:30:00@Asia/Ho_Chi_Minh"
    assert to_python(ours).tzinfo == moment.tzinfo
    fixed = from_python(dt.datetime(2026, 11, 24, tzinfo=dt.timezone(dt.timedelta(hours=7))))
    assert str(fixed) == "2026-11-24T00:00:00+07:00"
    assert to_python(fixed).utcoffset() == dt.timedelta(hours=7)


def test_a_year_that_python_lacks_is_refused():
    with pytest.raises(ValueError, match="year"):
        to_python(Date(12026, 1, 1))


def test_values_cannot_be_changed():
    with pytest.raises(AttributeError):
        Date(2026, 1, 1).year = 2027
    with pytest.raises(AttributeError):
        DateTime(Date(2026, 1, 1), Time(0, 0, 0)).time = None


def test_a_date_beside_a_date_time_is_its_midnight_in_utc():
    assert str(Date(2026, 11, 24).at_midnight()) == "2026-11-24T00:00:00Z"


def test_a_time_of_day_in_a_zone_takes_the_standard_offset():
    assert zone_named("Europe/Paris") == Zone("Europe/Paris", 3600)
    assert zone_named("Asia/Ho_Chi_Minh").offset == 25_200
    assert zone_named("No/Where") is None
