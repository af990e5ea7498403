//! What of an object a query hits, and how a snippet shows that.

use std::ops::Range;

use super::entry::SearchEntry;
use super::terms::{Clause, Terms, Within};
use super::tokens::{Token, is_unspaced, tokens};

/// How many characters of a text a snippet shows around a hit, about.
const AROUND: usize = 80;
/// How many pieces of texts a snippet has at most, besides the title.
const PIECES_MAX: usize = 2;
/// What marks a hit, on both sides: strong emphasis in Markdown.
const MARK: &str = "**";
/// What stands between the pieces of a snippet.
const GAP: &str = " … ";

/// A text with its words.
struct Read<'a> {
    text: &'a str,
    words: Vec<Token>,
    is_title: bool,
}

impl Terms {
    /// A snippet of an object in which what the query hits is marked; `None` unless all that it
    /// looks for is there, and nothing that it excludes. Filters are not looked at.
    pub fn snippet(&self, entry: &SearchEntry) -> Option<String> {
        let read = |is_title| move |text| Read { text, words: tokens(text), is_title };
        let titles = entry.titles.iter().map(String::as_str).map(read(true));
        let texts = entry.texts.iter().map(String::as_str).map(read(false));
        let all: Vec<Read<'_>> = titles.chain(texts).collect();
        if self.none.iter().any(|clause| all.iter().any(|text| text.has(clause))) {
            return None;
        }
        let mut places: Vec<Vec<Range<usize>>> = vec![Vec::new(); all.len()];
        for clause in &self.all {
            let mut is_there = false;
            for (text, places) in all.iter().zip(&mut places) {
                let before = places.len();
                text.places(clause, places);
                is_there |= places.len() > before;
            }
            if !is_there {
                return None;
            }
        }
        Some(snippet(&all, places))
    }
}

impl Clause {
    /// Whether it begins at a place among words.
    fn is_at(&self, words: &[Token]) -> bool {
        let Some(there) = words.get(..self.words.len()) else { return false };
        let last = self.words.len() - 1;
        there.iter().zip(&self.words).enumerate().all(|(at, (there, word))| {
            if at == last && self.is_prefix {
                there.word.starts_with(word.as_str())
            } else {
                there.word == *word
            }
        })
    }
}

impl Read<'_> {
    fn may_have(&self, clause: &Clause) -> bool {
        match clause.within {
            Within::Anything => true,
            Within::Titles => self.is_title,
            Within::Texts => !self.is_title,
        }
    }

    fn has(&self, clause: &Clause) -> bool {
        self.may_have(clause)
            && (0..self.words.len()).any(|start| clause.is_at(&self.words[start..]))
    }

    /// Adds where the clause is.
    fn places(&self, clause: &Clause, places: &mut Vec<Range<usize>>) {
        if !self.may_have(clause) {
            return;
        }
        for start in 0..self.words.len() {
            if clause.is_at(&self.words[start..]) {
                let found = &self.words[start..start + clause.words.len()];
                places.push(found[0].at.start..self.end(clause, &found[found.len() - 1]));
            }
        }
    }
}

impl Read<'_> {
    /// Where a clause ends whose last word is found here. Of a pair of characters that one begins,
    /// only that one is hit.
    fn end(&self, clause: &Clause, last: &Token) -> usize {
        let begun = clause.words.last().map_or("", String::as_str);
        let is_pair = last.word.starts_with(is_unspaced);
        if !clause.is_prefix || !is_pair {
            return last.at.end;
        }
        let rest = &self.text[last.at.clone()];
        let end = rest.char_indices().nth(begun.chars().count());
        end.map_or(last.at.end, |(length, _)| last.at.start + length)
    }
}

/// The pieces of texts around hits. Without hits, as in a query of filters alone, the first text.
fn snippet(all: &[Read<'_>], places: Vec<Vec<Range<usize>>>) -> String {
    let mut pieces = Vec::new();
    let mut left = PIECES_MAX;
    for (text, places) in all.iter().zip(places) {
        let mut places = merged(places).into_iter().peekable();
        while let Some(first) = places.next() {
            if !text.is_title {
                if left == 0 {
                    break;
                }
                left -= 1;
            }
            let window = window(text.text, &first);
            let mut shown = vec![first];
            while let Some(next) = places.next_if(|next| next.end <= window.end) {
                shown.push(next);
            }
            // One that is shown in part is not marked, and not shown again.
            while places.next_if(|next| next.start < window.end).is_some() {}
            pieces.push(marked(text.text, &window, &shown));
        }
    }
    if pieces.is_empty()
        && let Some(text) = all.first()
    {
        pieces.push(marked(text.text, &window(text.text, &(0..0)), &[]));
    }
    pieces.join(GAP)
}

/// Places in their order; those that touch are one.
fn merged(mut places: Vec<Range<usize>>) -> Vec<Range<usize>> {
    places.sort_unstable_by_key(|place| (place.start, place.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(places.len());
    for place in places {
        match merged.last_mut() {
            Some(last) if place.start <= last.end => last.end = last.end.max(place.end),
            _ => merged.push(place),
        }
    }
    merged
}

/// What is shown of a text around a place: whole words, as far as there are spaces.
fn window(text: &str, place: &Range<usize>) -> Range<usize> {
    let back = text[..place.start].char_indices().rev().nth(AROUND - 1);
    let mut start = back.map_or(0, |(at, _)| at);
    let ahead = text[place.end..].char_indices().nth(AROUND);
    let mut end = ahead.map_or(text.len(), |(at, _)| place.end + at);
    if start > 0
        && let Some(space) = text[start..place.start].find(' ')
    {
        start += space + 1;
    }
    if end < text.len()
        && let Some(space) = text[place.end..end].rfind(char::is_whitespace)
    {
        end = place.end + space;
    }
    start..end
}

/// A piece of a text in one line, with places in it marked.
fn marked(text: &str, window: &Range<usize>, places: &[Range<usize>]) -> String {
    let mut piece = String::new();
    if window.start > 0 {
        piece.push('…');
    }
    let mut at = window.start;
    for place in places {
        piece.push_str(&text[at..place.start]);
        piece.push_str(MARK);
        piece.push_str(&text[place.clone()]);
        piece.push_str(MARK);
        at = place.end;
    }
    piece.push_str(&text[at..window.end]);
    if window.end < text.len() {
        piece.push('…');
    }
    piece.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use worksmith_wire::{Id, Kind, Timestamp};

    use super::*;
    use crate::row::Meta;

    fn entry(title: &str, text: &str) -> SearchEntry {
        let (user, at) = (Id::numbered(Kind::DevUser, 1), Timestamp(0));
        let meta = Meta {
            id: Id::numbered(Kind::Issue, 1),
            revision: 1,
            created_at: at,
            created_by: user.clone(),
            modified_at: at,
            modified_by: user,
        };
        let (titles, texts) = (vec![title.to_owned()], vec![text.to_owned()]);
        SearchEntry { meta, of: None, titles, texts, facets: Vec::new() }
    }

    fn snippet_of(query: &str, title: &str, text: &str) -> Option<String> {
        let terms = Terms::read(query, |_| false);
        terms.snippet(&entry(title, text))
    }

    #[test]
    fn hits_are_marked_in_the_title_and_around_them_in_the_text() {
        let filler = "lorem ipsum ".repeat(20);
        let text = format!("{filler}the Wave\nheight drifts {filler}");
        let found = snippet_of("wave", "Big waves, one wave", &text).unwrap();
        let (title, piece) = found.split_once(" … ").unwrap();
        assert_eq!(title, "Big waves, one **wave**");
        assert!(piece.starts_with("…lorem ipsum"), "{piece}");
        assert!(piece.contains("the **Wave** height drifts lorem"), "{piece}");
        assert!(piece.ends_with('…'), "{piece}");
    }

    #[test]
    fn everything_must_be_there_and_nothing_that_is_excluded() {
        let (title, text) = ("Wave height", "It drifts after updates.");
        assert_eq!(
            snippet_of("wave updat*", title, text).unwrap(),
            "**Wave** height … It drifts after **updates**."
        );
        assert_eq!(snippet_of("wave updat", title, text), None);
        assert_eq!(snippet_of("\"height wave\"", title, text), None);
        assert_eq!(snippet_of("wave -drifts", title, text), None);
        assert_eq!(snippet_of("title:drifts", title, text), None);
        assert_eq!(snippet_of("body:drifts", title, text).unwrap(), "It **drifts** after updates.");
        assert_eq!(snippet_of("\"wave height it\"", title, text), None);
    }

    #[test]
    fn texts_without_spaces_are_marked_as_they_were_written() {
        let (title, text) = ("水位計の校正", "センサーの水位が更新後にずれる");
        assert_eq!(
            snippet_of("水位", title, text).unwrap(),
            "**水位**計の校正 … センサーの**水位**が更新後にずれる"
        );
        assert_eq!(
            snippet_of("更新後", title, text).unwrap(),
            "センサーの水位が**更新後**にずれる"
        );
        assert_eq!(snippet_of("計", title, text).unwrap(), "水位**計**の校正");
        assert_eq!(snippet_of("水計", title, text), None);
    }

    #[test]
    fn a_query_of_filters_alone_shows_the_title() {
        assert_eq!(snippet_of("", "Wave height", "text").unwrap(), "Wave height");
    }
}
