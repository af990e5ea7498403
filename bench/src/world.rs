//! The org in which works are created: people, parts, tags, customers, sprints, stages.

use serde_json::json;
use worksmith_engine::{Engine, Request, Tx};
use worksmith_fields::stages::{CustomStage, StageDiagram};
use worksmith_kernel::{Clock, Error, OpCtx, Query};
use worksmith_org::accounts::Account;
use worksmith_org::dev_users::DevUser;
use worksmith_org::rev_orgs::RevOrg;
use worksmith_org::tags::Tag;
use worksmith_wire::common::UserState;
use worksmith_wire::rev_orgs::OrgEnvironment;
use worksmith_wire::tags::TagStyle;
use worksmith_wire::vistas::groups::{SprintState, VistaGroupItemType};
use worksmith_wire::vistas::{FilterType, VistaFlavor, VistaType};
use worksmith_wire::{Color, Id, Kind, Timestamp};
use worksmith_work::parts::{Code, Part};
use worksmith_work::vistas::Vista;
use worksmith_work::vistas::groups::{self, VistaGroupItem};

use crate::random::{Chance, Weights, prose, title};

/// How many there are of each.
const USERS: u32 = 200;
const PRODUCTS: u32 = 6;
const CAPABILITIES: u32 = 54;
const PARTS: u32 = 300;
const TAGS: u32 = 500;
const ACCOUNTS: u32 = 2000;
const SPRINTS: u32 = 40;
/// How many objects are created in one transaction.
const BATCH: usize = 500;

/// A day in milliseconds.
pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// The instant at which the data claims to be created: 2025-12-01.
pub(crate) const NOW: Timestamp = Timestamp(1_764_547_200_000);
/// The first work is three years older.
pub(crate) const SPAN_MS: i64 = 3 * 365 * DAY_MS;

/// The types of works, in the order in which they are counted.
pub(crate) const TYPES: [Kind; 4] = [Kind::Issue, Kind::Ticket, Kind::Opportunity, Kind::Task];

/// A clock that stands still, so that the data is the same in every run.
pub(crate) struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// A stage that works can be in.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) id: Id,
    /// Its place in the order.
    pub(crate) ordinal: i64,
    /// The index of its name among those of all stages.
    pub(crate) name: usize,
    /// 0 open, 1 in progress, 2 closed.
    pub(crate) state: usize,
}

/// The stages of a type of work.
#[derive(Clone, Debug)]
pub(crate) struct Stages {
    /// Each of them.
    pub(crate) stages: Vec<Stage>,
    /// How often works are in each.
    pub(crate) weights: Weights,
}

/// Everything that works can refer to.
#[derive(Clone, Debug)]
pub(crate) struct World {
    /// Dev users.
    pub(crate) users: Vec<Id>,
    /// Parts, each with the indexes of three tags that belong to it.
    pub(crate) parts: Vec<(Id, [usize; 3])>,
    pub(crate) tags: Vec<Id>,
    /// Accounts with their workspaces.
    pub(crate) accounts: Vec<(Id, Id)>,
    pub(crate) sprints: Vec<Id>,
    pub(crate) stage_names: Vec<String>,
    /// The stages of each of the [`TYPES`].
    pub(crate) stages: Vec<Stages>,
    /// The custom fields of all issues.
    pub(crate) fragment: Id,
}

/// The shares of the states open, in progress and closed among the works of a type.
const STATES: [f64; 3] = [0.4, 0.2, 0.4];

impl Stages {
    /// Stages in the order of their diagram; within a state, each is rarer than the one before it.
    pub(crate) fn new(stages: Vec<Stage>) -> Self {
        let mut of_state = [0_u32; 3];
        let rarity = |stage: &Stage| {
            of_state[stage.state] += 1;
            1.0 / f64::from(of_state[stage.state])
        };
        let rarities: Vec<f64> = stages.iter().map(rarity).collect();
        let mut sums = [0.0; 3];
        for (stage, rarity) in stages.iter().zip(&rarities) {
            sums[stage.state] += rarity;
        }
        let share =
            |(stage, rarity): (&Stage, &f64)| STATES[stage.state] * rarity / sums[stage.state];
        let weights = Weights::new(stages.iter().zip(&rarities).map(share));
        Self { stages, weights }
    }
}

/// Creates the org's objects.
pub(crate) async fn make(engine: &Engine, cx: &OpCtx, seed: u64) -> Result<World, Error> {
    let mut maker = Maker { engine, cx, chance: Chance::new(seed), tx: engine.begin(cx), made: 0 };
    let users = maker.users().await?;
    let tags = maker.tags().await?;
    let parts = maker.parts(&users).await?;
    let accounts = maker.accounts(&users).await?;
    let sprints = maker.sprints(&parts).await?;
    let (stage_names, stages) = maker.stages().await?;
    maker.tx.finish().await?;
    let fragment = fragment(engine, cx).await?;
    Ok(World { users, parts, tags, accounts, sprints, stage_names, stages, fragment })
}

/// How many values the custom field has by which lists are filtered.
pub(crate) const COHORTS: u64 = 60;

/// Gives issues custom fields by which they are found.
async fn fragment(engine: &Engine, cx: &OpCtx) -> Result<Id, Error> {
    let field =
        |name: &str, kind: &str| json!({ "name": name, "field_type": kind, "is_filterable": true });
    let members = json!({
        "type": "tenant_fragment", "leaf_type": "issue", "description": "Of all issues",
        "fields": [field("cohort", "int"), field("effort", "int"), field("note", "tokens")],
    });
    let table = worksmith_tracker::table();
    let op = table.get("schemas.custom.set").ok_or_else(|| Error::internal("no such operation"))?;
    engine.execute(op, cx, &Request { members, query: Vec::new() }).await?;
    Ok(Id::numbered(Kind::TenantFragment, 1))
}

struct Maker<'a> {
    engine: &'a Engine,
    cx: &'a OpCtx,
    chance: Chance,
    tx: Tx,
    made: usize,
}

const SURNAMES: [&str; 20] = [
    "Okafor",
    "Lindqvist",
    "Haddad",
    "Moreau",
    "Tanaka",
    "Silva",
    "Novák",
    "O'Brien",
    "Kaur",
    "Schäfer",
    "Petrov",
    "Nguyen",
    "Rossi",
    "Yılmaz",
    "Jensen",
    "Mbeki",
    "Larsson",
    "Costa",
    "Dubois",
    "Ivanova",
];
const NAMES: [&str; 20] = [
    "Ada", "Björn", "Chidi", "Dana", "Elif", "Farid", "Greta", "Hana", "Ines", "Jonas", "Kofi",
    "Lena", "Mei", "Nils", "Olga", "Priya", "Quinn", "Rosa", "Sam", "Tariq",
];

impl Maker<'_> {
    /// Counts an object, and begins another transaction if this one is full.
    async fn made(&mut self) -> Result<(), Error> {
        self.made += 1;
        if self.made.is_multiple_of(BATCH) {
            let full = std::mem::replace(&mut self.tx, self.engine.begin(self.cx));
            full.finish().await?;
        }
        Ok(())
    }

    async fn users(&mut self) -> Result<Vec<Id>, Error> {
        let mut users = Vec::new();
        for number in 1..=USERS {
            let (name, surname) = (self.chance.pick(&NAMES), self.chance.pick(&SURNAMES));
            let user = DevUser {
                display_name: format!("{} {number}", name.to_lowercase()),
                full_name: Some(format!("{name} {surname}")),
                ..DevUser::new(&format!("user{number}@tracker.example"), UserState::Active)
            };
            users.push(self.tx.insert(Kind::DevUser, user).await?.meta.id);
            self.made().await?;
        }
        Ok(users)
    }

    async fn tags(&mut self) -> Result<Vec<Id>, Error> {
        let mut tags = Vec::new();
        for number in 1..=TAGS {
            let color = Color::parse(format!("#{:06x}", self.chance.below(1 << 24)));
            let tag = Tag {
                name: format!("topic-{number}"),
                description: Some(format!("Works that are about topic {number}")),
                allowed_values: Vec::new(),
                style_new: color.map(|color| TagStyle { color }),
            };
            tags.push(self.tx.insert(Kind::Tag, tag).await?.meta.id);
            self.made().await?;
        }
        Ok(tags)
    }

    /// Products, capabilities under them, and features under those.
    async fn parts(&mut self, users: &[Id]) -> Result<Vec<(Id, [usize; 3])>, Error> {
        let mut parts: Vec<(Id, [usize; 3])> = Vec::new();
        for number in 0..PARTS {
            let (kind, above) = match number {
                0..PRODUCTS => (Kind::Product, 0..0),
                PRODUCTS..CAPABILITIES => (Kind::Capability, 0..PRODUCTS as usize),
                _ => (Kind::Feature, PRODUCTS as usize..CAPABILITIES as usize),
            };
            let parent = (!above.is_empty()).then(|| self.chance.pick(&parts[above]).0.clone());
            let mut name = String::new();
            title(&mut self.chance, &mut name);
            let part = Part {
                name: format!("{} {number}", kind.noun()),
                description: Some(name),
                owned_by: vec![self.chance.pick(users).clone()],
                parent_part: parent,
                tags: Vec::new(),
                artifacts: Vec::new(),
                stage_v2: None,
                target_start_date: None,
                target_close_date: None,
                actual_start_date: None,
                actual_close_date: None,
                release_notes: None,
                code: Code::default(),
            };
            let id = self.tx.insert(kind, part).await?.meta.id;
            parts.push((id, own_tags(&mut self.chance, TAGS as usize)));
            self.made().await?;
        }
        // The popularity of parts is independent of their place in the tree.
        for at in (1..parts.len()).rev() {
            let other = self.chance.place(at + 1);
            parts.swap(at, other);
        }
        Ok(parts)
    }

    async fn accounts(&mut self, users: &[Id]) -> Result<Vec<(Id, Id)>, Error> {
        let mut accounts = Vec::new();
        for number in 1..=ACCOUNTS {
            let id = Id::new(Kind::Account, self.cx.opaque(8));
            let don = self.cx.don(&id);
            let mut description = String::new();
            prose(&mut self.chance, 300, &mut description);
            let display_name = format!("{} & Co {number}", self.chance.pick(&SURNAMES));
            let account = Account {
                display_name: display_name.clone(),
                description: Some(description),
                domains: vec![format!("customer{number}.example")],
                websites: Vec::new(),
                external_refs: vec![don.clone()],
                owned_by: vec![self.chance.pick(users).clone()],
                tier: Some(["gold", "silver", "bronze"][self.chance.place(3)].to_owned()),
                tags: Vec::new(),
                artifacts: Vec::new(),
                primary_account: None,
            };
            self.tx.insert_with_id(id.clone(), account).await?;
            let workspace = RevOrg {
                account: id.clone(),
                is_default: true,
                display_name,
                description: None,
                domain: None,
                environment: OrgEnvironment::Production,
                external_ref: don,
                tier: None,
                tags: Vec::new(),
                artifacts: Vec::new(),
                sla: None,
            };
            let workspace = self.tx.insert(Kind::RevOrg, workspace).await?.meta.id;
            accounts.push((id, workspace));
            self.made().await?;
        }
        Ok(accounts)
    }

    async fn sprints(&mut self, parts: &[(Id, [usize; 3])]) -> Result<Vec<Id>, Error> {
        let board = Vista {
            r#type: VistaType::Grouped,
            name: "Sprints".to_owned(),
            description: None,
            filter_type: Some(FilterType::Works),
            filter: None,
            items: Vec::new(),
            flavor: Some(VistaFlavor::SprintBoard),
            applies_to_part: parts.first().map(|(id, _)| id.clone()).into_iter().collect(),
        };
        let board = self.tx.insert(Kind::Vista, board).await?.meta.id;
        let mut sprints = Vec::new();
        for number in 0..SPRINTS {
            let start = NOW.plus_ms((i64::from(number) - 36) * 14 * DAY_MS);
            let item = VistaGroupItem {
                parent_id: board.clone(),
                object_type: FilterType::Works,
                r#type: VistaGroupItemType::Curated,
                name: format!("Sprint {}", number + 1),
                start_date: Some(start),
                end_date: Some(start.plus_ms(14 * DAY_MS - 1)),
                state: match number {
                    0..36 => SprintState::Completed,
                    36 => SprintState::Active,
                    _ => SprintState::Planned,
                },
                applies_to_part: Vec::new(),
            };
            sprints.push(groups::insert(&mut self.tx, item).await?.meta.id);
            self.made().await?;
        }
        Ok(sprints)
    }

    /// The stages of the diagrams with which an org starts.
    async fn stages(&mut self) -> Result<(Vec<String>, Vec<Stages>), Error> {
        let all = self.tx.first::<CustomStage>(&Query::new(), 1000).await?;
        let diagrams = self.tx.first::<StageDiagram>(&Query::new(), 1000).await?;
        let names = all.iter().map(|stage| stage.doc.name.clone()).collect();
        let mut stages = Vec::new();
        for kind in TYPES {
            let diagram = diagrams.iter().find(|diagram| diagram.doc.leaf_type == kind.noun());
            let nodes = diagram.map(|diagram| &diagram.doc.stages[..]).unwrap_or_default();
            let stage = |(name, id): (usize, &Id)| {
                let doc = &all[name].doc;
                let state = usize::try_from(doc.state.seq() - 1).unwrap_or(0).min(2);
                Stage { id: id.clone(), ordinal: doc.ordinal.into(), name, state }
            };
            let places = nodes.iter().filter_map(|node| {
                let place = all.iter().position(|stage| *stage.id() == node.stage)?;
                Some((place, &node.stage))
            });
            stages.push(Stages::new(places.map(stage).collect()));
        }
        Ok((names, stages))
    }
}

/// The indexes of the three different tags that belong to a part.
pub(crate) fn own_tags(chance: &mut Chance, tags: usize) -> [usize; 3] {
    let first = chance.place(tags);
    [first, (first + 1 + chance.place(tags / 3)) % tags, (first + tags / 2) % tags]
}
