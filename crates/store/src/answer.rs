//! The standard shapes of an answer: one object, or a page of many.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::{Serialize, SerializeMap, Serializer};
use worksmith_kernel::{Cursor, Query, Resource, Result, Stored};
use worksmith_wire::{ApiError, ListMode, PageRequest};

use crate::select::Edge;
use crate::tx::Tx;

/// `{"tag": {..}}`.
pub struct One<R: Resource>(pub R::Object);

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
    pub objects: Vec<R::Object>,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<String>,
    /// Where the page before ends, if there is one.
    pub prev_cursor: Option<String>,
}

impl<R: Resource> Serialize for PageOf<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(R::MANY, &self.objects)?;
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
        format!("{}-list-response", R::TABLE.name.replace('_', "-")).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let object = generator.subschema_for::<R::Object>();
        json_schema!({
            "type": "object",
            "properties": {
                R::MANY: { "type": "array", "items": object },
                "next_cursor": { "type": "string" },
                "prev_cursor": { "type": "string" },
            },
            "required": [R::MANY],
        })
    }
}

impl Tx {
    /// An answer that shows one object.
    pub async fn one<R: Resource>(&mut self, stored: &Stored<R>) -> Result<One<R>> {
        self.revision = Some(stored.meta.revision);
        self.object(stored).await.map(One)
    }

    /// An object with its summaries.
    pub async fn object<R: Resource>(&mut self, stored: &Stored<R>) -> Result<R::Object> {
        let x = self.expand(Self::embedded_ids([stored])).await?;
        Ok(R::object(stored, &x))
    }

    /// Objects with their summaries.
    pub async fn objects<R: Resource>(&mut self, objects: &[Stored<R>]) -> Result<Vec<R::Object>> {
        let x = self.expand(Self::embedded_ids(objects)).await?;
        Ok(objects.iter().map(|stored| R::object(stored, &x)).collect())
    }

    /// A query narrowed to what the caller may see.
    pub fn visible<R: Resource>(&self, mut query: Query) -> Query {
        if let Some(cond) = R::visibility(&self.cx) {
            query.with(cond);
        }
        query
    }

    /// An answer that shows a page of the objects that the caller may see.
    pub async fn list<R: Resource>(
        &mut self,
        query: Query,
        page: &PageRequest,
    ) -> Result<PageOf<R>> {
        let query = self.visible::<R>(query);
        let binding = self.cx.binding.clone();
        let beside = match page.cursor.as_deref() {
            Some(text) => Some(edge::<R>(text, &binding, &query)?),
            None => None,
        };
        let cursor = |key, through| Cursor::new(&binding, key).through(through).encode();
        let backwards = page.mode == Some(ListMode::Before);
        let found = self.rows::<R>(&query, beside.as_ref(), backwards, page.limit()).await?;

        // On the far side there is more if the page was cut short; on the near side, whatever
        // lies on the other side of the page's edge.
        let (Some((_, first)), Some((_, last))) = (found.rows.first(), found.rows.last()) else {
            // The way back begins on the other side of the same edge.
            let back = beside.map(|Edge { key, through }| Edge { key, through: !through });
            let there = self.is_any::<R>(&query, back.as_ref(), !backwards).await?;
            let at = back.filter(|_| there).map(|edge| cursor(edge.key, edge.through));
            let (next_cursor, prev_cursor) = if backwards { (at, None) } else { (None, at) };
            return Ok(PageOf { objects: Vec::new(), next_cursor, prev_cursor });
        };
        let (first, last) = (first.clone(), last.clone());
        let key = if backwards { last.clone() } else { first.clone() };
        let near_edge = beside.map(|_| Edge { key, through: false });
        let near = self.is_any::<R>(&query, near_edge.as_ref(), !backwards).await?;
        let (next, prev) = if backwards { (near, found.more) } else { (found.more, near) };
        let stored: Vec<_> = found.rows.into_iter().map(|(stored, _)| stored).collect();
        Ok(PageOf {
            objects: self.objects(&stored).await?,
            next_cursor: next.then(|| cursor(last, false)),
            prev_cursor: prev.then(|| cursor(first, false)),
        })
    }
    /// Whether anything lies beyond an edge.
    async fn is_any<R: Resource>(
        &mut self,
        query: &Query,
        edge: Option<&Edge>,
        backwards: bool,
    ) -> Result<bool> {
        let Some(edge) = edge else { return Ok(false) };
        Ok(!self.rows::<R>(query, Some(edge), backwards, 1).await?.rows.is_empty())
    }
}

/// The edge that a cursor of this query names.
fn edge<R: Resource>(text: &str, binding: &str, query: &Query) -> Result<Edge> {
    let order = query.total_order();
    let cursor = Cursor::decode(text, binding, order.len())?;
    let through = cursor.is_through();
    let edge = Edge { key: cursor.into_key(), through };
    if !edge.fits(R::TABLE, &order) {
        let message = "cursor is not one of this server; leave it out to start anew";
        return Err(ApiError::invalid_field("cursor", message).into());
    }
    Ok(edge)
}
