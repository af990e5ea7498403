//! What the store does, in the simplest form: maps in memory, and `Query::matches`.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};
use worksmith_kernel::erased::{self, By, Sort};
use worksmith_kernel::{Derived, Group, Meta, Query, Stored, Value};
use worksmith_store::Verb;
use worksmith_wire::{Direction, Id, Kind, Timestamp};

use crate::bed::Thing;

/// Why the model refuses a change: the status that a client would get.
pub(crate) type Refusal = u16;

/// An event: what happened, the revision after it, and the old values.
pub(crate) type Told = (Verb, u64, Option<Json>);

#[derive(Clone, Debug, Default)]
pub(crate) struct Org {
    pub(crate) things: BTreeMap<Id, Stored<Thing>>,
    pub(crate) events: BTreeMap<Id, Vec<Told>>,
    pub(crate) dead: BTreeSet<Id>,
}

/// An edge of a page: a sort key, and whether the object with this very key lies beyond it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Edge {
    key: Vec<Value>,
    through: bool,
}

/// A page: its ids, and where the next page and the previous one begin.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Page {
    pub(crate) ids: Vec<Id>,
    pub(crate) next: Option<Edge>,
    pub(crate) prev: Option<Edge>,
}

impl Org {
    fn check(&self, own: Option<&Id>, old: &Derived, new: &Derived) -> Result<(), Refusal> {
        for (field, to) in &new.refs {
            if !old.refs.contains(&(*field, to.clone())) && !self.things.contains_key(to) {
                return Err(400);
            }
        }
        for (space, _, name) in &new.names {
            if self.holder(space, name).is_some_and(|holder| Some(holder) != own) {
                return Err(409);
            }
        }
        Ok(())
    }

    /// The object that has a name.
    pub(crate) fn holder(&self, space: &str, name: &str) -> Option<&Id> {
        let has = |stored: &Stored<Thing>| {
            Derived::of(&stored.doc).names.iter().any(|(s, _, n)| *s == space && n == name)
        };
        self.things.values().find(|stored| has(stored)).map(Stored::id)
    }

    /// The references to an object.
    pub(crate) fn refs_to(&self, id: &Id) -> Vec<(String, Id)> {
        let mut found = Vec::new();
        for stored in self.things.values() {
            for (field, to) in Derived::of(&stored.doc).refs {
                if to == *id {
                    found.push((field.to_owned(), stored.id().clone()));
                }
            }
        }
        found.sort();
        found
    }

    pub(crate) fn insert(
        &mut self,
        next: &mut BTreeMap<Kind, u64>,
        kind: Kind,
        doc: Thing,
        (at, by): (Timestamp, &Id),
    ) -> Result<Stored<Thing>, Refusal> {
        self.check(None, &Derived::default(), &Derived::of(&doc))?;
        let number = next.entry(kind).or_insert(0);
        *number += 1;
        let id = Id::numbered(kind, *number);
        let meta = Meta {
            id: id.clone(),
            revision: 1,
            created_at: at,
            created_by: by.clone(),
            modified_at: at,
            modified_by: by.clone(),
        };
        let stored = Stored { meta, doc };
        self.things.insert(id, stored.clone());
        Ok(stored)
    }

    pub(crate) fn update(
        &mut self,
        before: &Self,
        id: &Id,
        doc: Thing,
        (at, by): (Timestamp, &Id),
    ) -> Result<(), Refusal> {
        let old = self.things[id].clone();
        if old.doc == doc {
            return Ok(());
        }
        self.check(Some(id), &Derived::of(&old.doc), &Derived::of(&doc))?;
        let mut new = Stored { meta: old.meta, doc };
        (new.meta.modified_at, new.meta.modified_by) = (at, by.clone());
        match before.things.get(id) {
            Some(first) if first.doc == new.doc => new = first.clone(),
            Some(first) => new.meta.revision = first.meta.revision + 1,
            None => {}
        }
        self.things.insert(id.clone(), new);
        Ok(())
    }

    pub(crate) fn delete(&mut self, id: &Id) {
        self.things.remove(id);
    }

    /// Records the outcome of a transaction that began at `before`.
    pub(crate) fn commit(&mut self, before: &Self) {
        let whole = |thing: &Thing| serde_json::to_value(thing).unwrap();
        for (id, new) in &self.things {
            let told = match before.things.get(id) {
                None => (Verb::Created, 1, None),
                Some(old) if old == new => continue,
                Some(old) => {
                    let changed = changed(&whole(&old.doc), &whole(&new.doc));
                    (Verb::Updated, new.meta.revision, Some(changed))
                }
            };
            self.events.entry(id.clone()).or_default().push(told);
        }
        for (id, old) in &before.things {
            if !self.things.contains_key(id) {
                let told = (Verb::Deleted, old.meta.revision, Some(whole(&old.doc)));
                self.events.entry(id.clone()).or_default().push(told);
                self.dead.insert(id.clone());
            }
        }
    }

    fn matching(&self, query: &Query<Thing>) -> Vec<&Stored<Thing>> {
        self.things.values().filter(|stored| query.matches(stored).unwrap()).collect()
    }

    pub(crate) fn count(&self, query: &Query<Thing>) -> u64 {
        self.matching(query).len() as u64
    }

    /// How many things match in each group, in the order of the values' spelling.
    pub(crate) fn count_by(
        &self,
        query: &Query<Thing>,
        groups: &[Group<Thing>],
    ) -> Vec<(Vec<Value>, u64)> {
        let mut counts: BTreeMap<String, (Vec<Value>, u64)> = BTreeMap::new();
        for stored in self.matching(query) {
            let mut combined = vec![Vec::new()];
            for group in groups {
                let values = grouped_by(stored, group.erased());
                let each = |start: Vec<Value>| {
                    let value =
                        |value: &Value| [start.as_slice(), std::slice::from_ref(value)].concat();
                    values.iter().map(value).collect::<Vec<_>>()
                };
                combined = combined.into_iter().flat_map(each).collect();
            }
            for values in combined {
                counts.entry(format!("{values:?}")).or_insert((values, 0)).1 += 1;
            }
        }
        counts.into_values().collect()
    }

    /// A page on one side of an edge.
    pub(crate) fn page(
        &self,
        query: &Query<Thing>,
        edge: Option<&Edge>,
        backwards: bool,
        limit: usize,
    ) -> Page {
        let order = query.erased().total_order();
        let mut all: Vec<(Vec<Value>, &Id)> =
            self.matching(query).into_iter().map(|s| (key(s, &order), s.id())).collect();
        all.sort_by(|(a, _), (b, _)| compare(a, b, &order));
        let (before, after): (Vec<_>, Vec<_>) = match edge {
            None if backwards => (all, Vec::new()),
            None => (Vec::new(), all),
            Some(edge) => all.into_iter().partition(|(key, _)| {
                let side = compare(key, &edge.key, &order);
                // An object at the edge is on the requested side if the edge says so.
                side == Ordering::Less || (side == Ordering::Equal && edge.through == backwards)
            }),
        };
        let (near, far) = if backwards { (after, before) } else { (before, after) };
        let cut = far.len().saturating_sub(limit);
        let (rest, page) = if backwards {
            (cut, far[cut..].to_vec())
        } else {
            (cut, far[..far.len() - cut].to_vec())
        };
        let ids = page.iter().map(|(_, id)| (*id).clone()).collect();
        let (Some((first, _)), Some((last, _))) = (page.first(), page.last()) else {
            let edge = edge.filter(|_| !near.is_empty());
            let back = edge.map(|edge| Edge { key: edge.key.clone(), through: !edge.through });
            let (next, prev) = if backwards { (back, None) } else { (None, back) };
            return Page { ids, next, prev };
        };
        let (first, last) = (first.clone(), last.clone());
        let at = |key| Edge { key, through: false };
        let (is_near, is_far) = (!near.is_empty(), rest > 0);
        let (next, prev) = if backwards { (is_near, is_far) } else { (is_far, is_near) };
        Page { ids, next: next.then(|| at(last)), prev: prev.then(|| at(first)) }
    }
}

fn changed(old: &Json, new: &Json) -> Json {
    let (Json::Object(old), Json::Object(new)) = (old, new) else { panic!("no objects") };
    let mut changed = Map::new();
    for (member, value) in old {
        if new.get(member) != Some(value) {
            changed.insert(member.clone(), value.clone());
        }
    }
    Json::Object(changed)
}

fn key(stored: &Stored<Thing>, order: &[Sort]) -> Vec<Value> {
    let thing = &stored.doc;
    let props = Derived::of(thing).props;
    let value = |sort: &Sort| match &sort.by {
        By::Prop(path) => {
            let own = props.iter().filter(|prop| prop.path == *path);
            own.map(|prop| prop.key.as_str()).min().into()
        }
        By::Column(column) => column_of(stored, column),
        By::Overlaid { .. } => unreachable!("only the store itself makes these"),
    };
    order.iter().map(value).collect()
}

/// The values by which a thing is grouped; one that has none is grouped by null.
fn grouped_by(stored: &Stored<Thing>, group: &erased::Group) -> Vec<Value> {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let derived = Derived::of(&stored.doc);
    let values: Vec<Value> = match group {
        erased::Group::Column(By::Column(column)) => vec![column_of(stored, column)],
        erased::Group::Day(column) => vec![match column_of(stored, column) {
            Value::Integer(at) => at.div_euclid(DAY_MS).into(),
            other => other,
        }],
        erased::Group::Refs { field, kinds, .. } => {
            let own =
                derived.refs.iter().filter(|(of, to)| of == field && kinds.contains(&to.kind()));
            own.map(|(_, to)| Value::from(to)).collect()
        }
        erased::Group::Prop(path) => {
            let own = derived.props.iter().filter(|prop| prop.path == *path);
            own.map(|prop| prop.key.as_str().into()).collect()
        }
        erased::Group::Column(_) => unreachable!("only the engine itself makes these"),
    };
    if values.is_empty() { vec![Value::Null] } else { values }
}

fn column_of(stored: &Stored<Thing>, column: &str) -> Value {
    let (meta, thing) = (&stored.meta, &stored.doc);
    match column {
        "id" => Value::from(&meta.id),
        "seq" => meta.id.local().parse::<i64>().unwrap().into(),
        "created_at" => meta.created_at.into(),
        "modified_at" => meta.modified_at.into(),
        "rank" => thing.rank.into(),
        "weight" => thing.weight.into(),
        "label" => thing.label.as_deref().into(),
        "done" => thing.done.into(),
        "kind" => meta.id.kind().noun().into(),
        other => panic!("no column {other}"),
    }
}

/// Compares values by the order's directions. Absent values come last in either direction.
fn compare(a: &[Value], b: &[Value], order: &[Sort]) -> Ordering {
    for (sort, (a, b)) in order.iter().zip(a.iter().zip(b)) {
        let up = match (a, b) {
            (Value::Null, Value::Null) => continue,
            (Value::Null, _) => return Ordering::Greater,
            (_, Value::Null) => return Ordering::Less,
            (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
            (Value::Real(a), Value::Real(b)) => a.partial_cmp(b).unwrap(),
            (Value::Text(a), Value::Text(b)) => a.cmp(b),
            other => panic!("{other:?}"),
        };
        let way = if sort.direction == Direction::Asc { up } else { up.reverse() };
        if way != Ordering::Equal {
            return way;
        }
    }
    Ordering::Equal
}
