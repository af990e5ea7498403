//! The language of queries: words, `"phrases"`, `begin*`, `-excluded`, `title:word` and
//! `field:value`, all of which must hold.

use super::tokens::{Token, WORD_CHARS_MAX, tokens};

/// How many words, phrases and filters a query has at most; what follows is left out.
const ITEMS_MAX: usize = 40;

/// Which texts of an object a clause looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// All of them.
    Anything,
    /// Its titles.
    Titles,
    /// Everything but its titles.
    Texts,
}

/// Words that stand side by side; mostly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The words.
    pub words: Vec<String>,
    /// Whether the last one is only the beginning of a word.
    pub is_prefix: bool,
    /// Whether it was written in quotation marks.
    pub is_quoted: bool,
    /// Where they stand.
    pub within: Within,
}

/// A filter on a field: it has one of the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The field, as it was written.
    pub field: String,
    /// The values, as they were written.
    pub values: Vec<String>,
    /// Whether it has none of them instead.
    pub is_not: bool,
}

/// A query that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// What is looked for; all of it must be there.
    pub all: Vec<Clause>,
    /// What must not be there.
    pub none: Vec<Clause>,
    /// The filters.
    pub filters: Vec<Filter>,
}

/// The fields that name texts.
const TITLES: [&str; 3] = ["title", "name", "display_name"];
const TEXTS: [&str; 3] = ["body", "description", "text"];

impl Terms {
    /// Reads a query. What looks like a field and is none, such as `std::io` or `http://x`, is
    /// text.
    pub fn read(query: &str, is_field: impl Fn(&str) -> bool) -> Self {
        let mut terms = Self::default();
        for item in items(query).into_iter().take(ITEMS_MAX) {
            terms.add(&item, &is_field);
        }
        terms
    }

    fn add(&mut self, item: &Item, is_field: &impl Fn(&str) -> bool) {
        if item.text == "AND" && !item.is_quoted && !item.is_not {
            return;
        }
        let within = match item.field.as_deref() {
            Some(field) if TITLES.contains(&field) => Within::Titles,
            Some(field) if TEXTS.contains(&field) => Within::Texts,
            Some(field) if is_field(field) => {
                let values = if item.is_quoted {
                    vec![item.text.clone()]
                } else {
                    let values = item.text.split(',').map(str::trim);
                    values.filter(|value| !value.is_empty()).map(str::to_owned).collect()
                };
                self.filters.push(Filter { field: field.to_owned(), values, is_not: item.is_not });
                return;
            }
            _ => Within::Anything,
        };
        let text = match (&item.field, within) {
            (Some(field), Within::Anything) => format!("{field}:{}", item.text),
            _ => item.text.clone(),
        };
        let clause = Clause::read(&text, within, item.is_quoted);
        if let Some(clause) = clause {
            if item.is_not { &mut self.none } else { &mut self.all }.push(clause);
        }
    }

    /// The same with the last word as the beginning of one: what somebody sees while typing it.
    /// `None` if it is too short for that, a phrase, or a beginning already.
    #[must_use]
    pub fn unfinished(&self) -> Option<Self> {
        let last = self.all.last()?;
        let is_long = last.words.last()?.chars().count() >= UNFINISHED_CHARS_MIN;
        if last.is_prefix || last.is_quoted || !is_long {
            return None;
        }
        let mut terms = self.clone();
        terms.all.last_mut()?.is_prefix = true;
        Some(terms)
    }
}

/// The beginning of a word has this many characters; those with fewer begin too many words.
const PREFIX_CHARS_MIN: usize = 2;
/// A word is completed without being asked from this many characters on.
const UNFINISHED_CHARS_MIN: usize = 3;

impl Clause {
    fn read(text: &str, within: Within, is_quoted: bool) -> Option<Self> {
        let cut: String =
            if is_quoted { text.chars().take(WORD_CHARS_MAX).collect() } else { text.to_owned() };
        let mut found = tokens(&cut);
        let is_long =
            found.last().is_some_and(|last| last.word.chars().count() >= PREFIX_CHARS_MIN);
        let mut is_prefix = !is_quoted && text.ends_with('*') && is_long;
        // Of a run without spaces at the end, the last character alone says nothing more, unless
        // there is nothing else: then it may begin a token.
        if found.last().is_some_and(|last| last.is_tail) {
            let is_alone = match &found[..] {
                [.., before, last] => before.at.end != last.at.end,
                _ => true,
            };
            if is_alone {
                is_prefix = true;
            } else {
                found.pop();
            }
        }
        let words: Vec<String> = found.into_iter().map(|Token { word, .. }| word).collect();
        (!words.is_empty()).then_some(Self { words, is_prefix, is_quoted, within })
    }
}

/// A part of a query that stands by itself.
#[derive(Debug, PartialEq, Eq)]
struct Item {
    field: Option<String>,
    text: String,
    is_quoted: bool,
    is_not: bool,
}

const fn is_quote(char: char) -> bool {
    matches!(char, '"' | '“' | '”' | '„' | '«' | '»')
}

/// The parts of a query.
fn items(query: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_not = first == '-' && rest[1..].starts_with(|char: char| !char.is_whitespace());
        if is_not {
            rest = &rest[1..];
        }
        let field = field(rest);
        if let Some(field) = field {
            rest = &rest[field.len() + 1..];
        }
        let quote = rest.chars().next().filter(|char| is_quote(*char));
        let (text, after) = match quote {
            Some(quote) => {
                let inner = &rest[quote.len_utf8()..];
                inner.split_once(is_quote).unwrap_or((inner, ""))
            }
            None => match rest.find(char::is_whitespace) {
                Some(end) => rest.split_at(end),
                None => (rest, ""),
            },
        };
        let field = field.map(str::to_lowercase);
        items.push(Item { field, text: text.to_owned(), is_quoted: quote.is_some(), is_not });
        rest = after.trim_start();
    }
    items
}

/// The name of a field at the beginning of a part, if a value follows.
fn field(part: &str) -> Option<&str> {
    let (name, value) = part.split_once(':')?;
    let is_name = !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.');
    let has_value = value.chars().next().is_some_and(|char| !char.is_whitespace());
    (is_name && has_value).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Terms {
        Terms::read(query, |field| ["type", "owner", "state"].contains(&field))
    }

    fn clause(words: &[&str], is_prefix: bool, within: Within) -> Clause {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        Clause { words, is_prefix, is_quoted: false, within }
    }

    fn phrase(words: &[&str]) -> Clause {
        Clause { is_quoted: true, ..clause(words, false, Within::Anything) }
    }

    fn filter(field: &str, values: &[&str], is_not: bool) -> Filter {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Filter { field: field.to_owned(), values, is_not }
    }

    #[test]
    fn words_phrases_beginnings_and_exclusions_are_told_apart() {
        let Terms { all, none, filters } = read("Wave \"height drifts\" calib* -sensor -\"a b\"");
        let anything = Within::Anything;
        assert_eq!(
            all,
            [
                clause(&["wave"], false, anything),
                phrase(&["height", "drifts"]),
                clause(&["calib"], true, anything),
            ]
        );
        assert_eq!(none, [clause(&["sensor"], false, anything), phrase(&["a", "b"])]);
        assert_eq!(filters, []);
    }

    #[test]
    fn fields_have_values_and_what_is_no_field_is_text() {
        let Terms { all, filters, .. } = read(
            "type:ticket,issue AND -Owner:\"Ada L\" title:wave body:x std::io http://a.b state: -",
        );
        assert_eq!(
            filters,
            [filter("type", &["ticket", "issue"], false), filter("owner", &["Ada L"], true),]
        );
        assert_eq!(
            all,
            [
                clause(&["wave"], false, Within::Titles),
                clause(&["x"], false, Within::Texts),
                clause(&["std", "io"], false, Within::Anything),
                clause(&["http", "a", "b"], false, Within::Anything),
                clause(&["state"], false, Within::Anything),
            ]
        );
    }

    #[test]
    fn texts_without_spaces_are_phrases_and_a_single_character_begins_one() {
        let anything = Within::Anything;
        assert_eq!(read("水位計").all, [clause(&["水位", "位計"], false, anything)]);
        assert_eq!(read("水位").all, [clause(&["水位"], false, anything)]);
        assert_eq!(read("水").all, [clause(&["水"], true, anything)]);
        assert_eq!(read("水位abc").all, [clause(&["水位", "位", "abc"], false, anything)]);
        assert_eq!(read("abc水").all, [clause(&["abc", "水"], true, anything)]);
    }

    #[test]
    fn a_word_that_is_being_typed_is_the_beginning_of_one() {
        let all = |terms: Option<Terms>| terms.map(|terms| terms.all);
        let anything = Within::Anything;
        assert_eq!(
            all(read("wave hei").unfinished()),
            Some(vec![clause(&["wave"], false, anything), clause(&["hei"], true, anything),])
        );
        assert_eq!(all(read("wave he").unfinished()), None);
        assert_eq!(all(read("wave hei*").unfinished()), None);
        assert_eq!(all(read("wave \"hei\"").unfinished()), None);
        assert_eq!(all(read("type:issue").unfinished()), None);
    }

    #[test]
    fn any_text_is_a_query() {
        for query in ["\"", "-", "--", "\"\"", ":", "::", "*", "-*", "“open", "a:\"", "𝒳:", "\u{0}"]
        {
            read(query);
        }
    }
}
