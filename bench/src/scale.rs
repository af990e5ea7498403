//! How much data there is.

use std::fmt;
use std::str::FromStr;

/// A number of works, written `10k` or `1m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scale(u64);

impl Scale {
    /// The small scale that has targets.
    pub(crate) const SMALL: Self = Self(10_000);
    /// The large one.
    pub(crate) const LARGE: Self = Self(1_000_000);

    /// How many works there are.
    pub(crate) const fn works(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            works if works.is_multiple_of(1_000_000) => write!(f, "{}m", works / 1_000_000),
            works => write!(f, "{}k", works / 1000),
        }
    }
}

impl FromStr for Scale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write a number of works such as 10k or 1m, from 1k to 10m".to_owned();
        let text = text.to_lowercase();
        let (digits, unit) = match (text.strip_suffix('k'), text.strip_suffix('m')) {
            (Some(digits), _) => (digits, 1000),
            (_, Some(digits)) => (digits, 1_000_000),
            _ => return Err(wrong()),
        };
        match digits.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)) {
            Some(works @ 1_000..=10_000_000) => Ok(Self(works)),
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_written_as_they_are_read() {
        for text in ["1k", "10k", "250k", "1m", "10m"] {
            assert_eq!(text.parse::<Scale>().unwrap().to_string(), text);
        }
        assert_eq!("1000k".parse(), Ok(Scale::LARGE));
        for text in ["", "k", "10", "0k", "11m", "-1k", "99999999999999999999k"] {
            assert!(text.parse::<Scale>().is_err(), "{text}");
        }
    }
}
