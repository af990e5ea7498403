//! The text formats that the contract names.

/// An RFC 3339 date and time. Returns its offset (`Z` or `+02:00`), or none for other texts.
pub(crate) fn date_time(text: &str) -> Option<&str> {
    let (day, rest) = (text.get(..10)?, text.get(10..)?);
    let rest = rest.strip_prefix('T')?;
    let (clock, rest) = (rest.get(..8)?, rest.get(8..)?);
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            (digits > 0).then(|| &fraction[digits..])?
        }
        None => rest,
    };
    let offset = rest == "Z" || rest.strip_prefix(['+', '-']).is_some_and(hours_and_minutes);
    (date(day) && time(clock) && offset).then_some(rest)
}

/// A day of the calendar, `YYYY-MM-DD`.
pub(crate) fn date(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let [year, month, day] = parts[..] else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2))
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day)
}

fn time(text: &str) -> bool {
    // A leap second is written as 60.
    text.get(6..).and_then(|seconds| number(seconds, 2)).is_some_and(|seconds| seconds <= 60)
        && text.as_bytes().get(5) == Some(&b':')
        && text.get(..5).is_some_and(hours_and_minutes)
}

fn hours_and_minutes(text: &str) -> bool {
    text.split_once(':').is_some_and(|(hours, minutes)| {
        number(hours, 2).is_some_and(|hours| hours < 24)
            && number(minutes, 2).is_some_and(|minutes| minutes < 60)
    })
}

fn number(text: &str, digits: usize) -> Option<u32> {
    let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

/// Base64 with its padding.
pub(crate) fn base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let known =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    text.len().is_multiple_of(4) && text.len() - body.len() <= 2 && body.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times() {
        assert_eq!(date_time("2025-03-09T10:26:00.000Z"), Some("Z"));
        assert_eq!(date_time("2024-02-29T23:59:60+05:30"), Some("+05:30"));
        for bad in [
            "",
            "2025-03-09",
            "2025-03-09 10:26:00Z",
            "2025-02-29T10:26:00Z",
            "2025-13-01T10:26:00Z",
            "2025-03-09T24:00:00Z",
            "2025-03-09T10:26:00",
            "2025-03-09T10:26:00.Z",
            "2025-03-09T10:26:00+0530",
            "2025-03-09T10:26:00.12z",
            "2025-03-0\u{e9}T10:26:00Z",
        ] {
            assert_eq!(date_time(bad), None, "{bad}");
        }
    }

    #[test]
    fn days() {
        assert!(date("2000-02-29") && !date("1900-02-29") && !date("2025-04-31"));
        assert!(!date("2025-4-1") && !date("2025-04") && !date("2025-00-01"));
    }

    #[test]
    fn binary() {
        assert!(base64("c2VjcmV0") && base64("c2VjcmU=") && base64(""));
        assert!(!base64("c2VjcmU") && !base64("c2 jcmU=") && !base64("===="));
    }
}
