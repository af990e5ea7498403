//! The values of custom fields by which objects are found. Their fields are not known beforehand,
//! so they have no columns: each value is a row of its own. It is kept as a text that sorts like
//! the value in either database.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::row::Value;

/// A value of a custom field of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Prop {
    /// The path of the field, such as `tnt__cost`.
    pub path: String,
    /// The value, as [`Value::sort_key`] makes it.
    pub key: String,
    /// Whether it is the smallest value that the object has in this field, by which lists are
    /// sorted.
    pub is_least: bool,
}

/// A condition on the values of a custom field.
#[derive(Clone, Debug, PartialEq)]
pub enum Has {
    /// One of the values is one of these.
    OneOf(Vec<Value>),
    /// One of the values lies between the bounds, both inclusive. Numbers and texts don't compare.
    Range(Option<Value>, Option<Value>),
    /// There is a value.
    Any,
    /// There is no value.
    None,
}

/// A condition on the sort keys of a custom field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keys {
    /// One of the keys is one of these; an empty list matches nothing.
    OneOf(Vec<String>),
    /// One of the keys lies between these, both inclusive.
    Between(String, String),
    /// There is a key.
    Any,
    /// There is no key.
    None,
}

impl Has {
    /// The condition on the sort keys that is equivalent to this.
    pub fn keys(&self) -> Keys {
        match self {
            Self::OneOf(values) => {
                let mut keys: Vec<_> = values.iter().filter_map(Value::sort_key).collect();
                keys.sort_unstable();
                keys.dedup();
                Keys::OneOf(keys)
            }
            Self::Range(None, None) | Self::Any => Keys::Any,
            Self::Range(from, to) => between(from.as_ref(), to.as_ref()),
            Self::None => Keys::None,
        }
    }
}

/// An open end extends to the end of the numbers, or of the texts.
fn between(from: Option<&Value>, to: Option<&Value>) -> Keys {
    let nothing = Keys::OneOf(Vec::new());
    let key = |value: Option<&Value>| value.map(Value::sort_key);
    let class = |key: &str| if key.starts_with(NUMBER) { (NUMBER, "o") } else { (TEXT, "u") };
    match (key(from), key(to)) {
        (Some(None), _) | (_, Some(None)) => nothing,
        (Some(Some(from)), Some(Some(to))) if class(&from) != class(&to) => nothing,
        (Some(Some(from)), Some(Some(to))) => Keys::Between(from, to),
        (Some(Some(from)), None) => {
            let end = class(&from).1.to_owned();
            Keys::Between(from, end)
        }
        (None, Some(Some(to))) => Keys::Between(class(&to).0.to_string(), to),
        (None, None) => Keys::Any,
    }
}

impl Keys {
    /// Whether an object with these keys in the field matches.
    pub fn allow<'a>(&self, mut keys: impl Iterator<Item = &'a str>) -> bool {
        match self {
            Self::OneOf(wanted) => keys.any(|key| wanted.iter().any(|wanted| wanted == key)),
            Self::Between(from, to) => keys.any(|key| from.as_str() <= key && key <= to.as_str()),
            Self::Any => keys.next().is_some(),
            Self::None => keys.next().is_none(),
        }
    }
}

const NUMBER: char = 'n';
const TEXT: char = 't';
/// A longer text would not fit into an index.
const TEXT_MAX: usize = 400;

impl Value {
    /// A text that sorts, byte by byte, like the value among others: integers and doubles by their
    /// numeric value, then texts by their bytes. Of a text longer than 400 bytes, the rest does not
    /// affect the order, but still makes another key. `None` for null.
    pub fn sort_key(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Integer(integer) => Some(key_of_integer(*integer)),
            Self::Real(real) => Some(key_of_real(*real)),
            Self::Text(text) if text.len() <= TEXT_MAX => Some(format!("{TEXT}{text}")),
            Self::Text(text) => {
                let begins = text.char_indices().map(|(at, _)| at);
                let end = begins.take_while(|at| *at <= TEXT_MAX).last().unwrap_or(0);
                let begin = &text[..end];
                let rest = URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..18]);
                Some(format!("{TEXT}{begin}\u{1}{rest}"))
            }
        }
    }
}

impl Value {
    /// The value of which a text is the sort key. Of a text that was too long for the key, it is
    /// the beginning. `None` if the text is no key.
    pub fn of_sort_key(key: &str) -> Option<Self> {
        if let Some(text) = key.strip_prefix(TEXT) {
            let is_cut = text.len() > TEXT_MAX;
            let text = if is_cut { text.rsplit_once('\u{1}')?.0 } else { text };
            return Some(text.into());
        }
        let digits = key.strip_prefix(NUMBER)?;
        let (digits, above) = digits.split_once('+').unwrap_or((digits, "0"));
        let above = i128::from_str_radix(above, 16).ok()?;
        let ordered = u64::from_str_radix(&format!("{digits:0<16}"), 16).ok()?;
        let sign = 1 << 63;
        let real = f64::from_bits(if ordered & sign == 0 { !ordered } else { ordered ^ sign });
        if !real.is_finite() {
            return None;
        }
        if real.fract() != 0.0 {
            return Some(Self::Real(real));
        }
        #[expect(clippy::cast_possible_truncation, reason = "what is too large is no integer")]
        let whole = (real as i128).checked_add(above)?;
        Some(i64::try_from(whole).map_or(Self::Real(real), Self::Integer))
    }
}

/// The key of the largest double that is not above the integer, and the distance from it.
fn key_of_integer(integer: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "what is lost is told besides")]
    let near = integer as f64;
    let exactly = |real: f64| {
        #[expect(clippy::cast_possible_truncation, reason = "doubles of this size are integers")]
        let exact = real as i128;
        exact
    };
    let below = if exactly(near) > i128::from(integer) { near.next_down() } else { near };
    match i128::from(integer) - exactly(below) {
        0 => key_of_real(below),
        // A plus sorts before all digits.
        above => format!("{}+{above:03x}", key_of_real(below)),
    }
}

/// The bits of a double sort like its value once the sign bit is inverted; for negative ones, all
/// bits.
fn key_of_real(real: f64) -> String {
    // Negative zero becomes zero.
    let bits = (real + 0.0).to_bits();
    let sign = 1 << 63;
    let ordered = if bits & sign == 0 { bits | sign } else { !bits };
    let digits = format!("{ordered:016x}");
    format!("{NUMBER}{}", digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(value: impl Into<Value>) -> String {
        value.into().sort_key().unwrap()
    }

    #[test]
    fn keys_sort_as_their_values_do() {
        let ordered = [
            key(f64::MIN),
            key(i64::MIN),
            key(i64::MIN + 1),
            key(-1e9),
            key(-2_i64),
            key(-1.5),
            key(-1_i64),
            key(-1e-300),
            key(0_i64),
            key(1e-300),
            key(0.1),
            key(1_i64),
            key(1.5),
            key(2_i64),
            key(16_i64),
            key(1_700_000_000_000_i64),
            key(9_007_199_254_740_992_i64),
            key(9_007_199_254_740_993_i64),
            key(9_007_199_254_740_994_i64),
            key(9_007_199_254_740_995_i64),
            key(i64::MAX - 1),
            key(i64::MAX),
            key(9_223_372_036_854_775_808.0),
            key(f64::MAX),
            key(""),
            key("A"),
            key("a"),
            key("ab"),
            key("é"),
        ];
        for pair in ordered.windows(2) {
            assert!(pair[0] < pair[1], "{pair:?}");
        }
    }

    #[test]
    fn a_number_is_one_whether_it_is_an_integer_or_a_double() {
        for (integer, real) in [(0_i64, 0.0), (0, -0.0), (-7, -7.0), (1 << 60, 2_f64.powi(60))] {
            assert_eq!(key(integer), key(real));
        }
        assert_eq!((key(5_i64), key(true), key("5")), ("nc014".into(), key(1_i64), "t5".into()));
        assert_eq!(Value::Null.sort_key(), None);
    }

    #[test]
    fn a_key_tells_its_value() {
        for integer in [0, 1, -1, 40, i64::MIN, i64::MIN + 1, i64::MAX, i64::MAX - 1, 1 << 60] {
            assert_eq!(Value::of_sort_key(&key(integer)), Some(Value::Integer(integer)));
        }
        for real in [0.5, -2.5, 1e-300, f64::MIN, f64::MAX, 9_223_372_036_854_775_808.0] {
            assert_eq!(Value::of_sort_key(&key(real)), Some(Value::Real(real)), "{real}");
        }
        // Whole numbers have one key, whatever they are stored as.
        assert_eq!(Value::of_sort_key(&key(-7.0)), Some(Value::Integer(-7)));
        for text in ["", "a", "n1", "t+", "\u{1}", "é"] {
            assert_eq!(Value::of_sort_key(&key(text)), Some(text.into()));
        }
        let long = "é".repeat(500);
        assert_eq!(Value::of_sort_key(&key(long.as_str())), Some("é".repeat(200).as_str().into()));
        for no_key in ["", "x", "n", "nzz", "n1+z"] {
            assert_eq!(Value::of_sort_key(no_key), None, "{no_key}");
        }
    }

    #[test]
    fn long_texts_that_differ_at_their_end_have_other_keys_of_bounded_length() {
        let long = "é".repeat(5_000);
        let (one, other) = (key(format!("{long}a")), key(format!("{long}b")));
        assert!(one != other && one.len() < 500, "{one}");
    }

    #[test]
    fn ranges_with_an_open_end_stay_among_values_of_their_type() {
        let asked = |from: Option<Value>, to: Option<Value>| Has::Range(from, to).keys();
        let allows = |keys: &Keys, value: Value| {
            keys.allow([value.sort_key().unwrap()].iter().map(|k| &**k))
        };
        let from = asked(Some(2_i64.into()), None);
        assert!(allows(&from, 2.0.into()) && allows(&from, i64::MAX.into()));
        assert!(!allows(&from, 1.9.into()) && !allows(&from, "a".into()));
        let to = asked(None, Some("b".into()));
        assert!(allows(&to, "".into()) && allows(&to, "b".into()));
        assert!(!allows(&to, "ba".into()) && !allows(&to, 1_i64.into()));
        let nothing = Keys::OneOf(Vec::new());
        assert_eq!(asked(Some(1_i64.into()), Some("b".into())), nothing);
        assert_eq!(asked(Some(Value::Null), None), nothing);
        assert_eq!(asked(None, None), Keys::Any);
    }
}
