//! Long texts, such as the bodies of works. Most changes leave them as they are, so they have rows
//! of their own: a change of something else writes a short document.
//!
//! The document has a mark in the place of such a text, and the text is kept as the JSON that was
//! there. So the whole document is put together again byte by byte. One that has its text is as
//! good: whoever reads doesn't ask how long it is.

use std::ops::Range;

use worksmith_kernel::{LongText, RawRow, Table, Value, text_range, value_at};

/// Where long texts are kept.
pub(crate) const TEXTS: &str = "texts";
/// Texts that are longer than this, as JSON, have rows of their own.
const LONG_BYTES: usize = 512;
/// What a document has in place of a text that has a row of its own. No text looks like this.
pub(crate) const MARK: &str = r#"{"in":"texts"}"#;

/// What of a document has a row of its own, and what becomes of that row when the document is
/// written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Apart {
    /// The document has all of its members.
    Nothing {
        /// Whether there may be such a row, which is to be deleted.
        forget: bool,
    },
    /// The text at this place of the document.
    Text {
        /// Its first byte, and the one after its last.
        at: Range<usize>,
        /// Whether it is written; otherwise it is there already.
        is_new: bool,
    },
}

impl Apart {
    /// What of a document of a table has a row of its own. `before` is the row that it replaces; it
    /// says where the text of that is now.
    pub fn of(table: &Table, before: Option<&RawRow>, doc: &str) -> Self {
        let range = table.long.and_then(|member| text_range(doc, member));
        let Some(at) = range.filter(|range| range.len() > LONG_BYTES) else {
            return Self::Nothing { forget: before.is_some_and(|row| Self::may_be(table, row)) };
        };
        let is_there = before.is_some_and(|row| {
            row.long == LongText::Apart && is_text_of(table, &row.doc, &doc[at.clone()])
        });
        Self::Text { at, is_new: !is_there }
    }

    /// Whether the database may have the text of a row apart.
    pub fn may_be(table: &Table, row: &RawRow) -> bool {
        table.long.is_some() && row.long != LongText::Inside
    }

    /// Where the text is once this is written.
    pub(crate) const fn place(&self) -> LongText {
        match self {
            Self::Nothing { .. } => LongText::Inside,
            Self::Text { .. } => LongText::Apart,
        }
    }

    /// The document as its table has it.
    pub(crate) fn kept(&self, doc: &str) -> String {
        match self {
            Self::Nothing { .. } => doc.to_owned(),
            Self::Text { at, .. } => [&doc[..at.start], MARK, &doc[at.end..]].concat(),
        }
    }
}

/// Whether a document has this text, which includes its quotes.
fn is_text_of(table: &Table, doc: &str, text: &str) -> bool {
    let at = table.long.and_then(|member| value_at(doc, member));
    at.is_some_and(|at| doc[at..].starts_with(text))
}

/// Columns of a table, and after them the text that a document has apart, if those of the table may
/// have one. `from` is what the table is called in the statement.
pub(crate) fn with_text(mut columns: String, table: &Table, from: &str) -> String {
    if table.long.is_some() {
        let text = ", (SELECT texts.text FROM texts WHERE texts.org = ";
        columns.extend([text, from, ".org AND texts.id = ", from, ".id)"]);
    }
    columns
}

/// The whole document, of what its table has and of the text that it has apart; and where its text
/// was. If a text is missing, the mark remains, with which nobody can read the document.
pub(crate) fn whole(table: &Table, doc: &str, text: Option<&str>) -> (String, LongText) {
    match (mark_in(table, doc), text) {
        (None, None) => (doc.to_owned(), LongText::Inside),
        // The next change deletes it.
        (None, Some(_)) => (doc.to_owned(), LongText::Unknown),
        (Some(_), None) => (doc.to_owned(), LongText::Apart),
        (Some(at), Some(text)) => {
            let rest = &doc[at + MARK.len()..];
            ([&doc[..at], text, rest].concat(), LongText::Apart)
        }
    }
}

/// Puts the document of a row together, which is in the column `doc`; the text that it has apart is
/// the last column, and is taken away. Returns where the text was, and whether it is missing.
pub(crate) fn put_together(table: &Table, row: &mut Vec<Value>, doc: usize) -> (LongText, bool) {
    if table.long.is_none() {
        return (LongText::Inside, false);
    }
    let text = row.pop();
    let Some(Value::Text(kept)) = row.get_mut(doc) else { return (LongText::Unknown, false) };
    let text = match &text {
        Some(Value::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let (whole, long) = whole(table, kept, text);
    *kept = whole;
    (long, long == LongText::Apart && text.is_none())
}

/// Where a document has the mark.
fn mark_in(table: &Table, doc: &str) -> Option<usize> {
    let at = table.long.and_then(|member| value_at(doc, member))?;
    doc[at..].starts_with(MARK).then_some(at)
}

#[cfg(test)]
mod tests {
    use worksmith_kernel::Meta;
    use worksmith_wire::{Id, Kind, Timestamp};

    use super::*;

    const fn table(long: Option<&'static str>) -> Table {
        Table {
            name: "things",
            kinds: &[Kind::Issue],
            columns: &[],
            filters: &[],
            whole: &[],
            sorts: &[],
            digest: &[],
            carried: None,
            tallied: &[],
            long,
        }
    }
    static LONG: Table = table(Some("body"));
    static SHORT: Table = table(None);

    fn doc(title: &str, body: &str) -> String {
        format!(r#"{{"title":"{title}","body":"{body}","n":1}}"#)
    }

    fn row(doc: &str, long: LongText) -> RawRow {
        let (by, at) = (Id::numbered(Kind::SysUser, 1), Timestamp(1));
        let meta = Meta {
            id: Id::numbered(Kind::Issue, 1),
            revision: 1,
            created_at: at,
            created_by: by.clone(),
            modified_at: at,
            modified_by: by,
        };
        RawRow { meta, doc_version: 1, doc: doc.to_owned(), long }
    }

    /// A text that is just long enough, and one that is not.
    fn bodies() -> (String, String) {
        ("é\\n".repeat(LONG_BYTES / 4), "x".repeat(LONG_BYTES - 2))
    }

    #[test]
    fn what_is_long_goes_and_comes_back_byte_by_byte() {
        let (long, short) = bodies();
        let whole_doc = doc("a", &long);
        let apart = Apart::of(&LONG, None, &whole_doc);
        let Apart::Text { at, is_new: true } = &apart else { panic!("{apart:?}") };
        let text = &whole_doc[at.clone()];
        assert_eq!(text, format!("\"{long}\""));
        let kept = apart.kept(&whole_doc);
        assert_eq!(kept, r#"{"title":"a","body":{"in":"texts"},"n":1}"#);
        assert_eq!(whole(&LONG, &kept, Some(text)), (whole_doc.clone(), LongText::Apart));
        assert_eq!(whole(&LONG, &kept, None), (kept.clone(), LongText::Apart));
        assert_eq!(whole(&LONG, &whole_doc, None), (whole_doc.clone(), LongText::Inside));
        assert_eq!(whole(&LONG, &whole_doc, Some("\"\"")), (whole_doc.clone(), LongText::Unknown));
        let nothing = Apart::Nothing { forget: false };
        assert_eq!(Apart::of(&LONG, None, &doc("a", &short)), nothing);
        assert_eq!(Apart::of(&LONG, None, "{}"), nothing);
        assert_eq!(Apart::of(&SHORT, None, &whole_doc), nothing);
        assert_eq!(nothing.kept(&whole_doc), whole_doc);
    }

    #[test]
    fn a_text_is_written_unless_it_is_known_to_be_there() {
        let (long, short) = bodies();
        let (one, other) = (doc("a", &long), doc("b", &long));
        let is_new = |before: &str, long, after: &str| match Apart::of(
            &LONG,
            Some(&row(before, long)),
            after,
        ) {
            Apart::Text { is_new, .. } => Some(is_new),
            Apart::Nothing { .. } => None,
        };
        assert_eq!(is_new(&one, LongText::Apart, &other), Some(false));
        assert_eq!(is_new(&one, LongText::Inside, &other), Some(true));
        assert_eq!(is_new(&one, LongText::Unknown, &other), Some(true));
        let longer = doc("a", &format!("{long}x"));
        assert_eq!(is_new(&one, LongText::Apart, &longer), Some(true));
        assert_eq!(is_new(&longer, LongText::Apart, &one), Some(true));
        assert_eq!(is_new(&longer, LongText::Apart, &doc("a", &short)), None);
    }

    #[test]
    fn a_row_that_may_be_there_goes_when_the_text_is_short() {
        let (long, short) = bodies();
        for (place, forget) in
            [(LongText::Apart, true), (LongText::Unknown, true), (LongText::Inside, false)]
        {
            let before = row(&doc("a", &long), place);
            let apart = Apart::of(&LONG, Some(&before), &doc("a", &short));
            assert_eq!(apart, Apart::Nothing { forget }, "{place:?}");
            assert_eq!(Apart::may_be(&LONG, &before), forget);
            assert!(!Apart::may_be(&SHORT, &before));
        }
    }

    #[test]
    fn a_row_is_put_together_in_its_place() {
        let (long, _) = bodies();
        let (whole_doc, text) = (doc("a", &long), format!("\"{long}\""));
        let kept = Apart::of(&LONG, None, &whole_doc).kept(&whole_doc);
        for (doc, text, expected, told) in [
            (&kept, Value::from(text.as_str()), &whole_doc, (LongText::Apart, false)),
            (&kept, Value::Null, &kept, (LongText::Apart, true)),
            (&whole_doc, Value::Null, &whole_doc, (LongText::Inside, false)),
            (&whole_doc, "\"\"".into(), &whole_doc, (LongText::Unknown, false)),
        ] {
            let mut row = vec![doc.as_str().into(), 7_i64.into(), text];
            assert_eq!(put_together(&LONG, &mut row, 0), told);
            assert_eq!(row, [expected.as_str().into(), 7_i64.into()]);
        }
    }
}
