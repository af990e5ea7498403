//! Times compared to oracles that count them minute by minute.

#![expect(clippy::expect_used, reason = "a test that meets the unexpected fails")]

mod calendar;
mod clocks;
mod hours;
