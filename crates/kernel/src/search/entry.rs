//! What the index of the search has of an object.

use std::fmt::Write as _;

use worksmith_wire::{Id, Kind};

use crate::columns::{Column, Reference};
use crate::row::{Meta, Stored, Value};

/// Visits texts of a document.
type Say<R> = fn(&R, &mut dyn FnMut(&str));

/// What a family gives to the index of the search. Declared once, as `Resource::SEARCH`, it makes
/// the objects of the family found.
pub struct Search<R: 'static> {
    noun: &'static str,
    titles: Say<R>,
    texts: Say<R>,
    object: Option<fn(&R) -> &Id>,
    facets: &'static [Facet<R>],
    version: u32,
}

impl<R> Search<R> {
    /// Objects that results call by this noun, such as `work`, and are found by these titles: what
    /// people call them. A hit in a title counts more than one in a text.
    pub const fn new(noun: &'static str, titles: Say<R>) -> Self {
        Self { noun, titles, texts: |_, _| {}, object: None, facets: &[], version: 1 }
    }

    /// They are also found by these texts.
    #[must_use]
    pub const fn texts(mut self, texts: Say<R>) -> Self {
        self.texts = texts;
        self
    }

    /// They belong to other objects, which are the ones that are found.
    #[must_use]
    pub const fn of(mut self, object: fn(&R) -> &Id) -> Self {
        self.object = Some(object);
        self
    }

    /// Queries can be filtered by these. What [`Resource::visibility`](crate::Resource::visibility)
    /// depends on should be among them: what it is not is only found out from each hit.
    #[must_use]
    pub const fn by(mut self, facets: &'static [Facet<R>]) -> Self {
        self.facets = facets;
        self
    }

    /// Raise this if the same document gives other titles, texts or facets than before: the index
    /// is made anew then.
    #[must_use]
    pub const fn version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    /// The same without the type of the document.
    pub fn erased(&self) -> Searched {
        let facets = self.facets.iter();
        let facets = facets.map(|facet| (facet.key, facet.names, facet.kinds)).collect();
        Searched { noun: self.noun, is_part: self.object.is_some(), facets, version: self.version }
    }
}

/// What is known of the search in a family, whatever its documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Searched {
    /// What results call its objects.
    pub noun: &'static str,
    /// Whether its objects belong to others, which are the ones that are found.
    pub is_part: bool,
    /// By what queries can be filtered: the key of each facet, its names in queries, and the kinds
    /// of objects that it refers to.
    pub facets: Vec<(&'static str, &'static [&'static str], &'static [Kind])>,
    /// The version of what its documents give.
    pub version: u32,
}

/// A value of documents by which queries can be filtered.
pub struct Facet<R> {
    key: &'static str,
    names: &'static [&'static str],
    kinds: &'static [Kind],
    values: Values<R>,
}

enum Values<R> {
    Column(Column<R>),
    Refs(Reference<R>),
    Texts(Say<R>),
}

impl<R> Facet<R> {
    /// The value of a column. Without names, it only serves rules about who sees what.
    pub const fn column(names: &'static [&'static str], column: Column<R>) -> Self {
        Self { key: column.name, names, kinds: &[], values: Values::Column(column) }
    }

    /// The objects that a field refers to.
    pub const fn refs(names: &'static [&'static str], reference: Reference<R>) -> Self {
        Self { key: reference.field, names, kinds: &[], values: Values::Refs(reference) }
    }

    /// The texts that `values` says.
    pub const fn texts(key: &'static str, names: &'static [&'static str], values: Say<R>) -> Self {
        Self { key, names, kinds: &[], values: Values::Texts(values) }
    }

    /// The values are objects of these kinds, which queries may call by their names.
    #[must_use]
    pub const fn to(mut self, kinds: &'static [Kind]) -> Self {
        self.kinds = kinds;
        self
    }
}

/// A value of a facet, as the index has it. Case does not count.
pub(super) fn facet(key: &str, value: &str) -> String {
    let mut token = format!("{key}=");
    for char in value.to_lowercase().chars().take(FACET_CHARS_MAX) {
        match char {
            'a'..='z' | '0'..='9' | '_' | '/' | '.' => token.push(char),
            other => {
                let _ = write!(token, "~{:x}.", u32::from(other));
            }
        }
    }
    token
}

/// Values of facets are cut after this many characters.
const FACET_CHARS_MAX: usize = 120;

/// What the index has of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchEntry {
    /// What the store knows of it.
    pub meta: Meta,
    /// The object that it belongs to, and that is found by it.
    pub of: Option<Id>,
    /// Its titles.
    pub titles: Vec<String>,
    /// Its other texts.
    pub texts: Vec<String>,
    /// The values by which it can be filtered.
    pub facets: Vec<String>,
}

/// The keys of what every entry can be filtered by: the kind of the object, of an object that
/// belongs to another one, the kind of that, and who created it.
pub(super) const KIND: &str = "kind";
pub(super) const IN: &str = "in";
pub(super) const CREATED_BY: &str = "created_by";

impl SearchEntry {
    /// The entry of an object; `None` if it says nothing.
    pub fn of<R>(search: &Search<R>, stored: &Stored<R>) -> Option<Self> {
        let (meta, doc) = (&stored.meta, &stored.doc);
        let (mut titles, mut texts) = (Vec::new(), Vec::new());
        let said = |texts: &mut Vec<String>, text: &str| {
            if !text.trim().is_empty() {
                texts.push(text.to_owned());
            }
        };
        (search.titles)(doc, &mut |text| said(&mut titles, text));
        (search.texts)(doc, &mut |text| said(&mut texts, text));
        if titles.is_empty() && texts.is_empty() {
            return None;
        }
        let of = search.object.map(|object| {
            let object = object(doc);
            object.root().unwrap_or_else(|| object.clone())
        });
        let mut facets = vec![match &of {
            None => facet(KIND, meta.id.kind().noun()),
            Some(object) => facet(IN, object.kind().noun()),
        }];
        facets.push(facet(CREATED_BY, &meta.created_by.to_string()));
        for Facet { key, values, .. } in search.facets {
            match values {
                Values::Column(column) => match column.value.map(|value| value(doc)) {
                    Some(Value::Text(text)) => facets.push(facet(key, &text)),
                    Some(Value::Integer(number)) => facets.push(facet(key, &number.to_string())),
                    Some(Value::Real(_) | Value::Null) | None => {}
                },
                Values::Refs(reference) => {
                    (reference.visit)(doc, &mut |id| facets.push(facet(key, &id.to_string())));
                }
                Values::Texts(say) => say(doc, &mut |text| facets.push(facet(key, text))),
            }
        }
        Some(Self { meta: meta.clone(), of, titles, texts, facets })
    }
}
