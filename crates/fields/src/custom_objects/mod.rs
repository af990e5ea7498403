//! Custom objects: records of the leaf types that an org defines with `schemas.custom.set`.

mod filter;
mod write;

use serde::{Deserialize, Serialize};
use worksmith_engine::{One, Op, OpTable, PageOf, Tx};
use worksmith_kernel::search::{Facet, Search};
use worksmith_kernel::{Column, Expander, Name, Reference, Resource, Result, Stored, Value};
use worksmith_wire::common::{Empty, StageId};
use worksmith_wire::custom_objects::filter::Filters;
use worksmith_wire::custom_objects::{
    self, CountRequest, CountResponse, CustomObjectSummary, DeleteRequest, GetRequest, ListRequest,
};
use worksmith_wire::{ApiError, Id, Kind};

use crate::schemas::{self, Custom, Customizable, LeafSchema, leaf};
use crate::stages::IN_STAGE;

/// The document of a custom object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CustomObject {
    /// The leaf type, one of the org's own.
    pub leaf_type: String,
    /// The schema of the leaf type.
    pub leaf: Id,
    /// The prefix in the display id: `DEAL` in `C-DEAL-7`. It never changes.
    pub id_prefix: String,
    /// The title.
    pub title: Option<String>,
    /// A description.
    pub description: Option<String>,
    /// The stage that it is in; absent if its leaf type has no stages.
    pub stage: Option<Id>,
    /// The ordinal of the stage, kept for sorting.
    pub stage_ordinal: Option<i64>,
    /// A text that no other object of the leaf type has.
    pub unique_key: Option<String>,
    /// Its custom fields.
    #[serde(default, skip_serializing_if = "Custom::is_empty")]
    pub custom: Custom,
}

const LEAF_TYPE: Column<CustomObject> =
    Column::text("leaf_type", |object: &CustomObject| object.leaf_type.as_str().into())
        .filter()
        .digested();
const TITLE: Column<CustomObject> = Column::text("title", |object| object.title.as_deref().into());
const STAGE: Column<CustomObject> =
    Column::text(IN_STAGE.field, |object: &CustomObject| object.stage.as_ref().into()).digested();
const STAGE_ORDINAL: Column<CustomObject> =
    Column::integer(IN_STAGE.member, |object| object.stage_ordinal.into());
const UNIQUE_KEY: Column<CustomObject> =
    Column::text("unique_key", |object| object.unique_key.as_deref().into());
const SUBTYPE: Column<CustomObject> =
    Column::text("subtype", |object: &CustomObject| object.custom.subtype.as_deref().into())
        .digested();

const FRAGMENTS: Reference<CustomObject> =
    Reference::new(schemas::FRAGMENTS, |object, visit| object.custom.fragments(visit));

/// The keys of objects, each with the leaf type.
const KEYS: Name<CustomObject> =
    Name::new("custom_object.unique_key", "unique_key", |object, claim| {
        object.unique_key.iter().for_each(|key| claim(&key_name(&object.leaf_type, key)));
    });

/// The name of a key in the space of all leaf types.
fn key_name(leaf_type: &str, key: &str) -> String {
    format!("{leaf_type} {key}")
}

impl Resource for CustomObject {
    const TABLE_NAME: &'static str = "custom_objects";
    const KINDS: &'static [Kind] = &[Kind::CustomObject];
    const COLUMNS: &'static [Column<Self>] = &[
        LEAF_TYPE,
        TITLE,
        STAGE,
        STAGE_ORDINAL,
        UNIQUE_KEY,
        SUBTYPE,
        Column::CREATED_BY.digested(),
    ];
    const REFS: &'static [Reference<Self>] =
        &[Reference::new("stage", |object, visit| object.stage.iter().for_each(visit)), FRAGMENTS];
    const NAMES: &'static [Name<Self>] = &[KEYS];
    const SEARCH: Option<Search<Self>> = Some(
        Search::new("custom_object", |object: &Self, say| {
            object.title.iter().for_each(|title| say(title));
        })
        .texts(|object, say| {
            let texts = object.description.iter().chain(&object.unique_key);
            texts.for_each(|text| say(text));
        })
        .by(&[
            Facet::column(&["leaf_type"], LEAF_TYPE),
            Facet::column(&["subtype"], SUBTYPE),
            Facet::column(&["stage"], STAGE).to(StageId::KINDS),
        ]),
    );
    const ONE: &'static str = "custom_object";
    const MANY: &'static str = "result";
    type Object = custom_objects::CustomObject;
    type Summary = CustomObjectSummary;

    fn summary_refs<'a>(stored: &'a Stored<Self>, visit: &mut dyn FnMut(&'a Id)) {
        visit(&stored.doc.leaf);
    }

    fn props(&self, visit: &mut dyn FnMut(&str, Value)) {
        self.custom.props(visit);
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> custom_objects::CustomObject {
        let Self {
            leaf_type,
            leaf,
            id_prefix: _,
            title,
            description,
            stage,
            stage_ordinal: _,
            unique_key,
            custom,
        } = stored.doc.clone();
        let mut head = x.base(&stored.meta);
        head.display_id = Some(stored.doc.display_id(stored.id()));
        custom_objects::CustomObject {
            head,
            leaf_type,
            title,
            description,
            stage: x.embed_opt(stage.as_ref()),
            unique_key,
            customized: schemas::render(&custom, &leaf, x),
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> CustomObjectSummary {
        let Self { leaf_type, title, .. } = stored.doc.clone();
        let mut head = x.atom(stored.id());
        head.display_id = Some(stored.doc.display_id(stored.id()));
        CustomObjectSummary { head, leaf_type, title }
    }
}

impl CustomObject {
    /// The short id for people of the object with this id.
    pub fn display_id(&self, id: &Id) -> String {
        format!("C-{}-{}", self.id_prefix, id.seq())
    }
}

impl Customizable for CustomObject {
    fn custom(&self) -> &Custom {
        &self.custom
    }

    fn custom_mut(&mut self) -> &mut Custom {
        &mut self.custom
    }
}

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<CustomObject>();
    table.add(Op::create("custom-objects.create", "custom_object"), write::create);
    table.add(Op::read("custom-objects.get", "custom_object"), get);
    table.add(Op::read("custom-objects.list", "custom_object"), list);
    table.add(Op::read("custom-objects.count", "custom_object"), count);
    table.add(Op::write("custom-objects.update", "custom_object"), write::update);
    table.add(Op::write("custom-objects.delete", "custom_object"), delete);
    table.feed::<CustomObject>("custom-objects.get");
}

/// The schema of a leaf type that a request names.
async fn schema(tx: &mut Tx, leaf_type: &str) -> Result<Stored<LeafSchema>> {
    leaf::find(tx, leaf_type, true).await?.ok_or_else(|| {
        let message = format!(
            "leaf_type {leaf_type:?} is none of the org's own; schemas.custom.set makes one"
        );
        ApiError::not_permitted("leaf_type", message).into()
    })
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<CustomObject>> {
    let id = leaf::resolve(tx, request.id.into()).await?;
    tx.show::<CustomObject>(&id).await
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<CustomObject>> {
    let ListRequest { leaf_type, filter, filters: Filters(mut filters), sort_by, page } = request;
    filters.extend(filter);
    let query = filter::query(tx, &leaf_type, &filters, &sort_by).await?;
    tx.list(query, &page).await
}

async fn count(tx: &mut Tx, request: CountRequest) -> Result<CountResponse> {
    let CountRequest { leaf_type, filters: Filters(filters) } = request;
    let query = filter::query(tx, &leaf_type, &filters, &[]).await?;
    let query = tx.visible::<CustomObject>(query);
    Ok(CountResponse { count: tx.count::<CustomObject>(&query).await? })
}

async fn delete(tx: &mut Tx, request: DeleteRequest) -> Result<Empty> {
    let id = leaf::resolve(tx, request.id.into()).await?;
    let stored = tx.target::<CustomObject>(&id).await?;
    tx.delete(stored).await?;
    Ok(Empty {})
}
