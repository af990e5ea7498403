//! What is derived from a document: what the store keeps beside it, and what conditions can refer
//! to.

use worksmith_wire::Id;

use crate::erased::{Facts, all_hold};
use crate::error::Result;
use crate::props::Prop;
use crate::query::{Cond, Query};
use crate::resource::Resource;
use crate::row::{Stored, Value};

/// What the store keeps beside a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Derived {
    /// The values of the promoted columns.
    pub columns: Vec<Value>,
    /// What the document refers to.
    pub refs: Vec<(&'static str, Id)>,
    /// The names it claims: space, field, name.
    pub names: Vec<(&'static str, &'static str, String)>,
    /// The values of its custom fields, sorted.
    pub props: Vec<Prop>,
}

impl Derived {
    /// Derives from a document.
    pub fn of<R: Resource>(doc: &R) -> Self {
        let (columns, props) = (doc.columns(), props(doc));
        let mut derived = Self { columns, props, ..Self::default() };
        doc.refs(&mut |field, id| {
            if !derived.refs.iter().any(|(f, i)| *f == field && i == id) {
                derived.refs.push((field, id.clone()));
            }
        });
        doc.names(&mut |space, field, name| {
            if !derived.names.iter().any(|(s, _, n)| *s == space && n == name) {
                derived.names.push((space, field, name.to_owned()));
            }
        });
        derived
    }
}

impl Facts {
    /// Collects what conditions can refer to of a stored object.
    pub(crate) fn of<R: Resource>(stored: &Stored<R>) -> Self {
        let meta = &stored.meta;
        let seq = meta.id.seq();
        let mut columns = vec![
            ("id", Value::from(&meta.id)),
            ("kind", meta.id.kind().noun().into()),
            ("seq", seq.into()),
            ("created_at", meta.created_at.into()),
            ("created_by", (&meta.created_by).into()),
            ("modified_at", meta.modified_at.into()),
            ("modified_by", (&meta.modified_by).into()),
        ];
        columns.extend(R::TABLE.columns.iter().map(|c| c.name).zip(stored.doc.columns()));
        let refs = R::REFS.iter().map(|reference| {
            let mut ids = Vec::new();
            (reference.visit)(&stored.doc, &mut |id| ids.push(id.clone()));
            (reference.field, ids)
        });
        Self { columns, refs: refs.collect(), props: props(&stored.doc) }
    }
}

impl<R: Resource> Cond<R> {
    /// Whether the condition holds for an object.
    ///
    /// # Errors
    ///
    /// Fails if the condition takes a column or a reference that the family does not list in
    /// [`Resource::COLUMNS`] or [`Resource::REFS`].
    pub fn holds(&self, stored: &Stored<R>) -> Result<bool> {
        self.erased.holds(&Facts::of(stored))
    }
}

impl<R: Resource> Query<R> {
    /// Whether an object meets the conditions; it fails as [`Cond::holds`] does.
    pub fn matches(&self, stored: &Stored<R>) -> Result<bool> {
        all_hold(&self.erased.conds, &Facts::of(stored))
    }

    /// The key of an object in the order of the query with its tie-breakers; it fails as
    /// [`Cond::holds`] does.
    pub fn key_of(&self, stored: &Stored<R>) -> Result<Vec<Value>> {
        Facts::of(stored).key(&self.erased.total_order())
    }
}

/// The props of a document: each value of a field once, sorted.
fn props<R: Resource>(doc: &R) -> Vec<Prop> {
    let mut props = Vec::new();
    doc.props(&mut |path, value| {
        if let Some(key) = value.sort_key() {
            props.push(Prop { path: path.to_owned(), key, is_least: false });
        }
    });
    props.sort_unstable();
    props.dedup();
    let mut before: Option<String> = None;
    for prop in &mut props {
        prop.is_least = before.as_ref() != Some(&prop.path);
        if prop.is_least {
            before = Some(prop.path.clone());
        }
    }
    props
}
