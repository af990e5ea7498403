//! Random values that are the same in every run: numbers, popularity, and text.

use std::sync::{LazyLock, Mutex};

use worksmith_kernel::Entropy;

use crate::numbers::{float, whole};

/// A random generator (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The generator with a seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The generator for one of many things that are generated from a seed, independent of the
    /// others.
    pub(crate) fn of(seed: u64, number: u64) -> Self {
        let mut mixed = Self(seed ^ number.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        Self(mixed.next())
    }

    /// Any number.
    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 if there is none.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// An index in a list of `length`.
    pub(crate) fn place(&mut self, length: usize) -> usize {
        let place = self.below(u64::try_from(length).unwrap_or(u64::MAX));
        usize::try_from(place).unwrap_or(0)
    }

    /// One of the items, of which there must be at least one.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.place(items.len())]
    }

    /// A number from 0 up to 1.
    pub(crate) fn unit(&mut self) -> f64 {
        float(self.next() >> 12) / float(1 << 52)
    }

    /// True with this probability.
    pub(crate) fn holds(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A number that is approximately normally distributed, with mean 0 and deviation 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// A length from `min` to `max`, most of them around `median`, with a long tail.
    pub(crate) fn length(&mut self, median: f64, spread: f64, min: u64, max: u64) -> u64 {
        whole(median * (spread * self.normal()).exp()).clamp(min, max)
    }
}

/// The randomness for the ids and the token that the store makes.
pub(crate) struct Seeded(Mutex<Chance>);

impl Seeded {
    /// The generator with a seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(Mutex::new(Chance::new(seed)))
    }
}

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        let mut chance = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            let next = chance.next().to_le_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
    }
}

/// How often each of some things is drawn.
#[derive(Clone, Debug)]
pub(crate) struct Weights(Vec<f64>);

impl Weights {
    /// Things with these weights.
    pub(crate) fn new(weights: impl IntoIterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        let add = |weight: f64| {
            sum += weight;
            sum
        };
        Self(weights.into_iter().map(add).collect())
    }

    /// Things of which the n-th is drawn `n^-exponent` times as often as the first.
    pub(crate) fn zipf(count: u32, exponent: f64) -> Self {
        Self::new((1..=count).map(|rank| f64::from(rank).powf(-exponent)))
    }

    /// Draws one of them, and returns its index.
    pub(crate) fn draw(&self, chance: &mut Chance) -> usize {
        let at = chance.unit() * self.0.last().copied().unwrap_or(0.0);
        self.0.partition_point(|sum| *sum <= at).min(self.0.len().saturating_sub(1))
    }
}

/// The words of titles and bodies.
static WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    "\
    the a of to and in is when after before with without for on by from that this it not we they \
    can should must will server client request answer timeout retry queue worker cache disk \
    index table row column filter page cursor token session account customer ticket invoice \
    payment export import report chart dashboard button dialog menu field form label search \
    result list detail upload download file image preview thread comment mention message mail \
    webhook event schedule calendar zone release build branch deploy rollback migration schema \
    backup restore replica leader lock deadlock latency throughput memory leak crash trace log \
    metric alert threshold quota limit header body encoding locale currency slow fast stale \
    missing broken wrong empty duplicate unexpected intermittent fails hangs returns shows loses \
    ignores accepts rejects opens closes changes reproduce steps version browser mobile desktop \
    twice never always sometimes again yesterday since about hundred Überprüfung naïve données \
    señal größer 東京 café Łódź ≈ 🚀"
        .split_ascii_whitespace()
        .collect()
});

/// A word of the texts, of letters alone.
pub(crate) fn word(chance: &mut Chance) -> &'static str {
    loop {
        let word = chance.pick::<&str>(&WORDS);
        if word.chars().all(char::is_alphabetic) {
            return word;
        }
    }
}

/// Adds about `bytes` bytes of text: paragraphs of sentences, lists, quotes, and some code.
pub(crate) fn prose(chance: &mut Chance, bytes: u64, out: &mut String) {
    let end = out.len() + usize::try_from(bytes).unwrap_or(0);
    while out.len() < end {
        match chance.below(12) {
            0 => out.push_str("- "),
            1 => out.push_str("> "),
            2 => {
                out.push_str("`GET /");
                out.push_str(chance.pick::<&str>(&WORDS));
                out.push_str("?limit=25&q=\"x\"` ");
            }
            _ => {}
        }
        for _ in 0..=chance.below(5) {
            if out.len() >= end {
                break;
            }
            let words = 4 + chance.below(14);
            sentence(chance, words, out);
            out.push(' ');
        }
        out.push_str(if chance.holds(0.6) { "\n" } else { "\n\n" });
    }
    let mut cut = end.min(out.len());
    while !out.is_char_boundary(cut) {
        cut -= 1;
    }
    out.truncate(cut);
}

/// Adds a sentence.
fn sentence(chance: &mut Chance, words: u64, out: &mut String) {
    let begin = out.len();
    let quoted = chance.below(words.max(1) * 4);
    for at in 0..words {
        if at > 0 {
            out.push_str(if chance.below(9) == 0 { ", " } else { " " });
        }
        let word = chance.pick::<&str>(&WORDS);
        if at == quoted {
            out.push('"');
            out.push_str(word);
            out.push('"');
        } else {
            out.push_str(word);
        }
    }
    if let Some(first) = out.get_mut(begin..=begin) {
        first.make_ascii_uppercase();
    }
    out.push_str(match chance.below(12) {
        0 => "?",
        1 => "!",
        2 => ":",
        3 => " – that's it.",
        _ => ".",
    });
}

/// A line of a few words, at most 200 letters.
pub(crate) fn title(chance: &mut Chance, out: &mut String) {
    let words = 4 + chance.below(7);
    sentence(chance, words, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_kept() {
        let (mut chance, weights) = (Chance::new(1), Weights::new([1.0, 0.0, 3.0]));
        let mut drawn = [0_u32; 3];
        for _ in 0..40_000 {
            drawn[weights.draw(&mut chance)] += 1;
        }
        assert!(drawn[0].abs_diff(10_000) < 500 && drawn[1] == 0, "{drawn:?}");
    }

    #[test]
    fn text_has_the_length_that_was_asked_for() {
        let mut chance = Chance::new(2);
        for bytes in [1, 200, 5_000] {
            let mut text = String::new();
            prose(&mut chance, bytes, &mut text);
            let length = u64::try_from(text.len()).unwrap();
            assert!(length <= bytes && length + 4 > bytes, "{length} of {bytes}");
        }
    }

    #[test]
    fn lengths_stay_within_their_bounds_and_reach_far() {
        let mut chance = Chance::new(3);
        let lengths: Vec<_> =
            (0..10_000).map(|_| chance.length(2000.0, 0.9, 200, 20_000)).collect();
        assert!(lengths.iter().all(|length| (200..=20_000).contains(length)));
        assert!(lengths.iter().any(|length| *length > 15_000));
        let mean = lengths.iter().sum::<u64>() / 10_000;
        assert!((2500..3500).contains(&mean), "{mean}");
    }
}
