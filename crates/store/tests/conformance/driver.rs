//! Random operations, the same on the store and on the model; all answers are compared.

use std::collections::BTreeMap;

use worksmith_engine::{PageOf, Tx};
use worksmith_kernel::{Column, Cond, Error, Group, Has, Query, Result, Value};
use worksmith_wire::{Direction, Id, Kind, ListMode};

use crate::bed::{
    ALIAS, Bed, CODE, Chance, DONE, LABEL, OWNERS, PARENT, RANK, Thing, WEIGHT, page, texts,
};
use crate::model::{Edge, Org, Page, Refusal};

const ORGS: [&str; 2] = ["red", "blue"];
const KINDS: [Kind; 2] = [Kind::Issue, Kind::Ticket];
const NAMES: [&str; 6] = ["a", "b", "c", "d", "A", "ä"];
const PATHS: [&str; 3] = ["tnt__cost", "tnt__tags", "ctype__x"];
const LABELS: [&str; 5] = ["", "a", "B", "b", "é"];

/// A list that is being paged: the query, and its cursor in the store and in the model.
struct Walk {
    org: usize,
    query: Query<Thing>,
    cursor: Option<String>,
    edge: Option<Edge>,
    backwards: bool,
}

struct Driver {
    bed: Bed,
    chance: Chance,
    orgs: [Org; 2],
    /// The last number given out in this run of the server, and the last one on the disk.
    given: [BTreeMap<Kind, u64>; 2],
    kept: [BTreeMap<Kind, u64>; 2],
    walk: Option<Walk>,
}

/// Prints the seed and the step when a comparison fails.
struct Whereabouts(u64, usize);

impl Drop for Whereabouts {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}, step {}", self.0, self.1);
        }
    }
}

/// The seeds of a run; `WORKSMITH_STORE_SEEDS=17..40` selects others.
pub(crate) fn seeds() -> std::ops::Range<u64> {
    let Ok(text) = std::env::var("WORKSMITH_STORE_SEEDS") else { return 1..4 };
    let (from, to) = text.split_once("..").expect("WORKSMITH_STORE_SEEDS is a range: 17..40");
    from.parse().expect("the first seed")..to.parse().expect("the seed after the last one")
}

/// Runs `steps` random operations.
pub(crate) async fn drive(bed: Bed, seed: u64, steps: usize) {
    let mut driver = Driver {
        bed,
        chance: Chance::new(seed),
        orgs: Default::default(),
        given: Default::default(),
        kept: Default::default(),
        walk: None,
    };
    let mut whereabouts = Whereabouts(seed, 0);
    for step in 0..steps {
        whereabouts.1 = step;
        match driver.chance.below(100) {
            0..40 => driver.transact().await,
            40..80 => driver.list().await,
            80..90 => driver.count().await,
            90..99 => driver.look_up().await,
            _ if driver.chance.below(5) == 0 => {
                driver.bed.reopen().await;
                if !driver.bed.keeps_unused_numbers() {
                    driver.given = driver.kept.clone();
                }
            }
            _ => driver.compare_all().await,
        }
    }
    driver.compare_all().await;
}

fn refusal<T>(result: Result<T>) -> Result<T, Refusal> {
    result.map_err(|error| match error {
        Error::Api(error) => error.kind.status(),
        other => panic!("{other:?}"),
    })
}

impl Driver {
    fn maybe<T>(&self, make: impl FnOnce() -> T) -> Option<T> {
        (self.chance.below(3) > 0).then(make)
    }

    fn one_of<T: Clone>(&self, from: &[T]) -> T {
        from[self.chance.below(from.len())].clone()
    }

    /// An id, usually of an object that exists.
    fn id(&self, org: &Org) -> Id {
        if org.things.is_empty() || self.chance.below(12) == 0 {
            let number = self.chance.below(30) as u64 + 1;
            return Id::numbered(self.one_of(&KINDS), number);
        }
        let at = self.chance.below(org.things.len());
        org.things.keys().nth(at).unwrap().clone()
    }

    fn rank(&self) -> i64 {
        i64::try_from(self.chance.below(5)).unwrap() - 2
    }

    fn weight(&self) -> f64 {
        self.one_of(&[-1.5, 0.0, 0.1 + 0.2, 1e-300, 12_345.678_9])
    }

    fn thing(&self, org: &Org) -> Thing {
        let some = |end: usize| 0..self.chance.below(end);
        let aliases = some(3).map(|_| self.one_of(&NAMES).to_owned()).collect();
        let owners = some(3).map(|_| self.id(org)).collect();
        let code = (self.chance.below(3) == 0).then(|| self.one_of(&NAMES).to_owned());
        Thing {
            title: self.chance.below(1000).to_string(),
            rank: self.maybe(|| self.rank()),
            weight: self.maybe(|| self.weight()),
            label: self.maybe(|| self.one_of(&LABELS).to_owned()),
            done: self.chance.below(2) == 0,
            code,
            aliases: if self.chance.below(3) == 0 { aliases } else { Vec::new() },
            parent: (self.chance.below(3) == 0).then(|| self.id(org)),
            owners,
            body: self.body(),
            custom: PATHS.iter().filter_map(|path| self.custom(path)).collect(),
        }
    }

    /// None, a short one, or one that has a row of its own; some are almost as long as that takes.
    fn body(&self) -> String {
        let times = match self.chance.below(4) {
            0 => 0,
            1 => self.chance.below(100),
            2 => 120 + self.chance.below(15),
            _ => 200 + self.chance.below(800),
        };
        self.one_of(&["é\n", "{\"}", "body"]).repeat(times)
    }

    /// A custom field; only some have several values, of several types.
    fn custom(&self, path: &str) -> Option<(String, Vec<Value>)> {
        let count = if path == PATHS[0] { 1 } else { self.chance.below(4) };
        self.maybe(|| (path.to_owned(), (0..count).map(|_| self.prop()).collect()))
    }

    fn prop(&self) -> Value {
        match self.chance.below(4) {
            0 => self.rank().into(),
            1 => self.weight().into(),
            _ => self.one_of(&LABELS).into(),
        }
    }

    /// A copy of a document with a few fields changed.
    fn change(&self, org: &Org, old: &Thing) -> Thing {
        let other = self.thing(org);
        let mut thing = old.clone();
        match self.chance.below(9) {
            0 => thing.title = other.title,
            1 => (thing.rank, thing.label) = (other.rank, other.label),
            2 => (thing.weight, thing.done) = (other.weight, other.done),
            3 => thing.code = other.code,
            4 => thing.aliases = other.aliases,
            5 => (thing.parent, thing.owners) = (other.parent, other.owners),
            6 => thing.custom = other.custom,
            7 => thing.body = other.body,
            _ => {}
        }
        thing
    }

    /// One to four changes in one transaction, which ends with the first refusal.
    async fn transact(&mut self) {
        let at = self.chance.below(2);
        let cx = self.bed.cx_in(ORGS[at]);
        let stamp = (cx.now, &cx.actor.id);
        let before = self.orgs[at].clone();
        let mut after = before.clone();
        let mut tx = self.bed.engine().begin(&cx);
        let mut numbers = Vec::new();
        for _ in 0..=self.chance.below(4) {
            let (real, expected) = match self.chance.below(10) {
                0..5 => {
                    let (kind, doc) = (self.one_of(&KINDS), self.thing(&after));
                    let expected = after.insert(&mut self.given[at], kind, doc.clone(), stamp);
                    let real = refusal(tx.insert(kind, doc).await);
                    assert_eq!(real, expected);
                    numbers.push((kind, self.given[at].get(&kind).copied().unwrap_or(0)));
                    (real.map(|_| ()), expected.map(|_| ()))
                }
                what => {
                    let id = self.id(&after);
                    let found = tx.find::<Thing>(&id).await.unwrap();
                    assert_eq!(found.as_ref(), after.things.get(&id));
                    let Some(found) = found else { continue };
                    if what < 8 {
                        let doc = self.change(&after, &found.doc);
                        let expected = after.update(&before, &id, doc.clone(), stamp);
                        (refusal(tx.update(found, doc).await).map(|_| ()), expected)
                    } else {
                        after.delete(&id);
                        (refusal(tx.delete(found).await), Ok(()))
                    }
                }
            };
            assert_eq!(real, expected);
            if real.is_err() {
                return;
            }
        }
        self.names(&mut tx, &after).await;
        tx.finish().await.unwrap();
        after.commit(&before);
        self.orgs[at] = after;
        // Numbers are kept with whatever else is written, even those of objects that are deleted at
        // once.
        if self.orgs[at].events != before.events {
            for (kind, number) in numbers {
                let kept = self.kept[at].entry(kind).or_insert(0);
                *kept = number.max(*kept);
            }
        }
    }

    async fn names(&self, tx: &mut Tx, org: &Org) {
        for names in [CODE, ALIAS] {
            let name = self.one_of(&NAMES);
            assert_eq!(
                tx.find_name(names, name).await.unwrap().as_ref(),
                org.holder(names.space(), name)
            );
        }
    }

    fn cond(&self, org: &Org, depth: usize) -> Cond<Thing> {
        let conds =
            |count: usize| -> Vec<_> { (0..count).map(|_| self.cond(org, depth + 1)).collect() };
        match self.chance.below(if depth > 2 { 7 } else { 10 }) {
            0 => Cond::one_of(RANK, self.values(|| self.rank().into())),
            1 => Cond::one_of(LABEL, self.values(|| self.one_of(&LABELS).into())),
            2 => Cond::is_null(self.one_of(&[RANK, WEIGHT, LABEL])),
            3 => {
                let field = self.one_of(&[OWNERS, PARENT]);
                Cond::refers_to(field, (0..self.chance.below(3)).map(|_| self.id(org)).collect())
            }
            4 => self.range(RANK, &|| self.rank().into()),
            5 => match self.chance.below(4) {
                0 => self.range(WEIGHT, &|| self.weight().into()),
                1 => self.range(LABEL, &|| self.one_of(&LABELS).into()),
                2 => Cond::is(Column::KIND, self.one_of(&KINDS).noun()),
                _ => Cond::is(DONE, self.chance.below(2) == 0),
            },
            6 => Cond::prop(self.one_of(&PATHS).to_owned(), self.has()),
            7 => !self.cond(org, depth + 1),
            8 => Cond::any(conds(self.chance.below(3))),
            _ => Cond::all(conds(self.chance.below(3))),
        }
    }

    fn has(&self) -> Has {
        match self.chance.below(6) {
            0 => Has::Any,
            1 => Has::None,
            2..4 => Has::Range(self.maybe(|| self.prop()), self.maybe(|| self.prop())),
            _ => Has::OneOf(self.values(|| self.prop())),
        }
    }

    fn range(&self, column: Column<Thing>, value: &dyn Fn() -> Value) -> Cond<Thing> {
        Cond::range(column, self.maybe(value), self.maybe(value))
    }

    fn values(&self, value: impl Fn() -> Value) -> Vec<Value> {
        (0..self.chance.below(3)).map(|_| value()).collect()
    }

    fn query(&self, org: &Org) -> Query<Thing> {
        let columns = [
            RANK,
            WEIGHT,
            LABEL,
            DONE,
            Column::CREATED_AT,
            Column::MODIFIED_AT,
            Column::SEQ,
            Column::ID,
        ];
        let directions = [Direction::Asc, Direction::Desc];
        let mut query = Query::new();
        for _ in 0..self.chance.below(4) {
            match self.chance.below(3) {
                0 => query.order_by_prop(self.one_of(&PATHS), self.one_of(&directions)),
                _ => query.order_by(self.one_of(&columns), self.one_of(&directions)),
            };
        }
        for _ in 0..self.chance.below(2) {
            query.with(self.cond(org, 0));
        }
        query
    }

    /// The next page of the list that is being paged, or the first of another one. The list may
    /// have changed meanwhile, and so may the direction.
    async fn list(&mut self) {
        let walk = self.walk.take().filter(|_| self.chance.below(8) > 0);
        let mut walk = walk.unwrap_or_else(|| {
            let org = self.chance.below(2);
            let query = self.query(&self.orgs[org]);
            let backwards = self.chance.below(2) == 0;
            Walk { org, query, cursor: None, edge: None, backwards }
        });
        let limit = 1 + self.chance.below(6);
        let mode = if walk.backwards { ListMode::Before } else { ListMode::After };
        let request = page(walk.cursor.as_deref(), i64::try_from(limit).unwrap(), mode);
        let mut tx = self.bed.engine().begin(&self.bed.cx_in(ORGS[walk.org]));
        let real = tx.list::<Thing>(walk.query.clone(), &request).await.unwrap();
        let model = &self.orgs[walk.org];
        let expected = model.page(&walk.query, walk.edge.as_ref(), walk.backwards, limit);
        same_page(&real, &expected, &walk);
        walk.backwards ^= self.chance.below(6) == 0;
        (walk.cursor, walk.edge) = if walk.backwards {
            (real.prev_cursor, expected.prev)
        } else {
            (real.next_cursor, expected.next)
        };
        // After the last page, another list is begun.
        self.walk = walk.cursor.is_some().then_some(walk);
    }

    async fn count(&self) {
        let at = self.chance.below(2);
        let query = self.query(&self.orgs[at]);
        let mut tx = self.bed.engine().begin(&self.bed.cx_in(ORGS[at]));
        let real = tx.count::<Thing>(&query).await.unwrap();
        assert_eq!(real, self.orgs[at].count(&query), "{query:?}");
        let groups: Vec<_> = (0..=self.chance.below(2)).map(|_| self.group()).collect();
        let mut real: Vec<_> = tx.count_by::<Thing>(&query, &groups).await.unwrap();
        real.sort_by_key(|(values, _)| format!("{values:?}"));
        assert_eq!(real, self.orgs[at].count_by(&query, &groups), "{query:?} by {groups:?}");
    }

    fn group(&self) -> Group<Thing> {
        match self.chance.below(10) {
            0 => Group::column(Column::KIND),
            1 => Group::day(self.one_of(&[RANK, Column::CREATED_AT])),
            2 => Group::refs(OWNERS, &KINDS),
            3 => Group::refs(PARENT, &[Kind::Issue]),
            4 | 5 => Group::prop(self.one_of(&PATHS).to_owned()),
            _ => Group::column(self.one_of(&[RANK, LABEL, WEIGHT, DONE])),
        }
    }

    async fn look_up(&self) {
        let at = self.chance.below(2);
        let org = &self.orgs[at];
        let mut tx = self.bed.engine().begin(&self.bed.cx_in(ORGS[at]));
        self.names(&mut tx, org).await;
        let id = self.id(org);
        self.object(&mut tx, org, &id).await;
    }

    /// Everything that is known of one object.
    async fn object(&self, tx: &mut Tx, org: &Org, id: &Id) {
        assert_eq!(tx.find::<Thing>(id).await.unwrap().as_ref(), org.things.get(id));
        let mut refs = tx.refs_to(id).await.unwrap();
        refs.sort();
        assert_eq!(refs, org.refs_to(id), "references to {id}");
        let events = tx.events_of(id).await.unwrap().into_iter().map(|event| {
            let old = event.old.map(|old| serde_json::from_str(&old).unwrap());
            (event.verb, event.revision, old)
        });
        let expected = org.events.get(id).cloned().unwrap_or_default();
        assert_eq!(events.collect::<Vec<_>>(), expected, "events of {id}");
    }

    async fn compare_all(&self) {
        for (name, org) in ORGS.iter().zip(&self.orgs) {
            let mut tx = self.bed.engine().begin(&self.bed.cx_in(name));
            for id in org.things.keys().chain(&org.dead) {
                self.object(&mut tx, org, id).await;
            }
            let all = tx.count::<Thing>(&Query::new()).await.unwrap();
            assert_eq!(all, org.things.len() as u64);
        }
        self.bed.is_consistent().await;
    }
}

fn same_page(real: &PageOf<Thing>, expected: &Page, walk: &Walk) {
    let ids = texts(real, "id");
    let expected_ids: Vec<_> = expected.ids.iter().map(ToString::to_string).collect();
    let Walk { query, edge, backwards, .. } = walk;
    let what = format!("{query:?} at {edge:?}, backwards: {backwards}");
    assert_eq!(ids, expected_ids, "{what}");
    let cursors = (real.next_cursor.is_some(), real.prev_cursor.is_some());
    assert_eq!(cursors, (expected.next.is_some(), expected.prev.is_some()), "{what}");
}
