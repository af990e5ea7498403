//! Times beside oracles that count them minute by minute.

mod calendar;
mod clocks;
mod hours;
