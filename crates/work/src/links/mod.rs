//! Links: what two objects have to do with each other.
//!
//! `rules.rs` says which types of link join what and which of them form trees, `check.rs` whether
//! one more link fits those that are there, and `custom.rs` the same for types of the org's own.
//! What a part belongs to and which parts an issue is developed with are kept in the part and the
//! issue; `views.rs` shows them as links. `merge.rs` merges tickets, `ends.rs` deletes the links of
//! deleted objects. The other files have an operation each.

mod check;
mod create;
mod custom;
mod delete;
mod ends;
mod list;
mod merge;
mod of_part;
mod replace;
mod rules;
mod views;

use serde::{Deserialize, Serialize};
use worksmith_engine::{Audience, One, Op, OpTable, Tx};
use worksmith_fields::custom_objects::CustomObject;
use worksmith_kernel::{Column, Expander, Name, Reference, Resource, Result, Stored};
use worksmith_org::accounts::Account;
use worksmith_wire::link_types::LinkType;
use worksmith_wire::links::{
    self, AccountEnd, BareEnd, CustomObjectEnd, GetRequest, LinkEnd, LinkSummary,
};
use worksmith_wire::{Id, Kind};

use self::views::View;
pub use self::views::{of_issue, of_part};

/// The document of a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What it says.
    pub link_type: LinkType,
    /// The type of the org's own that says what it says.
    pub custom_link_type: Option<Id>,
    /// Where it begins.
    pub source: Id,
    /// Where it ends.
    pub target: Id,
    /// The type and the ends that the link was given, as one text, which no second link is given.
    /// It stays when a merge leads an end elsewhere.
    pub triple: String,
}

/// The links that begin at an object.
const SOURCE: Reference<Link> = Reference::new("link.source", |link, visit| visit(&link.source));
/// The links that end at an object.
const TARGET: Reference<Link> = Reference::new("link.target", |link, visit| visit(&link.target));

/// Links of one type by one of their ends, so that a rule on them reads no others.
macro_rules! role {
    ($name:ident, $field:literal, $link_type:ident, $end:ident) => {
        const $name: Reference<Link> = Reference::new($field, |link: &Link, visit| {
            if link.link_type == LinkType::$link_type {
                visit(&link.$end);
            }
        });
    };
}

role!(PARENTS, "is_parent_of.child", IsParentOf, target);
role!(CHILDREN, "is_parent_of.parent", IsParentOf, source);
role!(PRIMARIES, "is_merged_into.secondary", IsMergedInto, source);
role!(SECONDARIES, "is_merged_into.primary", IsMergedInto, target);
role!(FOLLOWED, "is_follow_up_of.follower", IsFollowUpOf, source);
role!(FOLLOWERS, "is_follow_up_of.followed", IsFollowUpOf, target);
role!(CUSTOM_FROM, "custom_link.source", CustomLink, source);
role!(CUSTOM_TO, "custom_link.target", CustomLink, target);

const LINK_TYPE: Column<Link> =
    Column::text("link_type", |link: &Link| link.link_type.as_str().into()).carried();
const CUSTOM_TYPE: Column<Link> =
    Column::text("custom_link_type", |link: &Link| link.custom_link_type.as_ref().into());
const SOURCE_KIND: Column<Link> =
    Column::text("source_kind", |link: &Link| link.source.kind().noun().into());
const TARGET_KIND: Column<Link> =
    Column::text("target_kind", |link: &Link| link.target.kind().noun().into());

const TRIPLES: Name<Link> = Name::new("link.triple", "target", |link, claim| claim(&link.triple));

impl Resource for Link {
    const TABLE_NAME: &'static str = "links";
    const KINDS: &'static [Kind] = &[Kind::Link];
    const COLUMNS: &'static [Column<Self>] = &[LINK_TYPE, CUSTOM_TYPE, SOURCE_KIND, TARGET_KIND];
    const REFS: &'static [Reference<Self>] = &[
        SOURCE,
        TARGET,
        Reference::new("custom_link_type", |link, visit| {
            link.custom_link_type.iter().for_each(visit);
        }),
        PARENTS,
        CHILDREN,
        PRIMARIES,
        SECONDARIES,
        FOLLOWED,
        FOLLOWERS,
        CUSTOM_FROM,
        CUSTOM_TO,
    ];
    const NAMES: &'static [Name<Self>] = &[TRIPLES];
    const GOES_WITH: &'static [&'static str] = &[SOURCE.field(), TARGET.field()];
    const SEEN_WITH: &'static [&'static str] = Self::GOES_WITH;
    const ONE: &'static str = "link";
    const MANY: &'static str = "links";
    type Object = links::Link;
    type Summary = LinkSummary;

    fn summary_refs<'a>(stored: &'a Stored<Self>, visit: &mut dyn FnMut(&'a Id)) {
        visit(&stored.doc.source);
        visit(&stored.doc.target);
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> links::Link {
        let Self { link_type, custom_link_type, source, target, triple: _ } = &stored.doc;
        links::Link {
            head: x.base(&stored.meta),
            link_type: *link_type,
            custom_link_type: x.embed_opt(custom_link_type.as_ref()),
            source: end(source, x),
            target: end(target, x),
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> LinkSummary {
        LinkSummary {
            head: x.atom(stored.id()),
            link_type: stored.doc.link_type,
            source: end(&stored.doc.source, x),
            target: end(&stored.doc.target, x),
        }
    }
}

impl Link {
    /// A link that does not exist yet.
    fn new(link_type: LinkType, custom_link_type: Option<Id>, source: Id, target: Id) -> Self {
        let triple = match &custom_link_type {
            Some(own) => format!("{own} {source} {target}"),
            None => format!("{} {source} {target}", link_type.as_str()),
        };
        Self { link_type, custom_link_type, source, target, triple }
    }

    /// The same link with other ends.
    fn between(&self, source: Id, target: Id) -> Self {
        Self::new(self.link_type, self.custom_link_type.clone(), source, target)
    }
}

/// An end of a link as answers show it. Most summaries have a type; the others get one here.
fn end(id: &Id, x: &Expander) -> LinkEnd {
    let kind = id.kind().noun();
    let shown = match id.kind() {
        Kind::Issue | Kind::Ticket | Kind::Task | Kind::Opportunity => {
            x.embed(id).map(LinkEnd::Work)
        }
        Kind::Product
        | Kind::Capability
        | Kind::Feature
        | Kind::Enhancement
        | Kind::Runnable
        | Kind::Linkable => x.embed(id).map(LinkEnd::Part),
        Kind::DevUser | Kind::RevUser => x.embed(id).map(LinkEnd::User),
        Kind::RevOrg => x.embed(id).map(LinkEnd::RevOrg),
        Kind::Account => x.doc::<Account>(id).map(|stored| {
            LinkEnd::Account(Box::new(AccountEnd { kind, summary: Account::summary(stored, x) }))
        }),
        Kind::CustomObject => x.doc::<CustomObject>(id).map(|stored| {
            let summary = CustomObject::summary(stored, x);
            LinkEnd::CustomObject(Box::new(CustomObjectEnd { kind, summary }))
        }),
        _ => None,
    };
    shown.unwrap_or_else(|| LinkEnd::Bare(Box::new(BareEnd { kind, head: x.atom(id) })))
}

/// Registers the family. `parts.create` is here, because it makes links as well.
pub fn ops(table: &mut OpTable) {
    table.family::<Link>();
    ends::follow(table);
    let everyone = Audience::Everyone;
    table.add(Op::create("links.create", "link"), create::create);
    table.add(Op::read("links.get", "link").audience(everyone), get);
    table.feed::<Link>("links.get");
    table.add(Op::read("links.list", "link").audience(everyone), list::list);
    table.add(Op::create("links.replace", "link"), replace::replace);
    table.add(Op::write("links.delete", "link"), delete::delete);
    table.add(Op::create("parts.create", "part"), of_part::create);
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<Link>> {
    let Some(view) = View::of(&request.id) else {
        return tx.show::<Link>(&request.id).await;
    };
    match views::find(tx, &view).await? {
        Some(link) if tx.sees(&link).await? => tx.one(&link).await,
        _ => Err(views::none(tx, &request.id)),
    }
}
