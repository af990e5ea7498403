//! Rev orgs: the workspaces of customers.

use serde::{Deserialize, Serialize};
use worksmith_engine::{Audience, One, Op, OpTable, PageOf, Tx};
use worksmith_kernel::search::{Facet, Search};
use worksmith_kernel::{
    Beside, Column, Cond, Expander, Name, OpCtx, Query, Reference, Resource, Result, Stored,
};
use worksmith_wire::common::{AccountId, Empty, OrgSummary, TagId};
use worksmith_wire::rev_orgs::{
    self, CreateRequest, DeleteRequest, GetRequest, ListRequest, OrgEnvironment, UpdateRequest,
};
use worksmith_wire::{ApiError, Apply, Id, Kind, distinct};

use crate::artifacts;
use crate::customers::refuse_custom_fields;
use crate::tagging::{self, TagOn};

/// The document of a workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RevOrg {
    /// The account that it belongs to.
    pub account: Id,
    /// Whether it was created with the account.
    pub is_default: bool,
    /// The name.
    pub display_name: String,
    /// A description.
    pub description: Option<String>,
    /// The domain of the company.
    pub domain: Option<String>,
    /// What it is for.
    pub environment: OrgEnvironment,
    /// Its id in another system, unique in the org.
    pub external_ref: String,
    /// How important it is.
    pub tier: Option<String>,
    /// Its tags.
    pub tags: Vec<TagOn>,
    /// Its files.
    pub artifacts: Vec<Id>,
    /// The SLA that is assigned to it. Answers don't show it.
    #[serde(default)]
    pub sla: Option<Id>,
}

/// Contacts and tickets of a workspace keep its account beside it.
pub const WITH_ACCOUNT: Beside = Beside { field: "rev_org", member: "account" };

const ACCOUNT: Column<RevOrg> =
    Column::text("account", |rev_org: &RevOrg| (&rev_org.account).into()).filter();
const IS_DEFAULT: Column<RevOrg> =
    Column::integer("is_default", |rev_org| rev_org.is_default.into());
const DISPLAY_NAME: Column<RevOrg> =
    Column::text("display_name", |rev_org: &RevOrg| rev_org.display_name.as_str().into()).sorted();
const EXTERNAL_REF: Column<RevOrg> =
    Column::text("external_ref", |rev_org: &RevOrg| rev_org.external_ref.as_str().into()).sorted();
const DOMAIN: Column<RevOrg> = Column::text("domain", |rev_org| rev_org.domain.as_deref().into());

const TAGS: Reference<RevOrg> =
    Reference::new(tagging::TAGS, |rev_org, visit| tagging::visit(&rev_org.tags, visit));

/// What other systems know a workspace by.
pub const REFERENCE: Name<RevOrg> =
    Name::new("rev_org.external_ref", "external_ref", |rev_org, claim| {
        claim(&rev_org.external_ref);
    });

impl RevOrg {
    /// The default workspace of an account with this name. Its external reference is `don`, that of
    /// the account.
    pub fn default_of(account: Id, display_name: String, don: String) -> Self {
        Self {
            account,
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
        }
    }
}

impl Resource for RevOrg {
    const TABLE_NAME: &'static str = "rev_orgs";
    const KINDS: &'static [Kind] = &[Kind::RevOrg];
    const COLUMNS: &'static [Column<Self>] =
        &[ACCOUNT, IS_DEFAULT, DISPLAY_NAME, EXTERNAL_REF, DOMAIN];
    const REFS: &'static [Reference<Self>] = &[
        Reference::new("account", |rev_org, visit| visit(&rev_org.account)),
        TAGS,
        Reference::new("artifacts", |rev_org, visit| rev_org.artifacts.iter().for_each(visit)),
        Reference::new("sla", |rev_org, visit| rev_org.sla.iter().for_each(visit)),
    ];
    const NAMES: &'static [Name<Self>] = &[REFERENCE];
    const SEARCH: Option<Search<Self>> = Some(
        Search::new("org", |rev_org: &Self, say| say(&rev_org.display_name))
            .texts(|rev_org, say| {
                rev_org.description.iter().for_each(|text| say(text));
                rev_org.domain.iter().for_each(|domain| say(domain));
                say(&rev_org.external_ref);
            })
            .by(&[
                Facet::refs(&["tag", "tags"], TAGS).to(TagId::KINDS),
                Facet::column(&["account"], ACCOUNT).to(AccountId::KINDS),
            ]),
    );
    const ONE: &'static str = "rev_org";
    const MANY: &'static str = "rev_orgs";
    type Object = rev_orgs::RevOrg;
    type Summary = OrgSummary;

    fn visibility(cx: &OpCtx) -> Option<Cond<Self>> {
        let own = cx.actor.rev_org.as_ref();
        let own = || own.map_or_else(Cond::never, |rev_org| Cond::is(Column::ID, rev_org));
        cx.actor.is_customer().then(own)
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> rev_orgs::RevOrg {
        let Self {
            account,
            is_default: _,
            display_name,
            description,
            domain,
            environment,
            external_ref,
            tier,
            tags,
            artifacts,
            sla: _,
        } = stored.doc.clone();
        rev_orgs::RevOrg {
            head: x.base(&stored.meta),
            display_name,
            account: x.embed(&account),
            description,
            domain,
            environment,
            external_ref,
            tier,
            tags: tagging::render(&tags, x),
            artifacts: x.embed_all(&artifacts),
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> OrgSummary {
        let display_name = Some(stored.doc.display_name.clone());
        OrgSummary { kind: "rev_org", head: x.atom(stored.id()), display_name }
    }
}

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<RevOrg>();
    table.follow(artifacts::follow::<RevOrg>);
    table.add(Op::create("rev-orgs.create", "rev_org"), create);
    table.add(Op::read("rev-orgs.get", "rev_org").audience(Audience::Everyone), get);
    table.add(Op::read("rev-orgs.list", "rev_org").audience(Audience::Everyone), list);
    table.add(Op::write("rev-orgs.update", "rev_org"), update);
    table.add(Op::write("rev-orgs.delete", "rev_org"), delete);
    table.feed::<RevOrg>("rev-orgs.get");
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<RevOrg>> {
    let CreateRequest {
        account,
        display_name,
        description,
        domain,
        environment,
        external_ref,
        tier,
        tags,
        artifacts: files,
        customization,
    } = request;
    customization.refuse()?;
    let id = Id::new(Kind::RevOrg, tx.cx().opaque(8));
    let rev_org = RevOrg {
        account: account.into(),
        is_default: false,
        display_name: display_name.into(),
        description: description.map(Into::into),
        domain: domain.map(Into::into),
        environment: environment.unwrap_or(OrgEnvironment::Production),
        external_ref: external_ref.map_or_else(|| tx.cx().don(&id), Into::into),
        tier: tier.map(Into::into),
        tags: tagging::resolve(tx, tags, &[]).await?,
        artifacts: distinct(files),
        sla: None,
    };
    let stored = tx.insert_with_id(id, rev_org).await?;
    tx.one(&stored).await
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<RevOrg>> {
    let GetRequest { id, account } = request;
    let id = match (id, account) {
        (Some(id), None) => id.into(),
        (None, Some(account)) => {
            let Some(stored) = default_workspace(tx, &account).await? else {
                let name = account.display_id().unwrap_or_default();
                let message = format!("there is no default workspace of {name}");
                return Err(ApiError::not_found(message).into());
            };
            stored.meta.id
        }
        (None, None) => return Err(ApiError::missing("id").into()),
        (Some(_), Some(_)) => {
            let message = "rev-orgs.get takes either id or account";
            return Err(ApiError::bad_request(message).into());
        }
    };
    let stored = tx.target::<RevOrg>(&id).await?;
    tx.one(&stored).await
}

/// The default workspace of an account, in the stored state.
pub async fn default_workspace(tx: &mut Tx, account: &Id) -> Result<Option<Stored<RevOrg>>> {
    let mut query = Query::new();
    query.with(Cond::is(ACCOUNT, account)).with(Cond::is(IS_DEFAULT, true));
    Ok(tx.first::<RevOrg>(&query, 1).await?.pop())
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<RevOrg>> {
    let ListRequest {
        account,
        created_by,
        created_date,
        modified_date,
        custom_field_filter,
        custom_fields: _,
        display_name,
        external_ref,
        external_refs,
        domains,
        owned_by,
        tags,
        sort_by,
        page,
    } = request;
    refuse_custom_fields(&custom_field_filter)?;
    let mut query = Query::new();
    query
        .one_of_ids(ACCOUNT, account)
        .one_of_ids(Column::CREATED_BY, created_by)
        .within(Column::CREATED_AT, created_date)
        .within(Column::MODIFIED_AT, modified_date)
        .one_of(DISPLAY_NAME, display_name)
        .one_of(EXTERNAL_REF, external_ref)
        .one_of(EXTERNAL_REF, external_refs)
        .one_of(DOMAIN, domains)
        .refers_to(TAGS, tags)
        .sort_by(&sort_by, &[("display_name", DISPLAY_NAME), ("external_ref", EXTERNAL_REF)])?;
    if !owned_by.is_empty() {
        query.with(Cond::never());
    }
    tx.list(query, &page).await
}

async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<RevOrg>> {
    let UpdateRequest {
        id,
        account,
        display_name,
        description,
        domain,
        environment,
        external_ref,
        tier,
        tags,
        artifacts: files,
        customization,
    } = request;
    customization.refuse()?;
    let old = tx.target::<RevOrg>(&id).await?;
    let mut rev_org = old.doc.clone();
    account.apply(&mut rev_org.account);
    display_name.apply(&mut rev_org.display_name);
    description.apply(&mut rev_org.description);
    domain.apply(&mut rev_org.domain);
    environment.apply(&mut rev_org.environment);
    external_ref.apply(&mut rev_org.external_ref);
    tier.apply(&mut rev_org.tier);
    tagging::replace(tx, &mut rev_org.tags, tags).await?;
    files.apply(&mut rev_org.artifacts);
    let moves = rev_org.account != old.doc.account;
    if moves && rev_org.is_default {
        let message = "the default workspace of an account can't move to another account";
        return Err(ApiError::bad_request(message).at("account").into());
    }
    let stored = tx.update(old, rev_org).await?;
    if moves {
        // Contacts and tickets of the workspace go with it to its account.
        let value = stored.doc.account.to_string();
        tx.cascade(stored.id(), WITH_ACCOUNT.becomes(value)).await?;
    }
    tx.one(&stored).await
}

async fn delete(tx: &mut Tx, request: DeleteRequest) -> Result<Empty> {
    let stored = tx.target::<RevOrg>(&request.id).await?;
    if stored.doc.is_default && tx.is_there(&stored.doc.account).await? {
        let message = "the default workspace of an account goes only with the account";
        return Err(ApiError::bad_request(message).into());
    }
    tx.delete(stored).await?;
    Ok(Empty {})
}
