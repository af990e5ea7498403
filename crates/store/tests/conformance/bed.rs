//! The setting of the tests: an engine with two kinds of object made for it.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use worksmith_engine::{Cascade, Engine, Followers, PageOf, Tx};
use worksmith_kernel::{
    Actor, Column, Entropy, Error, Expander, Name, OpCtx, Preconditions, Reader, Reference,
    Registry, Resource, Result, Stored, Value,
};
use worksmith_store::Store;
use worksmith_wire::common::AtomSummary;
use worksmith_wire::{Embedded, Id, Kind, ListMode, OrgName, PageCursor, PageRequest, Timestamp};

use crate::suite::cascades::{self, Step};

/// A store that is being opened.
pub(crate) type Opening<'a> = Pin<Box<dyn Future<Output = Store> + Send + 'a>>;

/// Opens the same database again and again.
pub(crate) trait Backend: Send + Sync {
    /// Opens the store; the one opened before has been dropped.
    fn open(&self, registry: Registry) -> Opening<'_>;

    /// Whether numbers that were given out but not used stay used up after a restart.
    fn keeps_unused_numbers(&self) -> bool {
        false
    }
}

/// A document with a column of every type, and with references and names of every multiplicity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Thing {
    pub(crate) title: String,
    pub(crate) rank: Option<i64>,
    pub(crate) weight: Option<f64>,
    pub(crate) label: Option<String>,
    pub(crate) done: bool,
    pub(crate) code: Option<String>,
    pub(crate) aliases: Vec<String>,
    pub(crate) parent: Option<Id>,
    pub(crate) owners: Vec<Id>,
    /// May be long, and then it has a row of its own.
    #[serde(default)]
    pub(crate) body: String,
    /// Custom fields.
    #[serde(default)]
    pub(crate) custom: BTreeMap<String, Vec<Value>>,
}

pub(crate) const RANK: Column<Thing> =
    Column::integer("rank", |thing: &Thing| thing.rank.into()).sorted();
pub(crate) const WEIGHT: Column<Thing> =
    Column::real("weight", |thing: &Thing| thing.weight.into()).whole();
pub(crate) const LABEL: Column<Thing> =
    Column::text("label", |thing: &Thing| thing.label.as_deref().into())
        .filter()
        .digested()
        .carried()
        .tallied();
pub(crate) const DONE: Column<Thing> =
    Column::integer("done", |thing: &Thing| thing.done.into()).digested().tallied();

pub(crate) const OWNERS: Reference<Thing> =
    Reference::new("owners", |thing: &Thing, visit| thing.owners.iter().for_each(visit))
        .digested()
        .tallied();
pub(crate) const PARENT: Reference<Thing> =
    Reference::new("parent", |thing: &Thing, visit| thing.parent.iter().for_each(visit)).digested();

/// The names of a thing.
pub(crate) const CODE: Name<Thing> = Name::new("thing.code", "code", |thing, claim| {
    thing.code.iter().for_each(|code| claim(code));
});
pub(crate) const ALIAS: Name<Thing> = Name::new("thing.alias", "aliases", |thing, claim| {
    thing.aliases.iter().for_each(|alias| claim(alias));
});

#[derive(Serialize, JsonSchema)]
pub(crate) struct ThingObject {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) owners: Vec<Embedded<AtomSummary>>,
}

impl Resource for Thing {
    const TABLE_NAME: &'static str = "things";
    const KINDS: &'static [Kind] = &[Kind::Issue, Kind::Ticket];
    const COLUMNS: &'static [Column<Self>] = &[Column::KIND.digested(), RANK, WEIGHT, LABEL, DONE];
    const REFS: &'static [Reference<Self>] = &[OWNERS, PARENT];
    const NAMES: &'static [Name<Self>] = &[CODE, ALIAS];
    const LONG: Option<&'static str> = Some("body");
    const ONE: &'static str = "thing";
    const MANY: &'static str = "things";
    type Object = ThingObject;
    type Summary = AtomSummary;

    fn props(&self, visit: &mut dyn FnMut(&str, Value)) {
        for (path, values) in &self.custom {
            for value in values {
                visit(path, value.clone());
            }
        }
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> ThingObject {
        let id = stored.id().to_string();
        let owners = x.embed_all(&stored.doc.owners);
        ThingObject { id, title: stored.doc.title.clone(), owners }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> AtomSummary {
        x.atom(stored.id())
    }
}

/// A document of another table, whose ids are opaque.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Owner {
    pub(crate) name: String,
}

/// The names of owners.
pub(crate) const NAMES: Name<Owner> =
    Name::new("owner.name", "name", |owner, claim| claim(&owner.name));

impl Resource for Owner {
    const TABLE_NAME: &'static str = "owners";
    const KINDS: &'static [Kind] = &[Kind::Account];
    const NAMES: &'static [Name<Self>] = &[NAMES];
    const ONE: &'static str = "owner";
    const MANY: &'static str = "owners";
    type Object = AtomSummary;
    type Summary = AtomSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> AtomSummary {
        x.atom(stored.id())
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> AtomSummary {
        x.atom(stored.id())
    }
}

/// The reader of the log of owners.
pub(crate) const READER: &str = "mirror";

pub(crate) fn registry() -> Registry {
    let mut registry = Registry::default();
    registry.add(worksmith_kernel::Family::of::<Thing>());
    registry.add(worksmith_kernel::Family::of::<Owner>());
    registry.add(worksmith_kernel::Family::of::<Step>());
    registry.add(worksmith_kernel::Family::of::<Cascade>());
    registry.add_reader(Reader { name: READER, kinds: &[Kind::Account] });
    registry
}

fn engine(store: Store) -> Engine {
    let mut followers = Followers::default();
    followers.add(cascades::follow);
    Engine::new(store, followers)
}

/// A random generator with a seed.
pub(crate) struct Chance(AtomicU64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// SplitMix64.
    pub(crate) fn next(&self) -> u64 {
        let mut z = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }
}

impl Entropy for Chance {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.next().to_le_bytes()[0];
        }
    }
}

/// A store on a backend, with the contexts of its callers.
pub(crate) struct Bed {
    backend: Box<dyn Backend>,
    engine: Option<Engine>,
    chance: Arc<Chance>,
    now: AtomicI64,
}

impl Bed {
    pub(crate) async fn new(backend: impl Backend + 'static) -> Self {
        let engine = Some(engine(backend.open(registry()).await));
        let (chance, now) = (Arc::new(Chance::new(7)), AtomicI64::new(1_000_000));
        Self { backend: Box::new(backend), engine, chance, now }
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.engine.as_ref().unwrap()
    }

    pub(crate) fn store(&self) -> &Store {
        self.engine().store()
    }

    /// Restarts the server.
    pub(crate) async fn reopen(&mut self) {
        drop(self.engine.take());
        self.engine = Some(engine(self.backend.open(registry()).await));
    }

    /// Another server on the same database.
    pub(crate) async fn another_engine(&self) -> Engine {
        engine(self.backend.open(registry()).await)
    }

    pub(crate) fn keeps_unused_numbers(&self) -> bool {
        self.backend.keeps_unused_numbers()
    }

    /// An instant later than all before.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.now.fetch_add(1, Ordering::Relaxed))
    }

    /// The context of a call, a millisecond after the previous one.
    pub(crate) fn cx_in(&self, org: &str) -> OpCtx {
        OpCtx {
            org: OrgName { partition: "test".into(), org: org.into() },
            actor: Actor::system(),
            now: self.now(),
            entropy: self.chance.clone(),
            request_id: "request".into(),
            preconditions: Preconditions::default(),
            binding: "query".to_owned(),
            tells_revisions: false,
            wants_beta: false,
            base_url: "http://store.test".into(),
            forms: None,
            renewal: None,
        }
    }

    pub(crate) fn cx(&self) -> OpCtx {
        self.cx_in("home")
    }

    pub(crate) fn tx(&self) -> Tx {
        self.engine().begin(&self.cx())
    }

    pub(crate) async fn insert(&self, thing: Thing) -> Stored<Thing> {
        let mut tx = self.tx();
        let stored = tx.insert(Kind::Issue, thing).await.unwrap();
        tx.finish().await.unwrap();
        stored
    }

    pub(crate) async fn update(&self, id: &Id, change: impl Fn(&mut Thing)) -> Stored<Thing> {
        let mut tx = self.tx();
        let old = tx.find::<Thing>(id).await.unwrap().unwrap();
        let mut thing = old.doc.clone();
        change(&mut thing);
        let stored = tx.update(old, thing).await.unwrap();
        tx.finish().await.unwrap();
        stored
    }

    pub(crate) async fn delete(&self, id: &Id) {
        let mut tx = self.tx();
        let old = tx.find::<Thing>(id).await.unwrap().unwrap();
        tx.delete(old).await.unwrap();
        tx.finish().await.unwrap();
    }

    pub(crate) async fn find(&self, id: &Id) -> Option<Stored<Thing>> {
        self.tx().find::<Thing>(id).await.unwrap()
    }

    /// Asserts that everything derived agrees with the documents.
    #[track_caller]
    pub(crate) fn is_consistent(&self) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        let store = self.store().clone();
        async move {
            let found = store.check(&mut |_, _| {}).await;
            assert!(found.is_empty(), "at {caller}: {found:#?}");
        }
    }
}

pub(crate) fn thing(title: &str) -> Thing {
    Thing { title: title.to_owned(), ..Thing::default() }
}

pub(crate) fn page(cursor: Option<&str>, limit: i64, mode: ListMode) -> PageRequest {
    PageRequest {
        cursor: cursor.map(|text| PageCursor(text.into())),
        limit: Some(limit),
        mode: Some(mode),
    }
}

/// A text member of each object of a page.
pub(crate) fn texts(page: &PageOf<Thing>, member: &str) -> Vec<String> {
    let text = |object: &Embedded<ThingObject>| {
        let object: Json = serde_json::from_str(object.rendered().get()).unwrap();
        object[member].as_str().unwrap().to_owned()
    };
    page.objects.iter().map(text).collect()
}

pub(crate) fn titles(page: &PageOf<Thing>) -> Vec<String> {
    texts(page, "title")
}

/// The status that a client would see.
#[track_caller]
pub(crate) fn status<T: std::fmt::Debug>(result: Result<T>) -> u16 {
    match result.unwrap_err() {
        Error::Api(error) => error.kind.status(),
        other => panic!("{other:?}"),
    }
}
