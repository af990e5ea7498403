//! `links.list`. The links of an object are put together from several lists: those that begin at
//! it, those that end at it, and those that parts and issues say. All of them are in the order of
//! creation, the newest first.

use worksmith_engine::{BY_CREATION, Edge, Listed, Lists, MergedPage, PageOf, Tx};
use worksmith_fields::schemas::leaf;
use worksmith_kernel::{Column, ColumnType, Cond, Query, Resource, Result, Stored, Value};
use worksmith_wire::common::PartId;
use worksmith_wire::link_types::LinkType;
use worksmith_wire::links::{LinksDirection, ListRequest};
use worksmith_wire::{Direction, Id, Kind};

use super::{CUSTOM_TYPE, LINK_TYPE, Link, SOURCE, SOURCE_KIND, TARGET, TARGET_KIND, views};
use crate::parts::{PARENT, Part};
use crate::works::{DEVELOPED_WITH, Work};

/// Which links of which object.
struct Wanted {
    object: Id,
    /// Whether the object is there, and the caller may see it.
    is_there: bool,
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

/// The lists, in the order in which links of the same instant are shown.
const BEGINNING: usize = 0;
const ENDING: usize = 1;
const SAID: usize = 2;
const SAID_BY_PARTS: usize = 3;
const SAID_BY_ISSUES: usize = 4;

impl Lists for Wanted {
    type Entry = Stored<Link>;

    const NEWEST_FIRST: bool = true;
    const KEYS: &'static [&'static [ColumnType]] =
        &[BY_CREATION, BY_CREATION, &[ColumnType::Integer], BY_CREATION, BY_CREATION];

    async fn beyond(
        &self,
        tx: &mut Tx,
        list: usize,
        place: Option<&Edge>,
        backwards: bool,
        limit: usize,
    ) -> Result<(Vec<Listed<Stored<Link>>>, bool)> {
        let nothing = (Vec::new(), false);
        if !self.is_there {
            return Ok(nothing);
        }
        let is_part = PartId::KINDS.contains(&self.object.kind());
        match list {
            BEGINNING if self.begins() => {
                let mut query = kept(self, TARGET_KIND);
                query.with(Cond::refers_to(SOURCE, vec![self.object.clone()]));
                newest(tx, query, place, backwards, limit).await
            }
            ENDING if self.ends() => {
                let mut query = kept(self, SOURCE_KIND);
                query.with(Cond::refers_to(TARGET, vec![self.object.clone()]));
                if self.begins() {
                    // A merge may have led both ends to the same object.
                    query.with(!Cond::refers_to(SOURCE, vec![self.object.clone()]));
                }
                newest(tx, query, place, backwards, limit).await
            }
            SAID => Ok(cut(said_by(tx, self).await?, place, backwards, limit)),
            SAID_BY_PARTS if is_part && self.ends() && self.has(LinkType::IsPartOf) => {
                let mut query = Query::<Part>::new();
                query
                    .refers_to(PARENT, [self.object.clone()])
                    .one_of(Column::KIND, self.kinds.iter().copied());
                let (found, more) = newest(tx, query, place, backwards, limit).await?;
                Ok((
                    found.into_iter().filter_map(|part| said(part, views::of_part)).collect(),
                    more,
                ))
            }
            SAID_BY_ISSUES if is_part && self.ends() && self.has(LinkType::DevelopedWith) => {
                let mut query = Query::<Work>::new();
                query
                    .refers_to(DEVELOPED_WITH, [self.object.clone()])
                    .one_of(Column::KIND, self.kinds.iter().copied());
                let (found, more) = newest(tx, query, place, backwards, limit).await?;
                let link = |issue: &Stored<Work>| {
                    let mut links = views::of_issue(issue).into_iter();
                    links.find(|link| link.doc.target == self.object)
                };
                Ok((found.into_iter().filter_map(|issue| said(issue, link)).collect(), more))
            }
            _ => Ok(nothing),
        }
    }

    async fn shows(&self, tx: &mut Tx, link: &Stored<Link>) -> Result<bool> {
        tx.sees(link).await
    }
}

pub(super) async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<Link>> {
    let ListRequest { object, direction, link_type, types, object_types, custom_link_type, page } =
        request;
    let object = leaf::resolve(tx, object.into()).await?;
    let is_there = tx.is_visible(&object).await?;
    let wanted = Wanted {
        object,
        is_there,
        direction,
        link_types: link_type.into_iter().chain(types).collect(),
        kinds: object_types.iter().map(|kind| kind.as_str()).collect(),
        custom_link_types: custom_link_type.into_iter().map(Into::into).collect(),
    };
    let MergedPage { entries, next_cursor, prev_cursor } = tx.merged(&wanted, &page).await?;
    Ok(PageOf { next_cursor, prev_cursor, ..tx.all(&entries).await? })
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

/// The objects of a list beyond a place, the newest first.
async fn newest<R: Resource>(
    tx: &mut Tx,
    mut query: Query<R>,
    place: Option<&Edge>,
    backwards: bool,
    limit: usize,
) -> Result<(Vec<Listed<Stored<R>>>, bool)> {
    query.order_by(Column::CREATED_AT, Direction::Desc);
    tx.beyond(&query, place, backwards, limit).await
}

/// The link that an object says, in the place of the object.
fn said<R>(
    Listed { key, at, entry }: Listed<Stored<R>>,
    link: impl Fn(&Stored<R>) -> Option<Stored<Link>>,
) -> Option<Listed<Stored<Link>>> {
    let entry = link(&entry)?;
    Some(Listed { key, at, entry })
}

/// The links beyond a place in a list that is short, and whether there are more.
fn cut(
    links: Vec<Stored<Link>>,
    place: Option<&Edge>,
    backwards: bool,
    limit: usize,
) -> (Vec<Listed<Stored<Link>>>, bool) {
    let is_beyond = |key: &Value| match place {
        Some(Edge { key: edge, through }) => match (key, edge.first()) {
            (Value::Integer(at), Some(Value::Integer(edge))) if at == edge => *through,
            (Value::Integer(at), Some(Value::Integer(edge))) => (at > edge) != backwards,
            _ => false,
        },
        None => true,
    };
    let links = (0_u64..).zip(links).map(|(number, link)| (Value::from(number), link));
    let listed = |(key, entry): (Value, Stored<Link>)| Listed {
        key: vec![key],
        at: entry.meta.created_at,
        entry,
    };
    let mut found: Vec<_> = links.filter(|(key, _)| is_beyond(key)).map(listed).collect();
    let more = found.len() > limit;
    if backwards {
        found.drain(..found.len().saturating_sub(limit));
    } else {
        found.truncate(limit);
    }
    (found, more)
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
