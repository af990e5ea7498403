//! The members of a JSON object, read without parsing it: documents are long, and most of each is
//! of no interest. White space is allowed, in case somebody else has written one.

use std::ops::Range;

use crate::error::{Error, Result};

/// A member of an object: its name with the quotes, and its value, both as text.
pub type Member<'a> = (&'a str, &'a str);

/// The members of an object, in their order.
pub struct Members<'a> {
    doc: &'a str,
    /// Where the next member begins.
    at: usize,
}

impl<'a> Members<'a> {
    /// The members of a document.
    ///
    /// # Errors
    ///
    /// Fails if the document is no object.
    pub fn of(doc: &'a str) -> Result<Self> {
        let doc = doc.trim_end();
        let begin = after_space(doc.as_bytes(), 0);
        let inner = doc.get(begin..).and_then(|doc| doc.strip_prefix('{')?.strip_suffix('}'));
        let inner = inner.ok_or_else(|| Error::internal("a document is no object"))?;
        let is_empty = inner.trim().is_empty();
        Ok(Self { doc, at: if is_empty { doc.len() } else { begin + 1 } })
    }

    /// The name of the next member with the quotes, and where its value begins.
    fn head(&self) -> Option<(&'a str, usize)> {
        let text = self.doc.as_bytes();
        let name = after_space(text, self.at);
        let name_end = string_end(text, name)?;
        let colon = after_space(text, name_end);
        if text.get(colon) != Some(&b':') {
            return None;
        }
        Some((self.doc.get(name..name_end)?, after_space(text, colon + 1)))
    }

    fn member(&mut self) -> Option<Member<'a>> {
        let (name, value) = self.head()?;
        let end = value_end(self.doc.as_bytes(), value)?;
        self.at = end + 1;
        Some((name, self.doc.get(value..end)?.trim_end()))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Result<Member<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.doc.len() {
            return None;
        }
        let member = self.member().ok_or_else(|| Error::internal("a document can't be read"));
        if member.is_err() {
            self.at = self.doc.len();
        }
        Some(member)
    }
}

/// Where the value of a member begins; `None` if the document has no such member, or can't be read
/// up to it.
pub fn value_at(doc: &str, name: &str) -> Option<usize> {
    let mut members = Members::of(doc).ok()?;
    while members.at < members.doc.len() {
        let (own, value) = members.head()?;
        if own.get(1..own.len() - 1) == Some(name) {
            return Some(value);
        }
        members.at = value_end(members.doc.as_bytes(), value)? + 1;
    }
    None
}

/// Where the value of a member lies if it is a text, with the quotes.
pub fn text_range(doc: &str, name: &str) -> Option<Range<usize>> {
    let begin = value_at(doc, name)?;
    Some(begin..string_end(doc.as_bytes(), begin)?)
}

/// Where something other than white space comes.
fn after_space(text: &[u8], begin: usize) -> usize {
    let is_space = |byte: &&u8| byte.is_ascii_whitespace();
    begin + text.iter().skip(begin).take_while(is_space).count()
}

/// Where a string ends that begins at a quote: after its other quote.
fn string_end(text: &[u8], begin: usize) -> Option<usize> {
    if text.get(begin) != Some(&b'"') {
        return None;
    }
    let mut at = begin + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Where a value ends: at the comma or the brace of the object that it is in.
fn value_end(text: &[u8], begin: usize) -> Option<usize> {
    let (mut at, mut depth) = (begin, 0_usize);
    loop {
        match text.get(at)? {
            b'"' => {
                at = string_end(text, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b',' | b'}' if depth == 0 => return (at > begin).then_some(at),
            b'}' | b']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(doc: &str, name: &str) -> Option<String> {
        text_range(doc, name).map(|range| doc[range].to_owned())
    }

    #[test]
    fn a_text_is_found_by_the_name_of_its_member() {
        let doc = r#"{"title":"\"body\":\"no\"","a":{"body":"no"},"body":"long, {\"x\\","n":1}"#;
        assert_eq!(of(doc, "body").as_deref(), Some(r#""long, {\"x\\""#));
        assert_eq!(of(doc, "title").as_deref(), Some(r#""\"body\":\"no\"""#));
        assert_eq!((of(doc, "a"), of(doc, "n"), of(doc, "m")), (None, None, None));
        assert_eq!(value_at(doc, "a"), doc.find("{\"body"));
    }

    #[test]
    fn white_space_before_and_between_moves_what_is_found() {
        let doc = "\n { \"a\" : [1, \"body\"] ,\t\"body\" : \"é\" } ";
        assert_eq!(of(doc, "body").as_deref(), Some("\"é\""));
    }

    #[test]
    fn nothing_is_found_in_what_is_no_object() {
        let broken = ["", "{", "[]", "{}", "{\"body\"}", "{\"a\":,\"body\":\"x\"}"];
        for broken in broken.into_iter().chain(["{\"body\":\"x}"]) {
            assert_eq!(of(broken, "body"), None, "{broken}");
        }
    }
}
