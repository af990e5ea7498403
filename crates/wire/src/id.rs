//! Ids in their three spellings: the DON (`don:core:dvrv-us-1:devo/Ab3x:issue/42`), the display id
//! (`ISS-42`), and the spelling of documents (`issue/42`), which contains no org.

use std::fmt;

use compact_str::{CompactString, format_compact};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::kind::{Kind, Numbering};

/// The tenant, as it is spelled in ids.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OrgName {
    /// The region in every DON: `dvrv-us-1`.
    pub partition: CompactString,
    /// The short name of the org: `Ab3x`.
    pub org: CompactString,
}

/// The id of an object within one org.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    kind: Kind,
    local: CompactString,
}

/// A sequence of numbers: for the objects of a kind or, of custom objects, for those of a leaf
/// type. It is written as `issue` and as `custom_object/campaign`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Series {
    kind: Kind,
    leaf_type: CompactString,
}

/// A text that is not an id in any spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnId;

/// The most segments in the DON of an object that others are part of: a contact within its
/// workspace, and a comment on it.
const SEGMENTS_ABOVE_MAX: usize = 3;

impl Id {
    /// The id of `kind` with the given local part.
    pub fn new(kind: Kind, local: impl Into<CompactString>) -> Self {
        Self { kind, local: local.into() }
    }

    /// The id of `kind` with a number.
    pub fn numbered(kind: Kind, number: u64) -> Self {
        Self { kind, local: format_compact!("{number}") }
    }

    /// The id of `kind` with a number within another object.
    pub fn of_object(kind: Kind, object: &Self, number: u64) -> Self {
        Self { kind, local: format_compact!("{object}:{number}") }
    }

    /// An id that names nothing in this org. Ids of other orgs are parsed as this.
    pub fn nowhere(kind: Kind) -> Self {
        Self { kind, local: CompactString::const_new("") }
    }

    /// What the id names.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The part after the noun.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The leaf type of a custom object; `None` for other kinds.
    pub fn leaf_type(&self) -> Option<&str> {
        self.leaf_number().map(|(leaf_type, _)| leaf_type)
    }

    /// The prefix and the number of a custom object that was named by its display id. The org's
    /// schemas say which leaf type has the prefix; until it is looked up, the id names nothing.
    pub fn unresolved(&self) -> Option<(&str, u64)> {
        let (prefix, number) = self.local.split_once('-')?;
        let number = number.parse().ok()?;
        (self.kind.facts().numbering == Numbering::OfLeafType).then_some((prefix, number))
    }

    /// The object that it is part of, if its kind is numbered within any object.
    pub fn object(&self) -> Option<Self> {
        self.object_number().and_then(|(object, _)| object.parse().ok())
    }

    /// The number that breaks ties in orders; 0 if the local part has none.
    pub fn seq(&self) -> i64 {
        let within = self.leaf_number().or_else(|| self.object_number());
        within.map_or(self.local(), |(_, number)| number).parse().unwrap_or(0)
    }

    fn object_number(&self) -> Option<(&str, &str)> {
        let is_of_object = self.kind.facts().numbering == Numbering::OfObject;
        self.local.rsplit_once(':').filter(|_| is_of_object)
    }

    /// The object at the end of those that it is part of, if it is part of one.
    pub fn root(&self) -> Option<Self> {
        let object = self.object()?;
        Some(object.root().unwrap_or(object))
    }

    fn leaf_number(&self) -> Option<(&str, &str)> {
        let is_of_leaf_type = self.kind.facts().numbering == Numbering::OfLeafType;
        self.local.split_once('/').filter(|_| is_of_leaf_type)
    }

    /// The series that its number belongs to; `None` if it belongs to none.
    pub fn series(&self) -> Option<Series> {
        match self.kind.facts().numbering {
            Numbering::Sequence | Numbering::OfObject => Some(self.kind.into()),
            Numbering::OfLeafType => self.leaf_type().map(Series::of_leaf_type),
            Numbering::Opaque | Numbering::Within(_) => None,
        }
    }

    /// Parses a DON or a display id. A DON of another org or partition becomes [`Id::nowhere`].
    pub fn parse(text: &str, name: &OrgName) -> Result<Self, NotAnId> {
        if let Some(rest) = text.strip_prefix("don:") {
            Self::parse_don(rest, name)
        } else {
            Self::parse_display(text)
        }
    }

    fn parse_don(rest: &str, name: &OrgName) -> Result<Self, NotAnId> {
        let mut segments = rest.split(':');
        let service = segments.next().ok_or(NotAnId)?;
        let partition = segments.next().ok_or(NotAnId)?;
        let org = segments.clone().next().and_then(|s| s.strip_prefix("devo/"));
        if org.is_some() {
            segments.next();
        }
        let pairs = segments
            .map(|s| {
                s.split_once('/').filter(|(noun, local)| !noun.is_empty() && !local.is_empty())
            })
            .collect::<Option<Vec<_>>>()
            .ok_or(NotAnId)?;
        let id = Self::of_pairs(&pairs, org)?;
        let root = id.root();
        let root = root.as_ref().unwrap_or(&id);
        let is_of_all = is_of_all_orgs(root.kind);
        if org.is_none() && !is_of_all {
            return Err(NotAnId);
        }
        let here = partition == name.partition
            && org.map_or(is_of_all, |org| org == name.org)
            && service == root.kind.facts().service
            && id.is_well_numbered();
        Ok(if here { id } else { Self::nowhere(id.kind) })
    }

    /// The id at the end of the segments of a DON, each of which is a noun and a local part.
    fn of_pairs(pairs: &[(&str, &str)], org: Option<&str>) -> Result<Self, NotAnId> {
        let Some(((noun, local), above)) = pairs.split_last() else {
            return Ok(Self::new(Kind::DevOrg, org.ok_or(NotAnId)?));
        };
        let kind = Kind::from_don_noun(noun).ok_or(NotAnId)?;
        match kind.facts().numbering {
            Numbering::Within(parent) => match above.last() {
                Some((noun, above)) if *noun == parent => {
                    Ok(Self::new(kind, format_compact!("{above}.{local}")))
                }
                _ => Err(NotAnId),
            },
            Numbering::OfObject if above.len() > SEGMENTS_ABOVE_MAX => Ok(Self::nowhere(kind)),
            Numbering::OfObject => {
                let object = Self::of_pairs(above, org)?;
                Ok(Self::new(kind, format_compact!("{object}:{local}")))
            }
            Numbering::Sequence | Numbering::Opaque | Numbering::OfLeafType => {
                Ok(Self::new(kind, *local))
            }
        }
    }

    fn parse_display(text: &str) -> Result<Self, NotAnId> {
        let (prefix, local) = text.split_once('-').ok_or(NotAnId)?;
        let kind = Kind::from_prefix(prefix).ok_or(NotAnId)?;
        if kind.facts().numbering == Numbering::OfLeafType {
            let (prefix, number) = local.split_once('-').ok_or(NotAnId)?;
            let is_prefix = prefix.len() <= 10 && is_all(prefix, u8::is_ascii_alphabetic);
            let prefix = prefix.to_ascii_uppercase();
            let id = Self::new(kind, format_compact!("{prefix}-{number}"));
            return if is_prefix && is_number(number) { Ok(id) } else { Err(NotAnId) };
        }
        let id = Self::new(kind, local);
        if id.is_well_numbered() { Ok(id) } else { Err(NotAnId) }
    }

    fn is_well_numbered(&self) -> bool {
        match self.kind.facts().numbering {
            Numbering::Sequence => is_number(&self.local),
            Numbering::Opaque => {
                self.local.len() <= 64 && is_all(&self.local, u8::is_ascii_alphanumeric)
            }
            Numbering::Within(_) => {
                let parts = self.local.split_once('.');
                parts.is_some_and(|(above, own)| is_number(above) && is_number(own))
            }
            Numbering::OfLeafType => self.leaf_number().is_some_and(|(leaf_type, number)| {
                let is_letter = |b: &u8| b.is_ascii_lowercase() || *b == b'_';
                leaf_type.len() <= 64 && is_all(leaf_type, is_letter) && is_number(number)
            }),
            Numbering::OfObject => self.object_number().is_some_and(|(object, number)| {
                let object = object.parse::<Self>();
                is_number(number) && object.is_ok_and(|object| object.is_well_numbered())
            }),
        }
    }

    /// The DON of this id in an org.
    pub fn don(&self, name: &OrgName) -> String {
        let facts = self.kind.facts();
        let OrgName { partition, org } = name;
        let head = if is_of_all_orgs(self.kind) {
            format!("don:{}:{partition}", facts.service)
        } else {
            format!("don:{}:{partition}:devo/{org}", facts.service)
        };
        match facts.numbering {
            Numbering::Within(parent) => {
                let (above, own) = self.local.split_once('.').unwrap_or((&self.local, ""));
                format!("{head}:{parent}/{above}:{}/{own}", facts.don)
            }
            _ if self.kind == Kind::DevOrg => head,
            Numbering::OfObject => {
                let above = self.object().map_or(head, |object| object.don(name));
                let own = self.object_number().map_or("", |(_, own)| own);
                format!("{above}:{}/{own}", facts.don)
            }
            Numbering::Sequence | Numbering::Opaque | Numbering::OfLeafType => {
                format!("{head}:{}/{}", facts.don, self.local)
            }
        }
    }

    /// The short form for people, for kinds that have one. For a custom object it is known only
    /// from the document, unless the id was parsed from it.
    pub fn display_id(&self) -> Option<String> {
        let prefix = self.kind.facts().prefix;
        let has_one = !prefix.is_empty() && self.leaf_number().is_none();
        has_one.then(|| format!("{prefix}-{}", self.local))
    }
}

impl Series {
    /// The custom objects of a leaf type.
    pub fn of_leaf_type(leaf_type: &str) -> Self {
        Self { kind: Kind::CustomObject, leaf_type: leaf_type.into() }
    }

    /// The kind of its objects.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The id with a number.
    pub fn id(&self, number: u64) -> Id {
        match self.leaf_type.as_str() {
            "" => Id::numbered(self.kind, number),
            leaf_type => Id::new(self.kind, format_compact!("{leaf_type}/{number}")),
        }
    }
}

impl From<Kind> for Series {
    fn from(kind: Kind) -> Self {
        Self { kind, leaf_type: CompactString::const_new("") }
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if self.leaf_type.is_empty() { "" } else { "/" };
        write!(f, "{}{separator}{}", self.kind.noun(), self.leaf_type)
    }
}

fn is_number(text: &str) -> bool {
    text.len() <= 18 && !text.starts_with('0') && is_all(text, u8::is_ascii_digit)
}

/// Whether the DONs of a kind contain no org: stock schema fragments are the same in all orgs.
fn is_of_all_orgs(kind: Kind) -> bool {
    kind == Kind::StockFragment
}

fn is_all(text: &str, holds: impl Fn(&u8) -> bool) -> bool {
    !text.is_empty() && text.as_bytes().iter().all(holds)
}

/// The spelling of documents: `issue/42`.
impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.noun(), self.local)
    }
}

/// Reads the spelling of documents.
impl std::str::FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let (noun, local) = text.split_once('/').ok_or(NotAnId)?;
        Ok(Self::new(Kind::from_noun(noun).ok_or(NotAnId)?, local))
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|NotAnId| de::Error::custom(format_args!("{text:?} is no stored id")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn org() -> OrgName {
        OrgName { partition: "dvrv-us-1".into(), org: "Ab3x".into() }
    }

    #[test]
    fn a_don_and_a_display_id_name_the_same_object() {
        let don = Id::parse("don:core:dvrv-us-1:devo/Ab3x:issue/42", &org());
        assert_eq!(don, Ok(Id::numbered(Kind::Issue, 42)));
        assert_eq!(don, Id::parse("iss-42", &org()));
    }

    #[test]
    fn every_spelling_is_written_as_it_is_read() {
        for id in [
            Id::numbered(Kind::Ticket, 7),
            Id::new(Kind::Account, "k3Jx"),
            Id::new(Kind::VistaGroupItem, "31.4"),
            Id::new(Kind::DevOrg, "Ab3x"),
            Id::numbered(Kind::StockFragment, 2),
        ] {
            assert_eq!(Id::parse(&id.don(&org()), &org()).as_ref(), Ok(&id));
            assert_eq!(id.to_string().parse().as_ref(), Ok(&id));
            if let Some(display) = id.display_id() {
                assert_eq!(Id::parse(&display, &org()).as_ref(), Ok(&id));
            }
        }
    }

    #[test]
    fn a_nested_rev_user_is_the_flat_one() {
        let nested = Id::parse("don:identity:dvrv-us-1:devo/Ab3x:revo/q1:revu/5", &org());
        assert_eq!(nested, Ok(Id::numbered(Kind::RevUser, 5)));
    }

    #[test]
    fn a_custom_object_has_a_number_within_its_leaf_type() {
        let don = "don:core:dvrv-us-1:devo/Ab3x:custom_object/big_deal/7";
        let id = Series::of_leaf_type("big_deal").id(7);
        assert_eq!(Id::parse(don, &org()).as_ref(), Ok(&id));
        assert_eq!(id.don(&org()), don);
        assert_eq!(id.to_string(), "custom_object/big_deal/7");
        assert_eq!(id.to_string().parse().as_ref(), Ok(&id));
        assert_eq!((id.seq(), id.leaf_type()), (7, Some("big_deal")));
        assert_eq!((id.unresolved(), id.display_id()), (None, None));
        assert_eq!(id.series().map(|series| series.to_string()).as_deref(), {
            Some("custom_object/big_deal")
        });
    }

    #[test]
    fn a_display_id_of_a_custom_object_waits_for_the_schemas() {
        for text in ["C-DEAL-7", "c-deal-7"] {
            let id = Id::parse(text, &org()).unwrap();
            assert_eq!((id.kind(), id.unresolved()), (Kind::CustomObject, Some(("DEAL", 7))));
            assert_eq!(id.display_id().as_deref(), Some("C-DEAL-7"));
            assert_eq!((id.leaf_type(), id.seq(), id.series()), (None, 0, None));
        }
        assert_eq!(Id::numbered(Kind::Issue, 7).unresolved(), None);
    }

    #[test]
    fn other_texts_are_no_custom_objects() {
        for text in ["C-7", "C-DEAL", "C-DEAL-", "C-DEAL-07", "C-DEAL-x", "C--7", "C-D1-7"] {
            assert_eq!(Id::parse(text, &org()), Err(NotAnId), "{text}");
        }
        let don = "don:core:dvrv-us-1:devo/Ab3x:custom_object/";
        for local in ["7", "deal/07", "deal/x", "Deal/7", "a/b/7", "DEAL-7"] {
            let read = Id::parse(&format!("{don}{local}"), &org());
            assert_eq!(read, Ok(Id::nowhere(Kind::CustomObject)), "{local}");
        }
        assert_eq!(Id::parse(&format!("{don}deal/"), &org()), Ok(Id::nowhere(Kind::CustomObject)));
    }

    #[test]
    fn a_comment_is_part_of_its_object_whatever_the_service_of_that() {
        let comment = |object: &Id, number| Id::of_object(Kind::Comment, object, number);
        let on_issue = comment(&Id::numbered(Kind::Issue, 42), 7);
        let on_contact = comment(&Id::numbered(Kind::RevUser, 5), 8);
        let on_record = comment(&Series::of_leaf_type("big_deal").id(3), 9);
        let reply = comment(&on_issue, 10);
        for (id, don, stored) in [
            (&on_issue, "core:dvrv-us-1:devo/Ab3x:issue/42:comment/7", "issue/42:7"),
            (&on_contact, "identity:dvrv-us-1:devo/Ab3x:revu/5:comment/8", "rev_user/5:8"),
            (
                &on_record,
                "core:dvrv-us-1:devo/Ab3x:custom_object/big_deal/3:comment/9",
                "custom_object/big_deal/3:9",
            ),
            (
                &reply,
                "core:dvrv-us-1:devo/Ab3x:issue/42:comment/7:comment/10",
                "timeline_comment/issue/42:7:10",
            ),
        ] {
            let don = format!("don:{don}");
            assert_eq!((id.don(&org()), id.local()), (don.clone(), stored));
            assert_eq!(Id::parse(&don, &org()).as_ref(), Ok(id));
            assert_eq!(id.to_string().parse().as_ref(), Ok(id));
            assert_eq!((id.display_id(), id.series()), (None, Some(Kind::Comment.into())));
        }
        assert_eq!((reply.object(), reply.seq()), (Some(on_issue), 10));
        let nested = "don:identity:dvrv-us-1:devo/Ab3x:revo/q1:revu/5:comment/8";
        assert_eq!(Id::parse(nested, &org()), Ok(on_contact));
    }

    #[test]
    fn comments_of_nothing_name_nothing() {
        let nowhere = Ok(Id::nowhere(Kind::Comment));
        for tail in [
            "core:dvrv-us-1:devo/Ab3x:issue/42:comment/x",
            "core:dvrv-us-1:devo/Ab3x:issue/0:comment/7",
            "core:dvrv-us-1:devo/Zz:issue/42:comment/7",
            "identity:dvrv-us-1:devo/Ab3x:issue/42:comment/7",
            "core:dvrv-us-1:devo/Ab3x:issue/1:comment/2:comment/3:comment/4:comment/5",
        ] {
            assert_eq!(Id::parse(&format!("don:{tail}"), &org()), nowhere, "{tail}");
        }
        let long = format!("don:core:dvrv-us-1:devo/Ab3x:issue/1{}", ":comment/2".repeat(100_000));
        assert_eq!(Id::parse(&long, &org()), nowhere);
        let strange = Id::parse("don:core:dvrv-us-1:devo/Ab3x:thing/1:comment/2", &org());
        assert_eq!(strange, Err(NotAnId));
        assert_eq!(Id::nowhere(Kind::Comment).object(), None);
    }

    #[test]
    fn series_are_written_as_what_they_count() {
        let issues = Series::from(Kind::Issue);
        assert_eq!((issues.to_string().as_str(), issues.kind()), ("issue", Kind::Issue));
        assert_eq!(issues.id(3), Id::numbered(Kind::Issue, 3));
        assert_eq!(Id::numbered(Kind::Issue, 3).series(), Some(issues));
        assert_eq!(Id::new(Kind::Account, "k3Jx").series(), None);
        assert_eq!(Id::new(Kind::VistaGroupItem, "31.4").series(), None);
    }

    #[test]
    fn a_stock_fragment_is_of_no_org() {
        let id = Id::numbered(Kind::StockFragment, 2);
        assert_eq!(id.don(&org()), "don:core:dvrv-us-1:stock_sf/2");
        for text in ["don:core:dvrv-us-1:stock_sf/2", "don:core:dvrv-us-1:devo/Ab3x:stock_sf/2"] {
            assert_eq!(Id::parse(text, &org()), Ok(id.clone()));
        }
        assert_eq!(Id::parse("don:core:dvrv-us-1:issue/2", &org()), Err(NotAnId));
    }

    #[test]
    fn an_id_of_another_org_names_nothing_here() {
        for text in ["don:core:dvrv-us-1:devo/Zz:issue/42", "don:core:eu:devo/Ab3x:issue/42"] {
            assert_eq!(Id::parse(text, &org()), Ok(Id::nowhere(Kind::Issue)));
        }
    }

    #[test]
    fn other_texts_are_no_ids() {
        for text in
            ["", "ISS", "ISS-", "ISS-x", "ISS-01", "XYZ-1", "don:", "don:core:p:devo/x:issue", "42"]
        {
            assert_eq!(Id::parse(text, &org()), Err(NotAnId), "{text}");
        }
    }
}
