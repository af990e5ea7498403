//! Accounts: customer companies.

use serde::{Deserialize, Serialize};
use worksmith_engine::{Audience, One, Op, OpTable, PageOf, Tx};
use worksmith_kernel::search::{Facet, Search};
use worksmith_kernel::{
    Column, Cond, Expander, Name, OpCtx, Query, Reference, Resource, Result, Rewrite, Stored, lines,
};
use worksmith_wire::accounts::{
    self, CreateRequest, CreateResponse, DeleteRequest, ExportRequest, Filters, GetRequest,
    ListRequest, MergeRequest, UpdateRequest,
};
use worksmith_wire::common::{AccountSummary, Empty, TagId, UserId};
use worksmith_wire::{ApiError, Apply, Id, Kind, SortBy, Text, distinct};

use crate::customers::one_of_names;
use crate::rev_orgs::{self, RevOrg};
use crate::tagging::{self, TagOn};
use crate::{artifacts, merging};

/// The document of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// The name.
    pub display_name: String,
    /// A description.
    pub description: Option<String>,
    /// Its domains, besides those of its websites.
    pub domains: Vec<String>,
    /// Its web addresses.
    pub websites: Vec<String>,
    /// Its ids in other systems, unique in the org.
    pub external_refs: Vec<String>,
    /// The users who own it.
    pub owned_by: Vec<Id>,
    /// How important it is.
    pub tier: Option<String>,
    /// Its tags.
    pub tags: Vec<TagOn>,
    /// Its files.
    pub artifacts: Vec<Id>,
    /// The account that it was merged into.
    pub primary_account: Option<Id>,
}

const DISPLAY_NAME: Column<Account> =
    Column::text("display_name", |account: &Account| account.display_name.as_str().into()).sorted();
const TIER: Column<Account> =
    Column::text("tier", |account: &Account| account.tier.as_deref().into()).sorted();
const WEBSITES: Column<Account> = Column::text("websites", |account| lines(&account.websites));

const OWNED_BY: Reference<Account> =
    Reference::new("owned_by", |account, visit| account.owned_by.iter().for_each(visit));
const TAGS: Reference<Account> =
    Reference::new(tagging::TAGS, |account, visit| tagging::visit(&account.tags, visit));

/// What other systems know an account by.
pub const EXTERNAL_REF: Name<Account> =
    Name::new("account.external_ref", "external_refs", |account, claim| {
        account.external_refs.iter().for_each(|external_ref| claim(external_ref));
    });
/// The domains of accounts, in lower case.
pub const DOMAIN: Name<Account> = Name::new("account.domain", "domains", |account, claim| {
    account.all_domains().iter().for_each(|domain| claim(&domain.to_lowercase()));
});

impl Account {
    /// Its domains, including those of its websites.
    fn all_domains(&self) -> Vec<String> {
        let mut domains = self.domains.clone();
        for domain in self.websites.iter().filter_map(|website| domain_of(website)) {
            if !domains.iter().any(|there| there.to_lowercase() == domain) {
                domains.push(domain);
            }
        }
        domains
    }
}

/// The domain of a web address: `https://www.acme.io/about` is at `acme.io`.
fn domain_of(website: &str) -> Option<String> {
    let rest = website.split_once("://").map_or(website, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split(':').next().unwrap_or(host).to_lowercase();
    let domain = host.strip_prefix("www.").unwrap_or(&host);
    (!domain.is_empty()).then(|| domain.to_owned())
}

impl Resource for Account {
    const TABLE_NAME: &'static str = "accounts";
    const KINDS: &'static [Kind] = &[Kind::Account];
    const COLUMNS: &'static [Column<Self>] = &[DISPLAY_NAME, TIER, WEBSITES];
    const REFS: &'static [Reference<Self>] = &[
        OWNED_BY,
        TAGS,
        Reference::new("artifacts", |account, visit| account.artifacts.iter().for_each(visit)),
        Reference::new("primary_account", |account, visit| {
            account.primary_account.iter().for_each(visit);
        }),
    ];
    const NAMES: &'static [Name<Self>] = &[EXTERNAL_REF, DOMAIN];
    const SEARCH: Option<Search<Self>> = Some(
        Search::new("account", |account: &Self, say| say(&account.display_name))
            .texts(|account, say| {
                account.description.iter().for_each(|text| say(text));
                let others = account.domains.iter().chain(&account.websites);
                others.chain(&account.external_refs).for_each(|name| say(name));
            })
            .by(&[
                Facet::refs(&["owner", "owned_by"], OWNED_BY).to(UserId::KINDS),
                Facet::refs(&["tag", "tags"], TAGS).to(TagId::KINDS),
                Facet::column(&["tier"], TIER),
            ]),
    );
    const ONE: &'static str = "account";
    const MANY: &'static str = "accounts";
    const MERGED_INTO: Option<fn(&Self) -> Option<&Id>> =
        Some(|account| account.primary_account.as_ref());
    type Object = accounts::Account;
    type Summary = AccountSummary;

    fn visibility(cx: &OpCtx) -> Option<Cond<Self>> {
        let own = cx.actor.account.as_ref();
        let own = || own.map_or_else(Cond::never, |account| Cond::is(Column::ID, account));
        cx.actor.is_customer().then(own)
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> accounts::Account {
        let domains = stored.doc.all_domains();
        let Self {
            display_name,
            description,
            domains: _,
            websites,
            external_refs,
            owned_by,
            tier,
            tags,
            artifacts,
            primary_account,
        } = stored.doc.clone();
        accounts::Account {
            head: x.base(&stored.meta),
            display_name,
            description,
            domains,
            external_refs,
            owned_by: x.embed_all(&owned_by),
            primary_account: x.embed_opt(primary_account.as_ref()),
            tier,
            websites,
            tags: tagging::render(&tags, x),
            artifacts: x.embed_all(&artifacts),
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> AccountSummary {
        let display_name = Some(stored.doc.display_name.clone());
        AccountSummary { head: x.atom(stored.id()), display_name }
    }
}

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<Account>();
    table.follow(artifacts::follow::<Account>);
    table.add(Op::create("accounts.create", "account"), create);
    table.add(Op::read("accounts.get", "account").audience(Audience::Everyone), get);
    table.add(Op::read("accounts.list", "account").audience(Audience::Everyone), list);
    table.add(Op::read("accounts.export", "account"), export);
    table.add(Op::write("accounts.update", "account"), update);
    table.add(Op::write("accounts.delete", "account"), delete);
    table.add(Op::write("accounts.merge", "account"), merge);
    table.feed::<Account>("accounts.get");
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<CreateResponse> {
    let CreateRequest {
        display_name,
        description,
        domains,
        external_refs,
        owned_by,
        tier,
        websites,
        tags,
        artifacts: files,
        schema_fragment_ids,
        mut customization,
    } = request;
    customization.custom_schema_fragments.extend(schema_fragment_ids);
    customization.refuse()?;
    let id = Id::new(Kind::Account, tx.cx().opaque(8));
    let don = tx.cx().don(&id);
    let mut external_refs = distinct(external_refs);
    if external_refs.is_empty() {
        external_refs.push(don.clone());
    }
    let account = Account {
        display_name: display_name.into(),
        description: description.map(Into::into),
        domains: domains_of(domains),
        websites: websites_of(websites)?,
        external_refs,
        owned_by: distinct(owned_by),
        tier: tier.map(Into::into),
        tags: tagging::resolve(tx, tags, &[]).await?,
        artifacts: distinct(files),
        primary_account: None,
    };
    let workspace = RevOrg::default_of(id.clone(), account.display_name.clone(), don);
    let account = tx.insert_with_id(id, account).await?;
    let workspace = tx.insert(Kind::RevOrg, workspace).await?;
    let default_rev_org = tx.shown(&workspace).await?;
    let One(account) = tx.one(&account).await?;
    Ok(CreateResponse { account, default_rev_org })
}

/// The domains, without repetitions, ignoring case.
fn domains_of(domains: Vec<Text<1, 256>>) -> Vec<String> {
    let mut once: Vec<String> = Vec::with_capacity(domains.len());
    for Text(domain) in domains {
        if !once.iter().any(|there| there.to_lowercase() == domain.to_lowercase()) {
            once.push(domain);
        }
    }
    once
}

fn websites_of(websites: Vec<Text<1, 2048>>) -> Result<Vec<String>> {
    let websites: Vec<String> = distinct(websites);
    match websites.iter().find(|website| domain_of(website).is_none()) {
        None => Ok(websites),
        Some(website) => {
            let message = format!("websites: {website:?} has no host");
            Err(ApiError::not_permitted("websites", message).into())
        }
    }
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<Account>> {
    tx.show::<Account>(&request.id).await
}

async fn query(tx: &mut Tx, filters: Filters, sort_by: &[SortBy]) -> Result<Query<Account>> {
    let Filters {
        created_by,
        created_date,
        modified_date,
        custom_fields: _,
        display_name,
        domains,
        external_refs,
        owned_by,
        stage,
        stage_name,
        subtype,
        tags,
        tier,
        websites,
    } = filters;
    let mut query = Query::new();
    query
        .one_of_ids(Column::CREATED_BY, created_by)
        .within(Column::CREATED_AT, created_date)
        .within(Column::MODIFIED_AT, modified_date)
        .one_of(DISPLAY_NAME, display_name)
        .refers_to(OWNED_BY, owned_by)
        .refers_to(TAGS, tags)
        .one_of(TIER, tier)
        .has_line(WEBSITES, websites)
        .sort_by(sort_by, &[("display_name", DISPLAY_NAME), ("tier", TIER)])?;
    one_of_names(tx, &mut query, EXTERNAL_REF, external_refs).await?;
    let domains = domains.into_iter().map(|domain| domain.to_lowercase()).collect();
    one_of_names(tx, &mut query, DOMAIN, domains).await?;
    // No account has a stage or a subtype yet.
    if !(stage.is_empty() && stage_name.is_empty() && subtype.is_empty()) {
        query.with(Cond::never());
    }
    Ok(query)
}

/// Whether a list with these filters includes an account.
pub async fn is_among(tx: &mut Tx, account: &Stored<Account>, filters: Filters) -> Result<bool> {
    query(tx, filters, &[]).await?.matches(account)
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<Account>> {
    let ListRequest { sort_by, filters, page } = request;
    let query = query(tx, filters, &sort_by).await?;
    tx.list(query, &page).await
}

/// How many accounts an export returns by default, and at most.
const EXPORT_DEFAULT: usize = 50;
const EXPORT_MAX: usize = 500;

async fn export(tx: &mut Tx, request: ExportRequest) -> Result<PageOf<Account>> {
    let ExportRequest { first, sort_by, filters } = request;
    let first = match first.map(usize::try_from) {
        None => EXPORT_DEFAULT,
        Some(Ok(first @ 1..=EXPORT_MAX)) => first,
        Some(_) => {
            let reason = format!("1 to {EXPORT_MAX}");
            let error = ApiError::not_permitted("first", format!("first takes {reason}"));
            return Err(error.with("reason", reason).into());
        }
    };
    let query = query(tx, filters, &sort_by).await?;
    let stored = tx.first::<Account>(&query, first).await?;
    tx.all(&stored).await
}

async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<Account>> {
    let UpdateRequest {
        id,
        display_name,
        description,
        domains,
        external_refs,
        owned_by,
        tier,
        websites,
        tags,
        artifacts: files,
        schema_fragment_ids,
        mut customization,
    } = request;
    customization.custom_schema_fragments.extend(schema_fragment_ids);
    customization.refuse()?;
    let old = tx.target::<Account>(&id).await?;
    let mut account = old.doc.clone();
    display_name.apply(&mut account.display_name);
    description.apply(&mut account.description);
    domains.map(domains_of).apply(&mut account.domains);
    external_refs.map(distinct).apply(&mut account.external_refs);
    owned_by.map(distinct).apply(&mut account.owned_by);
    tier.apply(&mut account.tier);
    if let Some(websites) = websites.set {
        account.websites = websites_of(websites)?;
    }
    tagging::replace(tx, &mut account.tags, tags).await?;
    files.apply(&mut account.artifacts);
    let stored = tx.update(old, account).await?;
    tx.one(&stored).await
}

/// Deletes an account and the default workspace that was created with it. Its other workspaces
/// stay.
async fn delete(tx: &mut Tx, request: DeleteRequest) -> Result<Empty> {
    let stored = tx.target::<Account>(&request.id).await?;
    if let Some(workspace) = rev_orgs::default_workspace(tx, stored.id()).await? {
        tx.delete(workspace).await?;
    }
    tx.delete(stored).await?;
    Ok(Empty {})
}

async fn merge(tx: &mut Tx, request: MergeRequest) -> Result<One<Account>> {
    let MergeRequest { primary_account, secondary_account } = request;
    let primary = tx.target::<Account>(&primary_account).await?;
    let secondary = tx.target::<Account>(&secondary_account).await?;
    let into = |account: &Stored<Account>| account.doc.primary_account.clone();
    merging::check(
        (primary.id(), into(&primary).as_ref()),
        (secondary.id(), into(&secondary).as_ref()),
    )?;
    tx.rely_on(&primary);
    let from = secondary.id().clone();
    // The primary account has a default workspace of its own.
    if let Some(workspace) = rev_orgs::default_workspace(tx, &from).await? {
        let doc = RevOrg { is_default: false, ..workspace.doc.clone() };
        tx.update(workspace, doc).await?;
    }
    let primary_account = Some(primary.id().clone());
    let doc = Account { primary_account, ..secondary.doc.clone() };
    tx.update(secondary, doc).await?;
    tx.cascade(&from, Rewrite::Lead(primary.id().clone())).await?;
    tx.one(&primary).await
}

#[cfg(test)]
mod tests {
    use super::domain_of;

    #[test]
    fn the_domain_of_a_web_address_is_its_host_without_www() {
        for (website, domain) in [
            ("www.acme.io", Some("acme.io")),
            ("https://www.ACME.io/about?x#y", Some("acme.io")),
            ("http://shop.acme.io:8080", Some("shop.acme.io")),
            ("https://user@acme.io", Some("acme.io")),
            ("acme.io", Some("acme.io")),
            ("https://", None),
            ("/about", None),
        ] {
            assert_eq!(domain_of(website).as_deref(), domain, "{website}");
        }
    }
}
