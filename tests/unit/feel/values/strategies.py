"""Random values of FEEL for property tests."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from service.feel.values import DateTime, DaysDuration, MonthsDuration, Range, Zone, comparison
from service.feel.values.dates import date_from_epoch_day
from service.feel.values.durations import NANOSECONDS_PER_DAY
from service.feel.values.times import time_of_day
from service.feel.values.zones import zone_named

ZONE_NAMES = ("Asia/Ho_Chi_Minh", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
EPOCH_DAYS = 365_000_000_000

numbers = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12)
zones = st.one_of(
    st.none(),
    st.integers(-18 * 3600, 18 * 3600).map(lambda seconds: Zone(None, seconds)),
    st.sampled_from(ZONE_NAMES).map(zone_named),
)
dates = st.integers(-EPOCH_DAYS, EPOCH_DAYS).map(date_from_epoch_day)
recent_dates = st.integers(-80_000, 80_000).map(date_from_epoch_day)
times = st.builds(time_of_day, st.integers(0, NANOSECONDS_PER_DAY - 1), zones)
date_times = st.builds(DateTime, dates, times)
days_durations = st.integers(-(10**21), 10**21).map(DaysDuration)
months_durations = st.integers(-(10**6), 10**6).map(MonthsDuration)
comparable = st.one_of(
    numbers, st.text(max_size=5), dates, times, date_times, days_durations, months_durations
)
ranges = st.builds(Range, comparable, comparable, st.booleans(), st.booleans())
comparisons = st.builds(comparison, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), comparable)
plain = st.one_of(
    st.none(), st.booleans(), st.sampled_from([Decimal(0), Decimal(1), Decimal(-2)]), comparable
)
values = st.recursive(
    st.one_of(plain, ranges, comparisons),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
