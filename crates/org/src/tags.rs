//! Tags: labels, optionally with a value.

use serde::{Deserialize, Serialize};
use worksmith_engine::{One, Op, OpTable, PageOf, Tx};
use worksmith_kernel::search::Search;
use worksmith_kernel::{Column, Expander, Name, Query, Resource, Result, Rewrite, Stored};
use worksmith_wire::common::Empty;
use worksmith_wire::tags::{
    self, CreateRequest, DeleteRequest, GetRequest, ListRequest, TagStyle, TagSummary,
    UpdateRequest,
};
use worksmith_wire::{Apply, Kind, distinct};

/// The document of a tag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    /// The name, unique in the org.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The values that it can have on an object.
    pub allowed_values: Vec<String>,
    /// How it looks.
    pub style_new: Option<TagStyle>,
}

const NAME: Column<Tag> = Column::text("name", |tag: &Tag| tag.name.as_str().into()).sorted();

/// The names of tags.
pub const NAMES: Name<Tag> = Name::new("tag.name", "name", |tag, claim| claim(&tag.name));

impl Resource for Tag {
    const TABLE_NAME: &'static str = "tags";
    const KINDS: &'static [Kind] = &[Kind::Tag];
    const COLUMNS: &'static [Column<Self>] = &[NAME];
    const NAMES: &'static [Name<Self>] = &[NAMES];
    const SEARCH: Option<Search<Self>> = Some(
        Search::new("tag", |tag: &Self, say| say(&tag.name))
            .texts(|tag, say| tag.description.iter().for_each(|text| say(text))),
    );
    const ONE: &'static str = "tag";
    const MANY: &'static str = "tags";
    type Object = tags::Tag;
    type Summary = TagSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> tags::Tag {
        let Self { name, description, allowed_values, style_new } = stored.doc.clone();
        tags::Tag { head: x.base(&stored.meta), name, description, allowed_values, style_new }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> TagSummary {
        let Self { name, style_new, .. } = stored.doc.clone();
        TagSummary { head: x.atom(stored.id()), name, style_new: style_new.map(Into::into) }
    }
}

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<Tag>();
    table.add(Op::create("tags.create", "tag"), create);
    table.add(Op::read("tags.get", "tag"), get);
    table.add(Op::read("tags.list", "tag"), list);
    table.add(Op::write("tags.update", "tag"), update);
    table.add(Op::write("tags.delete", "tag"), delete);
    table.feed::<Tag>("tags.get");
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<Tag>> {
    let CreateRequest { name, description, allowed_values, style_new } = request;
    let tag = Tag {
        name: name.into(),
        description: description.map(Into::into),
        allowed_values: distinct(allowed_values),
        style_new: style_new.map(Into::into),
    };
    let stored = tx.insert(Kind::Tag, tag).await?;
    tx.one(&stored).await
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<Tag>> {
    tx.show::<Tag>(&request.id).await
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<Tag>> {
    let mut query = Query::new();
    query.one_of(NAME, request.name).sort_by(&request.sort_by, &[("name", NAME)])?;
    tx.list(query, &request.page).await
}

async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<Tag>> {
    let UpdateRequest { id, name, description, allowed_values, style_new } = request;
    let old = tx.target::<Tag>(&id).await?;
    let mut tag = old.doc.clone();
    name.apply(&mut tag.name);
    description.apply(&mut tag.description);
    allowed_values.apply(&mut tag.allowed_values);
    style_new.map(TagStyle::from).apply(&mut tag.style_new);
    let stored = tx.update(old, tag).await?;
    tx.one(&stored).await
}

async fn delete(tx: &mut Tx, request: DeleteRequest) -> Result<Empty> {
    let stored = tx.target::<Tag>(&request.id).await?;
    let id = stored.id().clone();
    tx.delete(stored).await?;
    tx.cascade(&id, Rewrite::Drop).await?;
    Ok(Empty {})
}
