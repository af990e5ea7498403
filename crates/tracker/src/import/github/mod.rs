//! Issues of GitHub repositories, and the comments on them.
//!
//! | on GitHub | here |
//! |---|---|
//! | repository | a product of its name, unless the caller names a part |
//! | issue | an issue, found again by its id; the page is its `external_ref` |
//! | author, assignee | a shadow dev user with an external identity |
//! | nobody assigned | owned by the server's bot: a work is never nobody's |
//! | label | a tag of the same name and colour |
//! | milestone | a sprint on the board of the repository |
//! | open | the stage in which issues begin |
//! | closed, not planned, duplicate | `completed`, `wont_fix`, `duplicate` |
//! | comment | a comment, found again by its id, which is in its `external_ref` |
//!
//! GitHub's data on an item replaces what is here. Everything else stays as people here left it,
//! including the stage, as long as both sides agree on whether the issue is closed.

mod comment;
mod item;
mod known;
mod referenced;
mod shape;

use std::collections::{HashMap, HashSet};

pub use comment::Comment;
pub use item::Item;
pub use known::Earlier;
use serde_json::Value as Json;
use worksmith_engine::{Authorship, Tx};
use worksmith_fields::schemas::Custom;
use worksmith_fields::stages::{self, CustomStage};
use worksmith_kernel::{Actor, Result, Stored};
use worksmith_org::tagging::TagOn;
use worksmith_wire::works::{Priority, Sync, SyncMetadata, SyncStatus};
use worksmith_wire::{ApiError, Id, Kind, Timestamp};
use worksmith_work::works::{self, Extended, Issue, Variant, Work};

use self::item::State;
use super::Report;

/// The `origin_system` of the works that this importer creates.
const ORIGIN: &str = "github";
const TITLE_MAX: usize = 256;
const BODY_MAX: usize = 65_536;
/// The longest address that an `external_ref` holds, in characters.
const URL_MAX: usize = 512;

/// The options of an import.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The part that new issues apply to, instead of a product named after the repository.
    pub part: Option<Id>,
    /// Whether pull requests are imported, too, as issues.
    pub pull_requests: bool,
    /// What earlier versions have imported.
    pub earlier: Earlier,
}

/// What a file holds.
#[derive(Clone, Debug)]
pub enum Record {
    /// An issue or a pull request.
    Item(Box<Item>),
    /// A comment on one.
    Comment(Box<Comment>),
}

impl Record {
    /// Parses a record. The error says what is wrong with it, worded to follow its name.
    pub fn read(value: Json) -> std::result::Result<Self, String> {
        // Only comments name their issue.
        if value.get("issue_url").is_some() {
            return Comment::read(value).map(|comment| Self::Comment(Box::new(comment)));
        }
        Item::read(value).map(|item| Self::Item(Box::new(item)))
    }
}

/// Imports records in one transaction. The report is valid once the transaction is committed.
pub async fn import(tx: &mut Tx, options: &Options, records: &[&Record]) -> Result<Report> {
    let items = records.iter().filter_map(|record| match record {
        Record::Item(item) => Some(&**item),
        Record::Comment(_) => None,
    });
    let items: Vec<&Item> = items.collect();
    let mut importer = Importer::new(tx, options, &items);
    for record in records {
        match record {
            Record::Item(item) => importer.import(item).await?,
            Record::Comment(comment) => importer.comment(comment).await?,
        }
    }
    Ok(importer.report)
}

struct Importer<'a> {
    tx: &'a mut Tx,
    options: &'a Options,
    /// All items of the batch.
    items: &'a [&'a Item],
    report: Report,
    bot: Id,
    // What this transaction found or created; lists don't show what it created itself.
    products: HashMap<String, Id>,
    boards: HashMap<String, Id>,
    sprints: HashMap<(Id, String), Id>,
    // Repositories whose former name was looked up, and those that have one, with the new name.
    looked_for: HashSet<String>,
    moved: HashSet<(String, String)>,
    stages: Option<Stages>,
    // The last data on each person and label, and their ids here: if the data repeats, it need not
    // be looked up again.
    users: HashMap<(String, u64), (String, Id)>,
    tags: HashMap<String, (Option<String>, Id)>,
    can_be_assigned: HashMap<Id, bool>,
}

/// The stages that issues of GitHub are in.
#[derive(Clone)]
struct Stages {
    start: Id,
    /// The final stages with their names.
    last: Vec<(String, Id)>,
}

/// The home of an item, according to its page.
struct Home<'a> {
    host: &'a str,
    /// `owner/name`.
    repository: String,
}

impl<'a> Importer<'a> {
    fn new(tx: &'a mut Tx, options: &'a Options, items: &'a [&'a Item]) -> Self {
        Self {
            tx,
            options,
            items,
            report: Report::default(),
            bot: Actor::system().id,
            products: HashMap::new(),
            boards: HashMap::new(),
            sprints: HashMap::new(),
            looked_for: HashSet::new(),
            moved: HashSet::new(),
            stages: None,
            users: HashMap::new(),
            tags: HashMap::new(),
            can_be_assigned: HashMap::new(),
        }
    }

    /// Counts a record that is left out.
    fn skip(&mut self, why: &str) {
        *self.report.skipped.entry(why.to_owned()).or_default() += 1;
    }

    /// Imports one item.
    async fn import(&mut self, item: &Item) -> Result<()> {
        self.report.read += 1;
        if item.is_pull_request() && !self.options.pull_requests {
            self.skip("pull requests: give --pull-requests to have them as issues");
            return Ok(());
        }
        let home = home(&item.html_url)?;
        let old = self.work_of(item, &home).await?;
        if let Some(old) = &old {
            self.note_move(old, &home).await?;
        }
        let owners = old.as_ref().map(|old| old.doc.owned_by.as_slice()).unwrap_or_default();
        let wanted = self.wanted(item, &home, owners).await?;
        item.lose(&mut self.report);
        match old {
            None => self.create(item, &home, wanted).await,
            Some(old) => self.update(item, &home, old, wanted).await,
        }
    }

    /// GitHub's data on the item, with everything it refers to created here. Users who are
    /// deactivated here get no new work, but keep what they have.
    async fn wanted(&mut self, item: &Item, home: &Home<'_>, owners: &[Id]) -> Result<Wanted> {
        let mut title = self.report.fit(&item.title, TITLE_MAX, "titles");
        if title.is_empty() {
            title = format!("#{}", item.number);
            self.report.lose("empty titles: works need one; the number stands for it", 1);
        }
        let body = self.report.fit(item.body.as_deref().unwrap_or_default(), BODY_MAX, "bodies");
        let author = match &item.user {
            Some(person) => Some(self.user(home.host, person).await?),
            None => None,
        };
        let mut owned_by = Vec::new();
        for person in item.assignees() {
            let user = self.user(home.host, person).await?;
            if owners.contains(&user) || self.can_be_assigned(&user).await? {
                push(&mut owned_by, user);
            } else {
                self.report.lose("assignees who are deactivated here: they are given no work", 1);
            }
        }
        if owned_by.is_empty() {
            owned_by.push(self.bot.clone());
        }
        let mut tags = Vec::new();
        for label in &item.labels {
            if let Some(tag) = self.tag(label).await? {
                push(&mut tags, tag);
            }
        }
        let sprint = match &item.milestone {
            Some(milestone) => Some(self.sprint(&home.repository, milestone).await?),
            None => None,
        };
        Ok(Wanted { title, body, author, owned_by, tags, sprint })
    }

    async fn create(&mut self, item: &Item, home: &Home<'_>, wanted: Wanted) -> Result<()> {
        let part = self.part(&home.repository).await?;
        let author = wanted.author.clone();
        let created_by = author.clone().unwrap_or_else(|| self.bot.clone());
        let is_new = item.updated_at.0 == item.created_at.0;
        let authorship = Authorship {
            created_at: item.created_at.0,
            created_by: created_by.clone(),
            modified_at: item.updated_at.0,
            modified_by: if is_new { created_by } else { self.bot.clone() },
        };
        let issue = Issue {
            priority: Extended::Stock(Priority::P2),
            developed_with: Vec::new(),
            sprint: None,
            target_start_date: None,
            actual_start_date: None,
        };
        let mut work = Work {
            title: String::new(),
            body: String::new(),
            applies_to_part: Some(part),
            owned_by: Vec::new(),
            reported_by: author.into_iter().collect(),
            artifacts: Vec::new(),
            tags: Vec::new(),
            // Entered below, together with the dates that go with it.
            stage: Id::nowhere(Kind::CustomStage),
            stage_ordinal: 0,
            target_close_date: None,
            actual_close_date: None,
            external_ref: Some(item.html_url.clone()),
            staged_info: None,
            sync_metadata: None,
            sla: None,
            imported_as: Self::name_of(item, home),
            custom: Custom::default(),
            variant: Variant::Issue(issue),
        };
        self.stage(item, &mut work).await?;
        wanted.set(&mut work);
        work.sync_metadata = Some(sync_metadata(item, None, self.tx.cx().now));
        self.tx.insert_as(Kind::Issue, work, Some(authorship)).await?;
        self.report.created += 1;
        Ok(())
    }

    async fn update(
        &mut self,
        item: &Item,
        home: &Home<'_>,
        old: Stored<Work>,
        wanted: Wanted,
    ) -> Result<()> {
        let mut work = old.doc.clone();
        self.stage(item, &mut work).await?;
        wanted.set(&mut work);
        work.external_ref = Some(item.html_url.clone());
        work.imported_as = Self::name_of(item, home).or(work.imported_as);
        let before = old.doc.sync_metadata.as_ref();
        let last = before.and_then(|sync| sync.last_sync_in.as_ref()?.sync_date.as_deref());
        // The date of the sync changes only if something else does.
        let last = last.and_then(Timestamp::parse);
        let now = self.tx.cx().now;
        work.sync_metadata = Some(sync_metadata(item, before, last.unwrap_or(now)));
        if work == old.doc {
            self.report.unchanged += 1;
            return Ok(());
        }
        work.sync_metadata = Some(sync_metadata(item, before, now));
        // A later change here counts as the last one.
        let modified = if item.updated_at.0 > old.meta.modified_at {
            (item.updated_at.0, self.bot.clone())
        } else {
            (old.meta.modified_at, old.meta.modified_by.clone())
        };
        self.tx.update_as(old, work, Some(modified)).await?;
        self.report.updated += 1;
        Ok(())
    }

    /// Moves a work to the stage that corresponds to the item. If both are open, or both closed,
    /// the work stays in its stage.
    async fn stage(&mut self, item: &Item, work: &mut Work) -> Result<()> {
        let is_closed = item.state == State::Closed;
        let agrees = !work.stage.local().is_empty()
            && stages::state_of(self.tx, &work.stage).await?.doc.is_final == is_closed;
        if !agrees {
            let Stages { start, last } = self.stages().await?;
            let stage = if is_closed { closing(item, &last)? } else { start };
            works::enter_stage(self.tx, work, stage).await?;
        }
        if let Some(at) = item.closed_at.filter(|_| is_closed) {
            work.actual_close_date = Some(at.0);
        }
        Ok(())
    }

    async fn stages(&mut self) -> Result<Stages> {
        if let Some(stages) = &self.stages {
            return Ok(stages.clone());
        }
        let diagram = stages::diagram_for(self.tx, Kind::Issue.noun()).await?;
        let mut last = Vec::new();
        for node in diagram.doc.stages.iter().filter(|node| !node.is_deprecated) {
            if stages::state_of(self.tx, &node.stage).await?.doc.is_final
                && let Some(stage) = self.tx.find::<CustomStage>(&node.stage).await?
            {
                last.push((stage.doc.name, stage.meta.id));
            }
        }
        let stages = Stages { start: stages::start_stage(&diagram), last };
        self.stages = Some(stages.clone());
        Ok(stages)
    }
}

/// The final stage that says why the item was closed or, in a diagram of the org's own, the closest
/// one.
fn closing(item: &Item, last: &[(String, Id)]) -> Result<Id> {
    let name = match item.state_reason.as_deref() {
        Some("not_planned") => "wont_fix",
        Some("duplicate") => "duplicate",
        _ => "completed",
    };
    let named = |name: &str| last.iter().find(|(of, _)| of == name);
    let found = named(name).or_else(|| named("completed")).or_else(|| last.first());
    let none =
        || ApiError::bad_request("issues have no final stage here, so none can be closed; add one");
    Ok(found.ok_or_else(none)?.1.clone())
}

/// GitHub's data on a work.
struct Wanted {
    title: String,
    body: String,
    author: Option<Id>,
    owned_by: Vec<Id>,
    tags: Vec<Id>,
    sprint: Option<Id>,
}

impl Wanted {
    fn set(self, work: &mut Work) {
        let Self { title, body, author: _, owned_by, tags, sprint } = self;
        work.title = title;
        work.body = body;
        // The order of owners and tags has no meaning on GitHub, so it may be arranged here.
        let same_owners = work.owned_by.len() == owned_by.len()
            && owned_by.iter().all(|owner| work.owned_by.contains(owner));
        if !same_owners {
            work.owned_by = owned_by;
        }
        work.tags.retain(|on| tags.contains(&on.tag));
        for tag in tags {
            if work.tags.iter().all(|on| on.tag != tag) {
                work.tags.push(TagOn { tag, value: None });
            }
        }
        if let Variant::Issue(issue) = &mut work.variant {
            issue.sprint = sprint;
        }
    }
}

fn sync_metadata(item: &Item, before: Option<&SyncMetadata>, at: Timestamp) -> SyncMetadata {
    let record = if item.is_pull_request() { "pull_request" } else { "issue" };
    SyncMetadata {
        external_record_id: Some(item.number.to_string()),
        external_record_type: Some(record.to_owned()),
        external_reference: Some(item.html_url.clone()),
        last_sync_in: Some(Sync {
            status: Some(SyncStatus::Succeeded),
            sync_date: Some(at.to_string()),
        }),
        last_sync_out: before.and_then(|sync| sync.last_sync_out.clone()),
        origin_system: Some(ORIGIN.to_owned()),
    }
}

/// Parses `https://github.com/owner/name/issues/1`; other hosts are GitHub Enterprise.
fn home(url: &str) -> Result<Home<'_>> {
    let wrong = || {
        let message = format!(
            "html_url: {url:?} is no page of an issue, such as \
             https://github.com/owner/name/issues/1"
        );
        ApiError::invalid_field("html_url", message)
    };
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let segments: Vec<&str> = rest.unwrap_or_default().split('/').collect();
    let [host, owner, name, "issues" | "pull", number] = segments[..] else {
        return Err(wrong().into());
    };
    let is_short = url.chars().count() <= URL_MAX;
    let is_clean = url.chars().all(|letter| letter.is_ascii_graphic());
    let is_whole = [host, owner, name, number].iter().all(|segment| !segment.is_empty());
    if !(is_short && is_clean && is_whole) {
        return Err(wrong().into());
    }
    Ok(Home { host, repository: format!("{owner}/{name}") })
}

fn push<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}
