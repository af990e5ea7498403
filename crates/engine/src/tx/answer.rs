//! The standard shapes of an answer: one object, or a page of many.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::to_raw_value;
use worksmith_kernel::{Cursor, Error, Query, Resource, Result, Stored, embedded_ids};
use worksmith_store::{Edge, Hit};
use worksmith_wire::{Embedded, Id, ListMode, PageRequest};

use super::Tx;
use super::expand::Gathered;
use crate::cache::Object;

/// `{"tag": {..}}`.
pub struct One<R: Resource>(pub Embedded<R::Object>);

impl<R: Resource> Serialize for One<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(R::ONE, &self.0)?;
        map.end()
    }
}

impl<R: Resource> JsonSchema for One<R> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}-response", R::ONE.replace('_', "-")).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let object = generator.subschema_for::<R::Object>();
        json_schema!({
            "type": "object", "properties": { R::ONE: object }, "required": [R::ONE],
        })
    }
}

/// `{"tags": [..], "next_cursor": "..", "prev_cursor": ".."}`.
pub struct PageOf<R: Resource> {
    /// The objects, in the order that was asked for.
    pub objects: Vec<Embedded<R::Object>>,
    /// The revision of each of them, if the client asks for that.
    pub revisions: Option<Vec<u64>>,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<String>,
    /// Where the page before ends, if there is one.
    pub prev_cursor: Option<String>,
}

impl<R: Resource> Serialize for PageOf<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(R::MANY, &self.objects)?;
        if let Some(revisions) = &self.revisions {
            map.serialize_entry(REVISIONS, revisions)?;
        }
        if let Some(cursor) = &self.next_cursor {
            map.serialize_entry("next_cursor", cursor)?;
        }
        if let Some(cursor) = &self.prev_cursor {
            map.serialize_entry("prev_cursor", cursor)?;
        }
        map.end()
    }
}

impl<R: Resource> JsonSchema for PageOf<R> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}-list-response", R::TABLE_NAME.replace('_', "-")).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let object = generator.subschema_for::<R::Object>();
        json_schema!({
            "type": "object",
            "properties": {
                R::MANY: { "type": "array", "items": object },
                REVISIONS: { "type": "array", "items": { "type": "integer", "format": "int64" } },
                "next_cursor": { "type": "string" },
                "prev_cursor": { "type": "string" },
            },
            "required": [R::MANY],
        })
    }
}

/// The member with the revisions of listed objects (BEHAVIOUR 1.11).
pub(crate) const REVISIONS: &str = "revisions";

/// An object as an answer shows it, and its revision.
pub(crate) type Shown<R> = (Embedded<<R as Resource>::Object>, u64);

/// A page of a list, not yet read.
struct Places {
    hits: Vec<Hit>,
    next_cursor: Option<String>,
    prev_cursor: Option<String>,
}

impl Tx {
    /// Tells the client the revision of the one object that the answer shows.
    pub fn tell_revision<R: Resource>(&mut self, stored: &Stored<R>) {
        self.revision = Some(stored.meta.revision);
    }

    /// An answer that shows one object.
    pub async fn one<R: Resource>(&mut self, stored: &Stored<R>) -> Result<One<R>> {
        self.tell_revision(stored);
        self.shown(stored).await.map(One)
    }

    /// The object of the call, as an answer shows it: what every `get` does. Refuses as
    /// [`Tx::target`] does.
    pub async fn show<R: Resource>(&mut self, id: &Id) -> Result<One<R>> {
        // A caller who may see only some objects, or demands a revision, needs the document anyway.
        let sees_all = R::visibility(&self.cx).is_none()
            && (R::SEEN_WITH.is_empty() || !self.cx.actor.is_customer());
        let is_plain = sees_all && self.cx.preconditions.revision.is_none();
        if is_plain
            && !self.changes(id)
            && let Some((object, at)) = self.inner.cache.object(self.org(), id, self.cx.now)
        {
            (self.revision, self.shown_at) = (Some(object.revision), Some(at));
            return Ok(One(Embedded::new(object.rendered)));
        }
        let stored = self.target::<R>(id).await?;
        self.one(&stored).await
    }

    /// An answer that shows one object differently from how it is stored.
    pub async fn one_with<R: Resource>(
        &mut self,
        stored: &Stored<R>,
        alter: impl FnOnce(&mut R::Object),
    ) -> Result<One<R>> {
        self.tell_revision(stored);
        let mut object = self.object(stored).await?;
        alter(&mut object);
        rendered(&object).map(One)
    }

    /// An object with its summaries.
    pub async fn object<R: Resource>(&mut self, stored: &Stored<R>) -> Result<R::Object> {
        let x = self.expand(embedded_ids(stored)).await?;
        Ok(R::object(stored, &x))
    }

    /// Objects with their summaries.
    pub async fn objects<R: Resource>(&mut self, objects: &[Stored<R>]) -> Result<Vec<R::Object>> {
        let x = self.expand(objects.iter().flat_map(embedded_ids).collect()).await?;
        Ok(objects.iter().map(|stored| R::object(stored, &x)).collect())
    }

    /// An object as it is stored, rendered.
    pub async fn shown<R: Resource>(&mut self, stored: &Stored<R>) -> Result<Embedded<R::Object>> {
        let gathered = self.gather(embedded_ids(stored)).await?;
        self.render_object(stored, &gathered)
    }

    /// Objects as they are stored, rendered.
    pub async fn shown_all<R: Resource>(
        &mut self,
        objects: &[Stored<R>],
    ) -> Result<Vec<Embedded<R::Object>>> {
        let wanted = objects.iter().flat_map(embedded_ids).collect();
        let gathered = self.gather(wanted).await?;
        objects.iter().map(|stored| self.render_object(stored, &gathered)).collect()
    }

    /// An answer that shows all of these objects on one page, as they are stored.
    pub async fn all<R: Resource>(&mut self, objects: &[Stored<R>]) -> Result<PageOf<R>> {
        let shown = self.shown_all(objects).await?.into_iter();
        let revisions = objects.iter().map(|stored| stored.meta.revision);
        Ok(self.page_of(shown.zip(revisions).collect(), None, None))
    }

    fn page_of<R: Resource>(
        &self,
        shown: Vec<Shown<R>>,
        next_cursor: Option<String>,
        prev_cursor: Option<String>,
    ) -> PageOf<R> {
        let (objects, revisions) = shown.into_iter().unzip();
        let revisions = Some(revisions).filter(|_| self.cx.tells_revisions);
        PageOf { objects, revisions, next_cursor, prev_cursor }
    }

    /// Renders the objects at places that this transaction has found. Those that are cached as
    /// rendered are not read at all.
    async fn shown_at<R: Resource>(&mut self, hits: &[Hit]) -> Result<Vec<Shown<R>>> {
        let has_noted_all = self.inner.store.has_noted_all();
        let mut shown = Vec::with_capacity(hits.len());
        let mut missing = Vec::new();
        for hit in hits {
            let kept = self.inner.cache.object(self.org(), &hit.id, self.cx.now);
            let kept = kept.filter(|(object, at)| match hit.revision {
                _ if self.past.is_some() => false,
                Some(revision) => object.revision == revision,
                // What has not changed since this transaction read its list is as it was then.
                None => has_noted_all && self.moment.is_some_and(|moment| *at <= moment),
            });
            if kept.is_none() {
                missing.push(hit.clone());
            }
            let with_revision = |object: Object| (Embedded::new(object.rendered), object.revision);
            shown.push(kept.map(|(object, _)| with_revision(object)));
        }
        let stored = self.at_places::<R>(&missing).await?;
        let revisions = stored.iter().map(|stored| stored.meta.revision);
        let mut rendered = self.shown_all(&stored).await?.into_iter().zip(revisions);
        Ok(shown.into_iter().filter_map(|kept| kept.or_else(|| rendered.next())).collect())
    }

    fn render_object<R: Resource>(
        &self,
        stored: &Stored<R>,
        gathered: &Gathered,
    ) -> Result<Embedded<R::Object>> {
        let object = rendered(&R::object(stored, &gathered.x))?;
        let own = self.inner.cache.changes.row(self.org(), stored.id());
        let sources = gathered.sources(own, embedded_ids(stored).iter());
        // What this transaction changes may still be refused, so it must not reach the cache.
        let is_present = self.past.is_none();
        if let Some(at) = self.moment.filter(|_| is_present && !self.changes_any(&sources)) {
            let shown = Object {
                revision: stored.meta.revision,
                rendered: Arc::clone(object.rendered()),
                until: R::holds_until(stored, &gathered.x),
            };
            self.inner.cache.put_object(self.org(), stored.id().clone(), shown, sources, at);
        }
        Ok(object)
    }

    /// A query narrowed to what the caller may see.
    pub fn visible<R: Resource>(&self, mut query: Query<R>) -> Query<R> {
        if let Some(cond) = R::visibility(&self.cx) {
            query.with(cond);
        }
        query
    }

    /// An answer that shows a page of the objects that the caller may see.
    pub async fn list<R: Resource>(
        &mut self,
        query: Query<R>,
        page: &PageRequest,
    ) -> Result<PageOf<R>> {
        let Places { hits, next_cursor, prev_cursor } = self.page::<R>(query, page).await?;
        let shown = self.shown_at::<R>(&hits).await?;
        Ok(self.page_of(shown, next_cursor, prev_cursor))
    }

    /// An answer that shows a page of objects differently from how they are stored.
    pub async fn list_with<R: Resource>(
        &mut self,
        query: Query<R>,
        page: &PageRequest,
        mut alter: impl FnMut(&mut R::Object),
    ) -> Result<PageOf<R>> {
        let Places { hits, next_cursor, prev_cursor } = self.page::<R>(query, page).await?;
        let stored = self.at_places::<R>(&hits).await?;
        let mut objects = self.objects(&stored).await?;
        objects.iter_mut().for_each(&mut alter);
        let revisions = stored.iter().map(|stored| stored.meta.revision);
        let shown = objects.iter().map(rendered).zip(revisions);
        let shown = shown.map(|(object, revision)| object.map(|object| (object, revision)));
        let shown = shown.collect::<Result<Vec<Shown<R>>>>()?;
        Ok(self.page_of(shown, next_cursor, prev_cursor))
    }

    async fn page<R: Resource>(&mut self, query: Query<R>, page: &PageRequest) -> Result<Places> {
        let query = self.visible::<R>(query);
        let binding = self.cx.binding.clone();
        let beside = match page.cursor.as_deref() {
            Some(text) => Some(edge::<R>(text, &binding, &query)?),
            None => None,
        };
        let cursor = |key, through| Cursor::new(&binding, key).through(through).encode();
        let backwards = page.mode == Some(ListMode::Before);
        let limit = page.limit();
        let (hits, more) = self.places::<R>(&query, beside.as_ref(), backwards, limit).await?;

        // On the far side there is more if the page was cut short; on the near side, if anything
        // lies beyond the page's edge.
        let (Some(first), Some(last)) = (hits.first(), hits.last()) else {
            // The previous page begins on the other side of the same edge.
            let back = beside.map(|Edge { key, through }| Edge { key, through: !through });
            let there = self.is_any::<R>(&query, back.as_ref(), !backwards).await?;
            let at = back.filter(|_| there).map(|edge| cursor(edge.key, edge.through));
            let (next_cursor, prev_cursor) = if backwards { (at, None) } else { (None, at) };
            return Ok(Places { hits, next_cursor, prev_cursor });
        };
        let (first, last) = (first.key.clone(), last.key.clone());
        let key = if backwards { last.clone() } else { first.clone() };
        let near_edge = beside.map(|_| Edge { key, through: false });
        let near = self.is_any::<R>(&query, near_edge.as_ref(), !backwards).await?;
        let (next, prev) = if backwards { (near, more) } else { (more, near) };
        Ok(Places {
            hits,
            next_cursor: next.then(|| cursor(last, false)),
            prev_cursor: prev.then(|| cursor(first, false)),
        })
    }
    /// Whether anything lies beyond an edge.
    async fn is_any<R: Resource>(
        &mut self,
        query: &Query<R>,
        edge: Option<&Edge>,
        backwards: bool,
    ) -> Result<bool> {
        let Some(edge) = edge else { return Ok(false) };
        Ok(!self.places::<R>(query, Some(edge), backwards, 1).await?.0.is_empty())
    }
}

fn rendered<T: Serialize>(object: &T) -> Result<Embedded<T>> {
    to_raw_value(object).map(|json| Embedded::new(Arc::from(json))).map_err(Error::internal)
}

/// The edge that a cursor of this query names.
fn edge<R: Resource>(text: &str, binding: &str, query: &Query<R>) -> Result<Edge> {
    let order = query.erased().total_order();
    let cursor = Cursor::decode(text, binding, order.len())?;
    let through = cursor.is_through();
    let edge = Edge { key: cursor.into_key(), through };
    if !edge.fits(R::TABLE, &order) {
        return Err(Cursor::foreign().into());
    }
    Ok(edge)
}
