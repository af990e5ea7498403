//! The schema of each leaf type: its stock fields, and the current fragments.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use worksmith_engine::Tx;
use worksmith_kernel::{Column, Error, Expander, Name, Reference, Resource, Result, Stored};
use worksmith_wire::common::AtomSummary;
use worksmith_wire::{Id, Kind, Series, schemas};

use super::stock;

/// The document of a leaf type. It points to the current fragments, and every change of one touches
/// it, so that no object is shown with an outdated schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeafSchema {
    /// The leaf type: `issue`, or one of the org's own.
    pub leaf_type: String,
    /// Whether it is one of the org's own.
    pub is_custom_leaf_type: bool,
    /// The prefix of the display ids of objects of the org's own leaf type.
    pub id_prefix: Option<String>,
    /// The fragment of all its objects.
    pub tenant: Option<Id>,
    /// The fragments of its subtypes, by name.
    pub subtypes: BTreeMap<String, Id>,
    /// The fragments of apps, by name.
    pub apps: BTreeMap<String, Id>,
}

pub(super) const LEAF_TYPE: Column<LeafSchema> =
    Column::text("leaf_type", |leaf: &LeafSchema| leaf.leaf_type.as_str().into()).sorted();
pub(super) const IS_CUSTOM: Column<LeafSchema> =
    Column::integer("is_custom_leaf_type", |leaf| leaf.is_custom_leaf_type.into());

/// The names of stock leaf types.
const STOCK_LEAVES: Name<LeafSchema> =
    Name::new("leaf_schema.stock", "leaf_type", |leaf, claim| {
        if !leaf.is_custom_leaf_type {
            claim(&leaf.leaf_type);
        }
    });
/// The names of custom leaf types.
const CUSTOM_LEAVES: Name<LeafSchema> =
    Name::new("leaf_schema.custom", "leaf_type", |leaf, claim| {
        if leaf.is_custom_leaf_type {
            claim(&leaf.leaf_type);
        }
    });
/// The prefixes of display ids.
const PREFIXES: Name<LeafSchema> =
    Name::new("leaf_schema.id_prefix", "id_prefix", |leaf, claim| {
        leaf.id_prefix.iter().for_each(|prefix| claim(prefix));
    });

/// The first number of a leaf type that an org defined; those below are for stock ones.
const FIRST_CUSTOM: u64 = 1_001;

impl Resource for LeafSchema {
    const TABLE_NAME: &'static str = "leaf_schemas";
    const KINDS: &'static [Kind] = &[Kind::StockFragment];
    const COLUMNS: &'static [Column<Self>] = &[LEAF_TYPE, IS_CUSTOM];
    const REFS: &'static [Reference<Self>] =
        &[Reference::new("fragments", |leaf, visit| leaf.current().for_each(visit))];
    const NAMES: &'static [Name<Self>] = &[STOCK_LEAVES, CUSTOM_LEAVES, PREFIXES];
    const ONE: &'static str = "fragment";
    const MANY: &'static str = "result";
    type Object = schemas::StockFragment;
    type Summary = AtomSummary;

    fn summary_refs<'a>(stored: &'a Stored<Self>, visit: &mut dyn FnMut(&'a Id)) {
        stored.doc.current().for_each(visit);
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> schemas::StockFragment {
        let mut head = x.base(&stored.meta);
        // What every org has was created and changed by nobody.
        (head.created_by, head.modified_by, head.created_date, head.modified_date) =
            (None, None, None, None);
        let leaf_type = &stored.doc.leaf_type;
        schemas::StockFragment {
            head,
            composite_schemas: Vec::new(),
            fields: stock::fields(leaf_type),
            leaf_type: leaf_type.clone(),
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> AtomSummary {
        x.atom(stored.id())
    }
}

impl LeafSchema {
    /// A leaf type without any fragment yet.
    pub(super) fn new(leaf_type: &str, is_custom_leaf_type: bool) -> Self {
        Self {
            leaf_type: leaf_type.to_owned(),
            is_custom_leaf_type,
            id_prefix: None,
            tenant: None,
            subtypes: BTreeMap::new(),
            apps: BTreeMap::new(),
        }
    }

    /// The current fragments.
    pub fn current(&self) -> impl Iterator<Item = &Id> {
        self.tenant.iter().chain(self.subtypes.values()).chain(self.apps.values())
    }
}

/// The id of the schema of a stock leaf type: the same in every org and every version.
pub fn stock_id(leaf_type: &str) -> Option<Id> {
    let number = (1..).zip(stock::LEAVES).find(|(_, (of, _))| *of == leaf_type)?.0;
    Some(Id::numbered(Kind::StockFragment, number))
}

/// The id of the schema of a kind that orgs customise.
pub fn of(kind: Kind) -> Id {
    stock_id(kind.noun()).unwrap_or_else(|| Id::nowhere(Kind::StockFragment))
}

/// The schema of a leaf type, if there is such a leaf type.
pub async fn find(
    tx: &mut Tx,
    leaf_type: &str,
    is_custom: bool,
) -> Result<Option<Stored<LeafSchema>>> {
    let id =
        if is_custom { tx.find_name(CUSTOM_LEAVES, leaf_type).await? } else { stock_id(leaf_type) };
    match id {
        Some(id) => tx.find(&id).await,
        None => Ok(None),
    }
}

/// The leaf type of the org's own whose display ids have this prefix.
async fn with_prefix(tx: &mut Tx, prefix: &str) -> Result<Option<Stored<LeafSchema>>> {
    match tx.find_name(PREFIXES, prefix).await? {
        Some(id) => tx.find(&id).await,
        None => Ok(None),
    }
}

/// Resolves the id of a custom object that was given as a display id. If no leaf type has the
/// prefix, it remains an id of nothing.
pub async fn resolve(tx: &mut Tx, id: Id) -> Result<Id> {
    let Some((prefix, number)) = id.unresolved() else { return Ok(id) };
    let leaf_type = with_prefix(tx, prefix).await?.map(|leaf| leaf.doc.leaf_type);
    Ok(leaf_type.map_or(id, |leaf_type| Series::of_leaf_type(&leaf_type).id(number)))
}

/// The schema of the leaf type of a kind that orgs customise.
pub async fn of_kind(tx: &mut Tx, kind: Kind) -> Result<Stored<LeafSchema>> {
    let found = find(tx, kind.noun(), false).await?;
    found.ok_or_else(|| Error::Internal(format!("{} has no schema", kind.noun())))
}

/// Creates the schema of a leaf type of the org's own.
pub(super) async fn make(tx: &mut Tx, leaf: LeafSchema) -> Result<Stored<LeafSchema>> {
    let number = tx.number(Kind::StockFragment).await?.max(FIRST_CUSTOM);
    tx.insert_with_id(Id::numbered(Kind::StockFragment, number), leaf).await
}

/// Creates the missing schemas of stock leaf types: all of them in a new org, those that this
/// version adds in an older one.
pub async fn seed(tx: &mut Tx) -> Result<()> {
    for (number, (leaf_type, _)) in (1..).zip(stock::LEAVES) {
        let id = Id::numbered(Kind::StockFragment, number);
        if tx.find::<LeafSchema>(&id).await?.is_none() {
            tx.insert_with_id(id, LeafSchema::new(leaf_type, false)).await?;
        }
    }
    Ok(())
}
