//! The works: each is generated only from the seed and its number, so that the first ones are the
//! same at every scale.

use std::fmt::Write as _;

use serde_json::Map;
use worksmith_engine::Authorship;
use worksmith_fields::schemas::Custom;
use worksmith_org::tagging::TagOn;
use worksmith_wire::works::{ForecastCategory, Priority, Severity, TicketChannel};
use worksmith_wire::{Id, Kind, Timestamp};
use worksmith_work::works::{Extended, Issue, Opportunity, Task, Ticket, Variant, Work};

use crate::catalog::Counts;
use crate::numbers::{float, whole};
use crate::random::{Chance, Weights, prose, title};
use crate::world::{COHORTS, DAY_MS, NOW, SPAN_MS, Stage, TYPES, World};

/// The length of bodies in bytes: the median, the spread, and the bounds. They result in an average
/// answer of works.get of about 6 KB.
const BODY: (f64, f64, u64, u64) = (2_300.0, 0.9, 200, 20_000);
/// How many comments a work has.
const COMMENTS: u64 = 3;
/// The length of comments in bytes: the median, the spread, and the bounds.
const COMMENT: (f64, f64, u64, u64) = (180.0, 0.7, 20, 2_000);
/// How many different words there are that only comments have, one in each.
pub(crate) const RUNS: u64 = 10_000;
/// The share of works that carry one of the tags of their part.
const WITH_OWN_TAG: f64 = 0.6;
/// The share of issues that are in a sprint.
const IN_SPRINT: f64 = 0.6;

/// A work, and who created it when.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Draft {
    /// Its type.
    pub(crate) kind: Kind,
    pub(crate) work: Work,
    /// Who created it and when.
    pub(crate) created: (Timestamp, Id),
    /// Who last changed it and when.
    pub(crate) modified: (Timestamp, Id),
}

impl Draft {
    /// In the form that the store accepts.
    pub(crate) fn authorship(&self) -> Authorship {
        Authorship {
            created_at: self.created.0,
            created_by: self.created.1.clone(),
            modified_at: self.modified.0,
            modified_by: self.modified.1.clone(),
        }
    }
}

/// How popular things are, and what works are like.
#[derive(Clone, Debug)]
pub(crate) struct Mix {
    seed: u64,
    types: Weights,
    owners: Weights,
    parts: Weights,
    tags: Weights,
    accounts: Weights,
    sprints: Weights,
    grades: Weights,
    own_tag: Weights,
}

impl Mix {
    /// The mix of a world.
    pub(crate) fn new(world: &World, seed: u64) -> Self {
        let zipf = |count: usize, exponent| {
            Weights::zipf(u32::try_from(count).unwrap_or(u32::MAX), exponent)
        };
        Self {
            seed,
            types: Weights::new([0.70, 0.25, 0.03, 0.02]),
            owners: zipf(world.users.len(), 0.5),
            parts: zipf(world.parts.len(), 0.8),
            tags: zipf(world.tags.len(), 0.9),
            accounts: zipf(world.accounts.len(), 0.9),
            sprints: zipf(world.sprints.len(), 0.6),
            grades: Weights::new([0.05, 0.20, 0.45, 0.30]),
            own_tag: Weights::new([0.6, 0.25, 0.15]),
        }
    }

    /// The work with a number, from 1 on; counts what it has.
    pub(crate) fn draft(&self, world: &World, number: u64, counts: &mut Counts) -> Draft {
        let mut chance = Chance::of(self.seed, number);
        let chance = &mut chance;
        let of_type = self.types.draw(chance);
        let kind = TYPES[of_type];
        counts.types[of_type] += 1;
        let stages = &world.stages[of_type];
        let stage = &stages.stages[stages.weights.draw(chance)];
        counts.stages[stage.name] += 1;
        let (created, modified) = instants(chance);
        let owned_by = self.owned_by(world, stage, chance, counts);
        let part = self.parts.draw(chance);
        counts.parts[part] += 1;
        let tags = self.tags(world, part, chance, counts);
        let author = chance.pick(&world.users).clone();
        let (mut heading, mut body) = (String::new(), String::new());
        title(chance, &mut heading);
        let (median, spread, min, max) = BODY;
        let length = chance.length(median, spread, min, max);
        prose(chance, length, &mut body);
        let due = chance.holds(0.5);
        let external_ref = chance.holds(0.3).then(|| reference(number));
        let mut work = Work {
            title: heading,
            body,
            applies_to_part: Some(world.parts[part].0.clone()),
            owned_by,
            reported_by: vec![author.clone()],
            artifacts: Vec::new(),
            tags,
            stage: stage.id.clone(),
            stage_ordinal: stage.ordinal,
            target_close_date: due.then(|| later(created, 7 + chance.below(170))),
            actual_close_date: (stage.state == CLOSED).then_some(modified),
            external_ref,
            staged_info: None,
            sync_metadata: None,
            imported_as: None,
            sla: None,
            custom: Custom::default(),
            variant: self.variant(kind, (stage, created), world, chance, counts),
        };
        if kind == Kind::Issue {
            work.custom = custom(world, chance);
        }
        let changed_by = chance.pick(&world.users).clone();
        Draft { kind, work, created: (created, author), modified: (modified, changed_by) }
    }

    /// One owner, or two.
    fn owned_by(
        &self,
        world: &World,
        stage: &Stage,
        chance: &mut Chance,
        counts: &mut Counts,
    ) -> Vec<Id> {
        let mut places = vec![self.owners.draw(chance)];
        if chance.holds(0.3) {
            places.push(self.owners.draw(chance));
            places.dedup();
        }
        for place in &places {
            counts.owners[*place] += 1;
            counts.open_owners[*place] += u64::from(stage.state == OPEN);
        }
        places.into_iter().map(|place| world.users[place].clone()).collect()
    }

    /// Up to four tags, often with one that belongs to the part.
    fn tags(
        &self,
        world: &World,
        part: usize,
        chance: &mut Chance,
        counts: &mut Counts,
    ) -> Vec<TagOn> {
        let mut places = Vec::with_capacity(4);
        if chance.holds(WITH_OWN_TAG) {
            places.push(world.parts[part].1[self.own_tag.draw(chance)]);
        }
        for _ in 0..chance.below(4) {
            let place = self.tags.draw(chance);
            if !places.contains(&place) {
                places.push(place);
            }
        }
        for place in &places {
            counts.tags[*place] += 1;
            if let Some(own) = world.parts[part].1.iter().position(|own| own == place) {
                counts.pairs[part][own] += 1;
            }
        }
        let on = |place: usize| TagOn { tag: world.tags[place].clone(), value: None };
        places.into_iter().map(on).collect()
    }

    fn variant(
        &self,
        kind: Kind,
        (stage, created): (&Stage, Timestamp),
        world: &World,
        chance: &mut Chance,
        counts: &mut Counts,
    ) -> Variant {
        let grade = self.grades.draw(chance);
        match kind {
            Kind::Ticket => {
                let account = self.accounts.draw(chance);
                counts.accounts[account] += 1;
                let (account, rev_org) = world.accounts[account].clone();
                Variant::Ticket(ticket(Severity::ALL[grade], account, rev_org, chance))
            }
            Kind::Opportunity => {
                let account = world.accounts[self.accounts.draw(chance)].0.clone();
                Variant::Opportunity(opportunity(Priority::ALL[grade], account, chance))
            }
            Kind::Task => Variant::Task(Task {
                embedded: None,
                priority: Some(Priority::ALL[grade]),
                start_date: chance.holds(0.3).then_some(created),
            }),
            _ => {
                let sprint = chance.holds(IN_SPRINT).then(|| self.sprints.draw(chance));
                if let Some(sprint) = sprint {
                    counts.sprints[sprint] += 1;
                }
                let begun = stage.state != OPEN;
                Variant::Issue(Issue {
                    priority: Extended::Stock(Priority::ALL[grade]),
                    developed_with: Vec::new(),
                    sprint: sprint.map(|sprint| world.sprints[sprint].clone()),
                    target_start_date: None,
                    actual_start_date: begun.then(|| later(created, chance.below(14))),
                })
            }
        }
    }
}

/// The comments on a work.
pub(crate) fn comments(
    seed: u64,
    number: u64,
    world: &World,
    draft: &Draft,
) -> Vec<(String, Authorship)> {
    let mut chance = Chance::of(!seed, number);
    let comment = |_| {
        let (median, spread, min, max) = COMMENT;
        let length = chance.length(median, spread, min, max);
        let mut body = String::new();
        prose(&mut chance, length, &mut body);
        let _ = write!(body, " run{}", chance.below(RUNS));
        let author = chance.pick(&world.users).clone();
        let span = (draft.modified.0.0 - draft.created.0.0).max(1);
        let after = chance.below(span.unsigned_abs()).cast_signed();
        let at = draft.created.0.plus_ms(after);
        let authorship = Authorship {
            created_at: at,
            created_by: author.clone(),
            modified_at: at,
            modified_by: author,
        };
        (body, authorship)
    };
    (0..COMMENTS).map(comment).collect()
}

/// The index of the state `open` among the states.
const OPEN: usize = 0;
/// The index of the state `closed`.
const CLOSED: usize = 2;

/// The id of a work in another system.
pub(crate) fn reference(number: u64) -> String {
    format!("https://old-tracker.example/browse/WORK-{number}")
}

fn later(than: Timestamp, days: u64) -> Timestamp {
    than.plus_ms(i64::try_from(days).unwrap_or(0) * DAY_MS)
}

/// When a work was created and last changed: more and more are created over time, and most are
/// changed soon.
fn instants(chance: &mut Chance) -> (Timestamp, Timestamp) {
    let within = |share: f64, span: i64| {
        let span = u64::try_from(span).unwrap_or(0);
        i64::try_from(whole(share * float(span))).unwrap_or(0)
    };
    let age = within(chance.unit().powf(1.2), SPAN_MS);
    let modified = within(chance.unit().powi(3), age - 1);
    (NOW.plus_ms(-age), NOW.plus_ms(modified - age))
}

fn ticket(severity: Severity, account: Id, rev_org: Id, chance: &mut Chance) -> Ticket {
    Ticket {
        severity,
        account: Some(account),
        rev_org: Some(rev_org),
        group: None,
        channels: vec![*chance.pick(&TicketChannel::ALL[..3])],
        channels_v2: Vec::new(),
        source_channel: Some("email".to_owned()),
        source_channel_v2: None,
        is_archived: None,
        is_frozen: None,
        is_spam: None,
        needs_response: Some(chance.holds(0.3)),
        sentiment: None,
        sentiment_modified_date: None,
        sentiment_summary: None,
        // Visible to the customer's workspace, as new tickets are.
        visibility: 2,
    }
}

fn opportunity(priority: Priority, account: Id, chance: &mut Chance) -> Opportunity {
    Opportunity {
        account,
        contacts: Vec::new(),
        amount: Some(float(100 * (1 + chance.below(5_000)))),
        value: None,
        annual_contract_value: None,
        customer_budget: None,
        forecast_category: Some(Extended::Stock(*chance.pick(ForecastCategory::ALL))),
        priority: Some(priority),
        probability: Some(float(chance.below(101)) / 100.0),
    }
}

/// The values of an issue's custom fields.
fn custom(world: &World, chance: &mut Chance) -> Custom {
    let mut fields = Map::new();
    fields.insert("tnt__cohort".into(), (1 + chance.below(COHORTS)).into());
    fields.insert("tnt__effort".into(), chance.length(8.0, 1.0, 1, 400).into());
    fields.insert("tnt__note".into(), format!("note {}", chance.below(1_000_000)).into());
    Custom { fields, fragments: vec![world.fragment.clone()], subtype: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{Stages, own_tags};

    /// A world of ids that are in no store.
    fn world() -> World {
        let ids = |kind, count: u64| (1..=count).map(move |n| Id::numbered(kind, n));
        let mut chance = Chance::new(9);
        let stages = (0..9).map(|n| Stage {
            id: Id::numbered(Kind::CustomStage, n + 1),
            ordinal: 0,
            name: usize::try_from(n).unwrap(),
            state: usize::try_from(n / 3).unwrap(),
        });
        let stages = Stages::new(stages.collect());
        World {
            users: ids(Kind::DevUser, 200).collect(),
            parts: ids(Kind::Feature, 300).map(|id| (id, own_tags(&mut chance, 500))).collect(),
            tags: ids(Kind::Tag, 500).collect(),
            accounts: ids(Kind::Account, 2000).zip(ids(Kind::RevOrg, 2000)).collect(),
            sprints: ids(Kind::VistaGroupItem, 40).collect(),
            stage_names: (0..9).map(|n| format!("stage {n}")).collect(),
            stages: vec![stages; 4],
            fragment: Id::numbered(Kind::TenantFragment, 1),
        }
    }

    #[test]
    fn the_same_seed_and_number_make_the_same_work() {
        let world = world();
        let (mix, mut counts) = (Mix::new(&world, 5), Counts::of(&world));
        let first: Vec<_> = (1..=50).map(|n| mix.draft(&world, n, &mut counts)).collect();
        let again: Vec<_> = (1..=50).rev().map(|n| mix.draft(&world, n, &mut counts)).collect();
        assert!(first.iter().eq(again.iter().rev()));
        let other = Mix::new(&world, 6);
        assert_ne!(first[0], other.draft(&world, 1, &mut counts));
    }

    #[test]
    fn works_are_spread_as_the_mix_says() {
        let world = world();
        let (mix, mut counts) = (Mix::new(&world, 5), Counts::of(&world));
        let drafts: Vec<_> = (1..=10_000).map(|n| mix.draft(&world, n, &mut counts)).collect();
        for draft in &drafts {
            let Work { title, body, owned_by, tags, .. } = &draft.work;
            assert!(title.chars().count() <= 256 && !title.is_empty(), "{title}");
            assert!((200 - 4..=20_000).contains(&body.len()), "{}", body.len());
            assert!((1..=2).contains(&owned_by.len()) && tags.len() <= 4);
            assert!(draft.created.0 <= draft.modified.0 && draft.modified.0 <= NOW);
        }
        let share = |holds: &dyn Fn(&Draft) -> bool| {
            drafts.iter().filter(|draft| holds(draft)).count() / 100
        };
        assert!((68..=72).contains(&share(&|draft| draft.kind == Kind::Issue)));
        assert!((38..=42).contains(&share(&|draft| draft.work.stage.seq() <= 3)));
        assert!((48..=52).contains(&share(&|draft| draft.work.target_close_date.is_some())));
        assert!((28..=32).contains(&share(&|draft| draft.work.external_ref.is_some())));
        let with_own = counts.pairs.iter().flatten().sum::<u64>();
        assert!((6_000..7_000).contains(&with_own), "{with_own}");
        // Enough works have a popular value for a full page of a list.
        assert!(counts.accounts.iter().filter(|count| **count >= 30).count() >= 5);
        assert!(counts.open_owners.iter().filter(|count| **count >= 60).count() >= 8);
    }
}
