//! What a change has changed: the members of a document that differ from those before.
//!
//! Documents are long, and most of each stays as it is. So they are not parsed: both were rendered
//! by the same serializer, and equal values are equal texts. White space is allowed, in case
//! somebody else has written one.

use worksmith_kernel::{Error, Result};

/// A member of an object: its name with the quotes, and its value, both as text.
type Member<'a> = (&'a str, &'a str);

/// The members of `old` whose value differs in `new`, and null for those that only `new` has, as a
/// JSON object. `more` is a further member, whose value is JSON.
pub(super) fn changed_members(old: &str, new: &str, more: Option<(&str, &str)>) -> Result<String> {
    let mut changed = Object::default();
    compare(old, new, |name, old, _| changed.push(name, old.unwrap_or("null")))?;
    if let Some((name, value)) = more {
        changed.push(&format!("\"{name}\""), value);
    }
    Ok(changed.finish())
}

/// The members whose values differ, as they are in `old` and as they are in `new`: two JSON
/// objects.
pub(super) fn difference(old: &str, new: &str) -> Result<(String, String)> {
    let (mut before, mut after) = (Object::default(), Object::default());
    compare(old, new, |name, old, new| {
        if let Some(value) = old {
            before.push(name, value);
        }
        if let Some(value) = new {
            after.push(name, value);
        }
    })?;
    Ok((before.finish(), after.finish()))
}

/// Tells of each member that differs, with both values.
fn compare<'a>(
    old: &'a str,
    new: &'a str,
    mut differs: impl FnMut(&'a str, Option<&'a str>, Option<&'a str>),
) -> Result<()> {
    let old: Vec<Member<'_>> = Members::of(old)?.collect::<Result<_>>()?;
    let mut is_there = vec![false; old.len()];
    // The members of both are almost always in the same order.
    let mut next = 0;
    for member in Members::of(new)? {
        let (name, value) = member?;
        let at = match old.get(next) {
            Some((expected, _)) if *expected == name => Some(next),
            _ => old.iter().position(|(each, _)| *each == name),
        };
        let Some(at) = at else {
            differs(name, None, Some(value));
            continue;
        };
        is_there[at] = true;
        next = at + 1;
        if old[at].1 != value {
            differs(name, Some(old[at].1), Some(value));
        }
    }
    for ((name, value), _) in old.iter().zip(&is_there).filter(|(_, is_there)| !**is_there) {
        differs(name, Some(value), None);
    }
    Ok(())
}

/// An object that is written.
#[derive(Default)]
struct Object(String);

impl Object {
    fn push(&mut self, name: &str, value: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push_str(name);
        self.0.push(':');
        self.0.push_str(value);
    }

    fn finish(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('{');
        }
        self.0.push('}');
        self.0
    }
}

/// The members of an object.
struct Members<'a> {
    doc: &'a str,
    /// Where the next member begins.
    at: usize,
}

impl<'a> Members<'a> {
    fn of(doc: &'a str) -> Result<Self> {
        let doc = doc.trim();
        if doc.len() >= 2 && doc.starts_with('{') && doc.ends_with('}') {
            let is_empty = doc[1..doc.len() - 1].trim().is_empty();
            return Ok(Self { doc, at: if is_empty { doc.len() } else { 1 } });
        }
        Err(Error::internal("a document is no object"))
    }

    fn member(&mut self) -> Option<Member<'a>> {
        let text = self.doc.as_bytes();
        let name = after_space(text, self.at);
        let name_end = string_end(text, name)?;
        let colon = after_space(text, name_end);
        if text.get(colon) != Some(&b':') {
            return None;
        }
        let value = after_space(text, colon + 1);
        let end = value_end(text, value)?;
        self.at = end + 1;
        Some((self.doc.get(name..name_end)?, self.doc.get(value..end)?.trim_end()))
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
    use super::{changed_members, difference};

    fn changed(old: &str, new: &str) -> String {
        changed_members(old, new, None).unwrap()
    }

    #[test]
    fn both_sides_of_a_difference_are_told() {
        let (old, new) = (r#"{"a":1,"b":[2],"c":null}"#, r#"{"b":[3],"d":{"e":1},"c":null}"#);
        let (before, after) = difference(old, new).unwrap();
        assert_eq!((&*before, &*after), (r#"{"b":[2],"a":1}"#, r#"{"b":[3],"d":{"e":1}}"#));
        assert_eq!(difference(old, old).unwrap(), ("{}".to_owned(), "{}".to_owned()));
    }

    #[test]
    fn a_further_member_comes_last() {
        let more = Some(("@", "[1]"));
        assert_eq!(changed_members(r#"{"a":1}"#, "{}", more).unwrap(), r#"{"a":1,"@":[1]}"#);
        assert_eq!(changed_members("{}", "{}", more).unwrap(), r#"{"@":[1]}"#);
    }

    #[test]
    fn only_members_with_another_value_are_told() {
        let old = r#"{"title":"a","body":"long, {\"x\\","tags":[{"id":1},{"id":2}],"n":1}"#;
        assert_eq!(changed(old, old), "{}");
        let new = r#"{"title":"b","body":"long, {\"x\\","tags":[{"id":1},{"id":3}],"n":1}"#;
        assert_eq!(changed(old, new), r#"{"title":"a","tags":[{"id":1},{"id":2}]}"#);
    }

    #[test]
    fn members_that_come_are_null_and_those_that_go_are_told_last() {
        assert_eq!(changed(r#"{"a":1,"b":2}"#, r#"{"b":2,"c":[]}"#), r#"{"c":null,"a":1}"#);
        assert_eq!(changed("{}", r#"{"a":{"b":"}"}}"#), r#"{"a":null}"#);
        assert_eq!(changed(r#"{"a":{"b":"}"}}"#, "{}"), r#"{"a":{"b":"}"}}"#);
    }

    #[test]
    fn the_order_of_members_does_not_matter() {
        assert_eq!(changed(r#"{"a":1,"b":2,"c":3}"#, r#"{"c":3,"a":1,"b":4}"#), r#"{"b":2}"#);
    }

    #[test]
    fn white_space_between_the_parts_changes_nothing() {
        let old = "{\"a\": 1, \"b\" : [1, 2] ,\n\"c\": \"x y\" }";
        assert_eq!(changed(old, r#"{"a":1,"b":[],"c":"x y"}"#), r#"{"b":[1, 2]}"#);
        assert_eq!(changed("{ }", r#"{"a":1}"#), r#"{"a":null}"#);
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for broken in ["", "[]", "{", r#"{"a"}"#, r#"{"a":}"#, r#"{"a":1"#, r#"{"a":"x}"#] {
            assert!(changed_members(broken, "{}", None).is_err(), "{broken}");
        }
    }

    #[test]
    fn it_tells_what_a_parser_would_tell() {
        let texts = [r#"{"a":null,"b":"é\n\"","c":{"d":[1,2.5,{"e":"]"}]}}"#, r#"{"c":{},"f":[]}"#];
        for (old, new) in [(texts[0], texts[1]), (texts[1], texts[0])] {
            type Parsed = serde_json::Map<String, serde_json::Value>;
            let parse = |text: &str| serde_json::from_str::<Parsed>(text).unwrap();
            let (before, after) = (parse(old), parse(new));
            let mut expected = Parsed::new();
            for (name, value) in &after {
                if before.get(name) != Some(value) {
                    expected.insert(name.clone(), before.get(name).cloned().unwrap_or_default());
                }
            }
            let gone = before.iter().filter(|(name, _)| !after.contains_key(*name));
            expected.extend(gone.map(|(name, value)| (name.clone(), value.clone())));
            assert_eq!(parse(&changed(old, new)), expected);
        }
    }
}
