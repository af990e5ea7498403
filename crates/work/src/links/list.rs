//! `links.list`. The links of an object are put together from several lists: those that begin at
//! it, those that end at it, and those that parts and issues say. All of them are in the order of
//! creation, so a page takes the newest of each.

use std::cmp::Ordering;

use worksmith_engine::{Edge as ListEdge, PageOf, Tx};
use worksmith_fields::schemas::leaf;
use worksmith_kernel::{Column, Cond, Cursor, Meta, Query, Resource, Result, Stored, Value};
use worksmith_wire::common::PartId;
use worksmith_wire::link_types::LinkType;
use worksmith_wire::links::{LinksDirection, ListRequest};
use worksmith_wire::{Direction, Id, Kind, ListMode};

use super::{CUSTOM_TYPE, LINK_TYPE, Link, SOURCE, SOURCE_KIND, TARGET, TARGET_KIND, views};
use crate::parts::{PARENT, Part};
use crate::works::{DEVELOPED_WITH, Work};

/// Which links of which object.
struct Wanted {
    object: Id,
    direction: Option<LinksDirection>,
    link_types: Vec<LinkType>,
    /// What the other end is; anything if empty.
    kinds: Vec<&'static str>,
    custom_link_types: Vec<Id>,
}

impl Wanted {
    fn begins(&self) -> bool {
        self.direction != Some(LinksDirection::IsTarget)
    }

    fn ends(&self) -> bool {
        self.direction != Some(LinksDirection::IsSource)
    }

    /// Whether links of a type are wanted that are not kept as links.
    fn has(&self, link_type: LinkType) -> bool {
        self.custom_link_types.is_empty()
            && (self.link_types.is_empty() || self.link_types.contains(&link_type))
    }

    fn has_end(&self, id: &Id) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&id.kind().noun())
    }
}

/// A place in the order of all lists together: the newest links first, of the same instant those of
/// the first list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    at: i64,
    list: i64,
    seq: i64,
    id: String,
}

impl Place {
    fn of(meta: &Meta, list: i64) -> Self {
        Self { at: meta.created_at.0, list, seq: meta.id.seq(), id: meta.id.to_string() }
    }

    fn order(&self, other: &Self) -> Ordering {
        let newest_first = other.at.cmp(&self.at).then(self.list.cmp(&other.list));
        newest_first.then_with(|| other.seq.cmp(&self.seq)).then_with(|| other.id.cmp(&self.id))
    }

    fn into_key(self) -> Vec<Value> {
        vec![self.at.into(), self.list.into(), self.seq.into(), self.id.into()]
    }

    fn of_key(key: Vec<Value>) -> Option<Self> {
        match <[Value; 4]>::try_from(key) {
            Ok(
                [Value::Integer(at), Value::Integer(list), Value::Integer(seq), Value::Text(id)],
            ) => Some(Self { at, list, seq, id }),
            _ => None,
        }
    }
}

/// Where a page begins, and in which direction it goes.
#[derive(Clone, Debug)]
struct Edge {
    place: Option<Place>,
    /// Whether a link in exactly that place belongs to the page.
    through: bool,
    backwards: bool,
}

impl Edge {
    /// The same edge within one list, as the store knows it: the last places of the same instant
    /// are those of later lists.
    fn within(&self, list: i64) -> Option<ListEdge> {
        let place = self.place.as_ref()?;
        let key = |seq: i64, id: &str| vec![place.at.into(), seq.into(), id.into()];
        let (key, through) = match list.cmp(&place.list) {
            Ordering::Equal => (key(place.seq, &place.id), self.through),
            // Sorts after every id.
            Ordering::Greater => (key(i64::MAX, "~"), false),
            Ordering::Less => (key(i64::MIN, ""), false),
        };
        Some(ListEdge { key, through })
    }

    fn has_beyond(&self, place: &Place) -> bool {
        let Some(edge) = &self.place else { return true };
        match place.order(edge) {
            Ordering::Equal => self.through,
            order => (order == Ordering::Greater) != self.backwards,
        }
    }
}

pub(super) async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<Link>> {
    let ListRequest { object, direction, link_type, types, object_types, custom_link_type, page } =
        request;
    let wanted = Wanted {
        object: leaf::resolve(tx, object.into()).await?,
        direction,
        link_types: link_type.into_iter().chain(types).collect(),
        kinds: object_types.iter().map(|kind| kind.as_str()).collect(),
        custom_link_types: custom_link_type.into_iter().map(Into::into).collect(),
    };
    let binding = tx.cx().binding.clone();
    let place = match page.cursor.as_deref() {
        Some(text) => Some(place(text, &binding)?),
        None => None,
    };
    let backwards = page.mode == Some(ListMode::Before);
    let through = place.as_ref().is_some_and(|(_, through)| *through);
    let edge = Edge { place: place.map(|(place, _)| place), through, backwards };
    let limit = page.limit();
    let mut found = links(tx, &wanted, &edge, limit + 1).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    if backwards {
        found.reverse();
    }

    let cursor =
        |place: Place, through| Cursor::new(&binding, place.into_key()).through(through).encode();
    let ends = found.first().zip(found.last());
    let ends = ends.map(|((first, _), (last, _))| (first.clone(), last.clone()));
    let (mut next_cursor, mut prev_cursor) = (None, None);
    if let Some((first, last)) = ends {
        let near = if backwards { last.clone() } else { first.clone() };
        let near = Edge { place: Some(near), through: false, backwards: !backwards };
        let is_near = edge.place.is_some() && !links(tx, &wanted, &near, 1).await?.is_empty();
        let (next, prev) = if backwards { (is_near, more) } else { (more, is_near) };
        next_cursor = next.then(|| cursor(last, false));
        prev_cursor = prev.then(|| cursor(first, false));
    } else if let Some(place) = edge.place.clone() {
        let back = Edge { through: !edge.through, backwards: !backwards, ..edge.clone() };
        let is_there = !links(tx, &wanted, &back, 1).await?.is_empty();
        let at = is_there.then(|| cursor(place, back.through));
        (next_cursor, prev_cursor) = if backwards { (at, None) } else { (None, at) };
    }
    let found: Vec<_> = found.into_iter().map(|(_, link)| link).collect();
    Ok(PageOf { objects: tx.shown_all(&found).await?, next_cursor, prev_cursor })
}

fn place(text: &str, binding: &str) -> Result<(Place, bool)> {
    let cursor = Cursor::decode(text, binding, 4)?;
    let through = cursor.is_through();
    let place = Place::of_key(cursor.into_key());
    Ok((place.ok_or_else(Cursor::foreign)?, through))
}

/// The first links beyond an edge that the caller may see.
async fn links(
    tx: &mut Tx,
    wanted: &Wanted,
    edge: &Edge,
    limit: usize,
) -> Result<Vec<(Place, Stored<Link>)>> {
    let mut shown = Vec::new();
    if !tx.is_visible(&wanted.object).await? {
        return Ok(shown);
    }
    let mut edge = edge.clone();
    loop {
        let found = merged(tx, wanted, &edge, limit).await?;
        let is_last = found.len() < limit;
        if let Some((place, _)) = found.last() {
            edge = Edge { place: Some(place.clone()), through: false, ..edge };
        }
        for (place, link) in found {
            if shown.len() < limit && tx.sees(&link).await? {
                shown.push((place, link));
            }
        }
        if is_last || shown.len() == limit {
            return Ok(shown);
        }
    }
}

/// The first links of all lists beyond an edge.
async fn merged(
    tx: &mut Tx,
    wanted: &Wanted,
    edge: &Edge,
    limit: usize,
) -> Result<Vec<(Place, Stored<Link>)>> {
    let object = &wanted.object;
    let mut all = Vec::new();
    if wanted.begins() {
        let mut query = kept(wanted, TARGET_KIND);
        query.with(Cond::refers_to(SOURCE, vec![object.clone()]));
        all.extend(beyond(tx, query, 0, edge, limit).await?);
    }
    if wanted.ends() {
        let mut query = kept(wanted, SOURCE_KIND);
        query.with(Cond::refers_to(TARGET, vec![object.clone()]));
        if wanted.begins() {
            // A merge may have led both ends to the same object.
            query.with(!Cond::refers_to(SOURCE, vec![object.clone()]));
        }
        all.extend(beyond(tx, query, 1, edge, limit).await?);
    }
    let own = said_by(tx, wanted).await?;
    let own = (0..).zip(own).map(|(seq, link)| (Place { seq, ..Place::of(&link.meta, 2) }, link));
    all.extend(own.filter(|(place, _)| edge.has_beyond(place)));
    if PartId::KINDS.contains(&object.kind()) && wanted.ends() {
        all.extend(said_of_part(tx, wanted, edge, limit).await?);
    }
    all.sort_by(|(one, _), (other, _)| {
        let order = one.order(other);
        if edge.backwards { order.reverse() } else { order }
    });
    all.truncate(limit);
    Ok(all)
}

/// The conditions for links that are kept.
fn kept(wanted: &Wanted, other_kind: Column<Link>) -> Query<Link> {
    let mut query = Query::new();
    query
        .one_of(LINK_TYPE, wanted.link_types.iter().map(|link_type| link_type.as_str()))
        .one_of(other_kind, wanted.kinds.iter().copied())
        .one_of(CUSTOM_TYPE, wanted.custom_link_types.iter());
    query
}

/// The first objects of a list beyond an edge.
async fn beyond<R: Resource>(
    tx: &mut Tx,
    mut query: Query<R>,
    list: i64,
    edge: &Edge,
    limit: usize,
) -> Result<Vec<(Place, Stored<R>)>> {
    let direction = if edge.backwards { Direction::Asc } else { Direction::Desc };
    query.order_by(Column::CREATED_AT, direction);
    let (found, _) = tx.beyond::<R>(&query, edge.within(list).as_ref(), false, limit).await?;
    Ok(found.into_iter().map(|(_, stored)| (Place::of(&stored.meta, list), stored)).collect())
}

/// The links that the object itself says.
async fn said_by(tx: &mut Tx, wanted: &Wanted) -> Result<Vec<Stored<Link>>> {
    let object = &wanted.object;
    let mut links = Vec::new();
    if !wanted.begins() {
        return Ok(links);
    }
    if object.kind() == Kind::Issue && wanted.has(LinkType::DevelopedWith) {
        links.extend(tx.find::<Work>(object).await?.iter().flat_map(views::of_issue));
    }
    if PartId::KINDS.contains(&object.kind()) && wanted.has(LinkType::IsPartOf) {
        links.extend(tx.find::<Part>(object).await?.as_ref().and_then(views::of_part));
    }
    let mut left = Vec::with_capacity(links.len());
    for link in links {
        // An issue keeps showing parts that are deleted.
        if wanted.has_end(&link.doc.target) && tx.is_there(&link.doc.target).await? {
            left.push(link);
        }
    }
    Ok(left)
}

/// The links to a part that other objects say: parts that belong to it, and issues that are
/// developed with it.
async fn said_of_part(
    tx: &mut Tx,
    wanted: &Wanted,
    edge: &Edge,
    limit: usize,
) -> Result<Vec<(Place, Stored<Link>)>> {
    let object = &wanted.object;
    let mut links = Vec::new();
    if wanted.has(LinkType::IsPartOf) {
        let mut query = Query::new();
        query
            .refers_to(PARENT, [object.clone()])
            .one_of(Column::KIND, wanted.kinds.iter().copied());
        let found = beyond::<Part>(tx, query, 3, edge, limit).await?;
        let link = |(place, part)| Some((place, views::of_part(&part)?));
        links.extend(found.into_iter().filter_map(link));
    }
    if wanted.has(LinkType::DevelopedWith) {
        let mut query = Query::new();
        query
            .refers_to(DEVELOPED_WITH, [object.clone()])
            .one_of(Column::KIND, wanted.kinds.iter().copied());
        for (place, issue) in beyond::<Work>(tx, query, 4, edge, limit).await? {
            let own = views::of_issue(&issue);
            let link = own.into_iter().find(|link| link.doc.target == *object);
            links.extend(link.map(|link| (place, link)));
        }
    }
    Ok(links)
}
