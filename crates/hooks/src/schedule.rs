//! When a request that failed is sent again.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const S: i64 = 1_000;
const MIN: i64 = 60 * S;
const HOUR: i64 = 60 * MIN;

/// The delays after each attempt but the last, in milliseconds: 96 hours together. The first ones
/// are those of the hosted service.
const DELAYS: [i64; 12] = [
    30 * S,
    3 * MIN,
    11 * MIN + 30 * S,
    45 * MIN,
    HOUR,
    2 * HOUR,
    4 * HOUR,
    8 * HOUR,
    12 * HOUR,
    16 * HOUR,
    22 * HOUR,
    30 * HOUR,
];

/// How often a request is sent at most.
pub const ATTEMPTS: u64 = DELAYS.len() as u64 + 1;

/// The delays after each attempt to verify a receiver.
const VERIFY_DELAYS: [i64; 8] = [S, 2 * S, 4 * S, 8 * S, 15 * S, 30 * S, 60 * S, 60 * S];

/// The longest wait that a receiver may ask for.
const WAIT_MAX: i64 = 24 * HOUR;

fn delay(delays: &[i64], tries: u64, chance: u32) -> Option<i64> {
    let delay = *delays.get(usize::try_from(tries).ok()?.checked_sub(1)?)?;
    // Up to a tenth longer, so that those who failed together do not come back together.
    Some(delay + delay / 10 * i64::from(chance % 1_000) / 1_000)
}

/// How long to wait after a number of failed attempts, in milliseconds; `None` if that was the
/// last. `chance` is any random number.
pub fn retry_in(tries: u64, chance: u32) -> Option<i64> {
    delay(&DELAYS, tries, chance)
}

/// The same for the verification of a receiver.
pub fn verify_in(tries: u64, chance: u32) -> Option<i64> {
    delay(&VERIFY_DELAYS, tries, chance)
}

/// How long a receiver asks to be left alone by `Retry-After`, in milliseconds: a number of seconds
/// or a date, and a day at most. `now` is the present instant in milliseconds since 1970.
pub fn retry_after(text: &str, now: i64) -> Option<i64> {
    let text = text.trim();
    let wait = match text.parse::<u32>() {
        Ok(seconds) => i64::from(seconds) * S,
        Err(_) => ms_of(httpdate::parse_http_date(text).ok()?)? - now,
    };
    (wait > 0).then(|| wait.min(WAIT_MAX))
}

fn ms_of(at: SystemTime) -> Option<i64> {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirteen_attempts_take_four_days() {
        let all: i64 = (1..ATTEMPTS).map(|tries| retry_in(tries, 0).unwrap()).sum();
        assert_eq!((ATTEMPTS, all), (13, 96 * HOUR));
        assert_eq!(retry_in(ATTEMPTS, 0), None);
        let longest: i64 = (1..ATTEMPTS).map(|tries| retry_in(tries, 999).unwrap()).sum();
        assert!(longest > 105 * HOUR && longest < 106 * HOUR, "{longest}");
    }

    #[test]
    fn chance_makes_waits_longer_and_never_shorter() {
        assert_eq!((retry_in(1, 0), retry_in(1, 500)), (Some(30_000), Some(31_500)));
        assert_eq!(retry_in(0, 0), None);
    }

    #[test]
    fn verification_takes_three_minutes() {
        let all: i64 = (1..).map_while(|tries| verify_in(tries, 0)).sum();
        assert_eq!(all, 3 * MIN);
    }

    #[test]
    fn a_receiver_says_how_long_to_wait_in_seconds_or_by_a_date() {
        let now = 1_767_268_800_000;
        for (text, wait) in [
            ("120", Some(120_000)),
            (" 7 ", Some(7_000)),
            ("0", None),
            ("99999999", Some(WAIT_MAX)),
            ("Thu, 01 Jan 2026 12:01:00 GMT", Some(60_000)),
            ("Thu, 01 Jan 2026 11:59:00 GMT", None),
            ("Fri, 31 Dec 1999 23:59:59 GMT", None),
            ("soon", None),
            ("-5", None),
            ("", None),
        ] {
            assert_eq!(retry_after(text, now), wait, "{text}");
        }
    }
}
