//! Words, as the index of the search has them and as queries are read.
//!
//! A word is a run of letters and digits, in lower case, without the marks of Latin and Greek
//! letters. Scripts that put no spaces between words have a token for each two neighbours instead:
//! of `水位計` these are `水位`, `位計` and, at the end of the run, `計`. So a text of any length is
//! found in them as a phrase, and a single character by the beginning of a token.

use std::ops::Range;

use unicode_normalization::char::{
    compose, decompose_canonical, decompose_compatible, is_combining_mark,
};

/// Words are cut after this many characters.
pub(super) const WORD_CHARS_MAX: usize = 50;

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The word, as the index has it.
    pub word: String,
    /// Where it is in the text, in bytes.
    pub at: Range<usize>,
    /// Whether it is the last character of a run without spaces.
    pub is_tail: bool,
}

/// The words of a text.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut reading = Reading::default();
    for (at, char) in text.char_indices() {
        reading.take(char, at);
    }
    reading.end_word();
    reading.end_run();
    reading.tokens
}

/// What has been read of a text.
#[derive(Default)]
struct Reading {
    tokens: Vec<Token>,
    /// The word that is being read, and where it is.
    word: String,
    chars: usize,
    span: Range<usize>,
    /// The last character of the word as it was written, and how long the word was before it.
    last: Option<(char, usize)>,
    /// The run of a script without spaces that is being read.
    run: Vec<(char, Range<usize>)>,
}

impl Reading {
    fn take(&mut self, char: char, at: usize) {
        let end = at + char.len_utf8();
        let mut plain = char;
        if is_wide_form(char) {
            decompose_compatible(char, |part| plain = part);
        }
        if is_combining_mark(plain) && self.combine(plain, at..end) {
            return;
        }
        if is_unspaced(plain) {
            self.end_word();
            self.run.push((plain, at..end));
        } else if plain.is_alphanumeric() {
            self.end_run();
            self.add(plain, at, end);
        } else if !is_joiner(char) {
            self.end_word();
            self.end_run();
        }
    }

    /// Adds a character to the word.
    fn add(&mut self, char: char, at: usize, end: usize) {
        if self.word.is_empty() {
            self.span = at..end;
        }
        self.span.end = end;
        self.last = Some((char, self.word.len()));
        if self.chars < WORD_CHARS_MAX {
            self.chars += 1;
            fold(char, &mut self.word);
        }
    }

    /// Adds a mark to the character before it; `false` if there is none.
    fn combine(&mut self, mark: char, at: Range<usize>) -> bool {
        if let Some((char, span)) = self.run.last_mut() {
            if let Some(composed) = compose(*char, mark) {
                *char = composed;
                span.end = at.end;
            } else if is_unspaced(mark) {
                self.run.push((mark, at));
            }
            return true;
        }
        let Some((char, before)) = self.last else { return false };
        self.span.end = at.end;
        if let Some(composed) = compose(char, mark) {
            self.word.truncate(before);
            self.last = Some((composed, before));
            fold(composed, &mut self.word);
        } else if !is_dropped(mark) && self.chars < WORD_CHARS_MAX {
            self.word.push(mark);
        }
        true
    }

    fn end_word(&mut self) {
        self.last = None;
        self.chars = 0;
        if !self.word.is_empty() {
            let word = std::mem::take(&mut self.word);
            self.tokens.push(Token { word, at: self.span.clone(), is_tail: false });
        }
    }

    fn end_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        for (place, (char, at)) in run.iter().enumerate() {
            let mut word = String::from(*char);
            let mut at = at.clone();
            let next = run.get(place + 1);
            if let Some((next, span)) = next {
                word.push(*next);
                at.end = span.end;
            }
            self.tokens.push(Token { word, at, is_tail: next.is_none() });
        }
    }
}

/// Writes a character as the index has it.
fn fold(char: char, word: &mut String) {
    let special = match char {
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'đ' | 'Đ' => "d",
        'ł' | 'Ł' => "l",
        'ı' | 'İ' => "i",
        'ς' => "σ",
        'ё' | 'Ё' => "е",
        _ => "",
    };
    if !special.is_empty() {
        word.push_str(special);
        return;
    }
    let has_marks = matches!(char, '\u{c0}'..='\u{24f}' | '\u{370}'..='\u{3ff}'
        | '\u{1e00}'..='\u{1fff}');
    for char in char.to_lowercase() {
        if has_marks {
            decompose_canonical(char, |part| {
                if !is_dropped(part) {
                    word.push(part);
                }
            });
        } else {
            word.push(char);
        }
    }
}

/// A mark of Latin or Greek letters.
const fn is_dropped(char: char) -> bool {
    matches!(char, '\u{300}'..='\u{36f}')
}

/// What joins letters without being seen.
const fn is_joiner(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// A letter in the width of an ideograph, or the other way around.
const fn is_wide_form(char: char) -> bool {
    matches!(char, '\u{ff01}'..='\u{ffee}')
}

/// A letter of a script that puts no spaces between words, or too few.
pub(super) const fn is_unspaced(char: char) -> bool {
    matches!(char,
        // Thai, Lao, Myanmar, Khmer.
        '\u{e01}'..='\u{e4f}' | '\u{e81}'..='\u{edf}' | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17d3}'
        // Hangul: what is appended to words has no space before it.
        | '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7af}'
        // Kana, Bopomofo.
        | '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}'
        | '\u{3105}'..='\u{312f}' | '\u{31f0}'..='\u{31ff}'
        // Ideographs.
        | '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.word).collect()
    }

    #[test]
    fn words_are_runs_of_letters_and_digits_in_lower_case() {
        assert_eq!(
            words("The HTTP/2 server_name isn't set (v1.2)."),
            ["the", "http", "2", "server", "name", "isn", "t", "set", "v1", "2"]
        );
        assert_eq!(words(" -- !? "), Vec::<String>::new());
    }

    #[test]
    fn marks_of_latin_and_greek_letters_do_not_count_and_those_of_others_do() {
        assert_eq!(
            words("Électricité naïve Größe Łódź"),
            ["electricite", "naive", "grosse", "lodz"]
        );
        assert_eq!(words("E\u{301}te\u{301}"), ["ete"]);
        assert_eq!(words("Ήλιος ΣΟΦΟΣ"), words("ηλιοσ σοφοσ"));
        // In Cyrillic, the mark makes another letter.
        assert_eq!(words("мой"), ["мой"]);
        assert_eq!(words("мои\u{306}"), ["мой"]);
        assert_eq!(words("ещё"), ["еще"]);
    }

    #[test]
    fn scripts_without_spaces_have_a_token_for_each_two_neighbours() {
        assert_eq!(words("水位計"), ["水位", "位計", "計"]);
        assert_eq!(words("API水位 v2"), ["api", "水位", "位", "v2"]);
        assert_eq!(words("ログイン"), ["ログ", "グイ", "イン", "ン"]);
        assert_eq!(words("서버"), ["서버", "버"]);
        // Half the width, and the mark on its own.
        assert_eq!(words("ｶﾞ"), ["ガ"]);
        assert_eq!(words("ＡＢＣ"), ["abc"]);
    }

    #[test]
    fn tokens_say_where_they_are() {
        let text = "Zoë: 水位計";
        let found: Vec<_> = tokens(text).into_iter().map(|token| &text[token.at]).collect();
        assert_eq!(found, ["Zoë", "水位", "位計", "計"]);
    }

    #[test]
    fn long_words_are_cut_and_their_place_is_not() {
        let text = "a".repeat(80);
        let found = tokens(&text);
        assert_eq!((found[0].word.len(), found[0].at.clone()), (WORD_CHARS_MAX, 0..80));
    }
}
