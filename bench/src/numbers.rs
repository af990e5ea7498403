//! Converting numbers, and formatting them for people.

use hdrhistogram::Histogram;

/// A count as a number to divide; exact below 2^53.
#[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^53")]
pub(crate) const fn float(count: u64) -> f64 {
    count as f64
}

/// The whole number nearest to one that is not negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is out of range becomes the nearest number in range"
)]
pub(crate) fn whole(number: f64) -> u64 {
    number.round() as u64
}

/// The quotient of two numbers; `None` if it is undefined.
pub(crate) fn ratio(of: f64, by: f64) -> Option<f64> {
    (by > 0.0 && of.is_finite() && by.is_finite()).then(|| of / by)
}

/// An empty histogram of microseconds, up to two minutes, with three digits.
pub(crate) fn latencies() -> Result<Histogram<u64>, String> {
    Histogram::new_with_bounds(1, 120_000_000, 3).map_err(|cause| cause.to_string())
}

/// A quantile of a histogram of microseconds, in milliseconds.
pub(crate) fn quantile_ms(histogram: &Histogram<u64>, quantile: f64) -> f64 {
    float(histogram.value_at_quantile(quantile)) / 1000.0
}

/// A number with three significant digits: `12,345`, `123`, `12.3`, `0.123`.
pub(crate) fn shown(number: f64) -> String {
    match number.abs() {
        size if size >= 1000.0 => grouped(whole(number.abs())),
        size if size >= 100.0 => format!("{number:.0}"),
        size if size >= 10.0 => format!("{number:.1}"),
        size if size >= 1.0 => format!("{number:.2}"),
        _ => format!("{number:.3}"),
    }
}

/// A whole number with commas.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_read_them() {
        let written = [0.0, 0.0123, 1.234, 12.34, 123.4, 1234.5, 1_234_567.0].map(shown);
        assert_eq!(written, ["0.000", "0.012", "1.23", "12.3", "123", "1,235", "1,234,567"]);
    }

    #[test]
    fn nothing_is_divided_by_nothing() {
        assert_eq!((ratio(3.0, 4.0), ratio(3.0, 0.0)), (Some(0.75), None));
    }

    #[test]
    fn quantiles_are_milliseconds_within_a_thousandth() {
        let mut histogram = latencies().unwrap();
        for micros in 1..=10_000 {
            histogram.saturating_record(micros);
        }
        let (p50, p99) = (quantile_ms(&histogram, 0.5), quantile_ms(&histogram, 0.99));
        assert!((p50 - 5.0).abs() < 0.01 && (p99 - 9.9).abs() < 0.02, "{p50} {p99}");
    }
}
