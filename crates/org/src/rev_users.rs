//! Rev users: the contacts at customers.

use serde::{Deserialize, Serialize};
use worksmith_engine::{Audience, One, Op, OpTable, PageOf, Tx};
use worksmith_kernel::search::{Facet, Search};
use worksmith_kernel::{
    Column, Cond, Entropy, Expander, Name, OpCtx, Query, Reference, Resource, Result, Rewrite,
    Stored, lines,
};
use worksmith_wire::common::{AccountId, Empty, RevOrgId, TagId, UserState, UserSummary};
use worksmith_wire::rev_users::{
    self, CreateRequest, DeleteRequest, Filters, GetRequest, ListRequest, MergeRequest,
    PhoneNumber, ScanRequest, UpdateRequest,
};
use worksmith_wire::{ApiError, Apply, Id, Kind, PageRequest, SortBy, distinct};

use crate::customers::one_of_names;
use crate::groups::merge_members;
use crate::rev_orgs::{RevOrg, WITH_ACCOUNT};
use crate::tagging::{self, TagOn};
use crate::{artifacts, merging};

mod associations;

/// The document of a contact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RevUser {
    /// The name that others see.
    pub display_name: String,
    /// The email address, unique in the org.
    pub email: Option<String>,
    /// A description.
    pub description: Option<String>,
    /// The profile picture.
    pub display_picture: Option<Id>,
    /// The id in another system, unique in the org.
    pub external_ref: String,
    /// The other ids in other systems, unique too.
    pub external_refs: Vec<String>,
    /// The phone numbers in the E.164 form.
    pub phone_numbers: Vec<String>,
    /// The workspace.
    pub rev_org: Option<Id>,
    /// The account: that of the workspace, if there is one.
    pub account: Option<Id>,
    /// More accounts and workspaces.
    pub associations: Vec<Id>,
    /// Whether the contact's identity is verified.
    pub is_verified: bool,
    /// Whether the contact can act.
    pub state: UserState,
    /// The tags.
    pub tags: Vec<TagOn>,
    /// The files.
    pub artifacts: Vec<Id>,
    /// The contact that it was merged into.
    pub primary_identity: Option<Id>,
}

const DISPLAY_NAME: Column<RevUser> =
    Column::text("display_name", |user: &RevUser| user.display_name.as_str().into()).sorted();
/// The email address in lower case, because case is ignored.
const EMAIL: Column<RevUser> =
    Column::text("email", |user: &RevUser| user.email.as_deref().map(str::to_lowercase).into())
        .sorted();
const EXTERNAL_REF: Column<RevUser> =
    Column::text("external_ref", |user: &RevUser| user.external_ref.as_str().into()).sorted();
const REV_ORG: Column<RevUser> =
    Column::text(WITH_ACCOUNT.field, |user: &RevUser| user.rev_org.as_ref().into()).filter();
const ACCOUNT: Column<RevUser> =
    Column::text(WITH_ACCOUNT.member, |user: &RevUser| user.account.as_ref().into()).filter();
const IS_VERIFIED: Column<RevUser> = Column::integer("is_verified", |user| user.is_verified.into());
const PHONE_NUMBERS: Column<RevUser> =
    Column::text("phone_numbers", |user| lines(&user.phone_numbers));

const ASSOCIATIONS: Reference<RevUser> =
    Reference::new("associations", |user, visit| user.associations.iter().for_each(visit));
const TAGS: Reference<RevUser> =
    Reference::new(tagging::TAGS, |user, visit| tagging::visit(&user.tags, visit));

/// Email addresses, in lower case.
const EMAIL_ADDRESS: Name<RevUser> = Name::new("rev_user.email", "email", |user, claim| {
    user.email.iter().for_each(|email| claim(&email.to_lowercase()));
});
/// What other systems know a contact by.
pub const REFERENCE: Name<RevUser> =
    Name::new("rev_user.external_ref", "external_ref", |user, claim| {
        user.all_refs().iter().for_each(|external_ref| claim(external_ref));
    });

impl RevUser {
    /// All ids in other systems, the first one first.
    fn all_refs(&self) -> Vec<String> {
        let others = self.external_refs.iter().filter(|other| **other != self.external_ref);
        std::iter::once(&self.external_ref).chain(others).cloned().collect()
    }
}

impl Resource for RevUser {
    const TABLE_NAME: &'static str = "rev_users";
    const KINDS: &'static [Kind] = &[Kind::RevUser];
    const COLUMNS: &'static [Column<Self>] =
        &[DISPLAY_NAME, EMAIL, EXTERNAL_REF, REV_ORG, ACCOUNT, IS_VERIFIED, PHONE_NUMBERS];
    const REFS: &'static [Reference<Self>] = &[
        Reference::new("display_picture", |user, visit| {
            user.display_picture.iter().for_each(visit);
        }),
        Reference::new("rev_org", |user, visit| user.rev_org.iter().for_each(visit)),
        Reference::new("account", |user, visit| user.account.iter().for_each(visit)),
        ASSOCIATIONS,
        TAGS,
        Reference::new("artifacts", |user, visit| user.artifacts.iter().for_each(visit)),
        Reference::new("primary_identity", |user, visit| {
            user.primary_identity.iter().for_each(visit);
        }),
    ];
    const NAMES: &'static [Name<Self>] = &[EMAIL_ADDRESS, REFERENCE];
    const SEARCH: Option<Search<Self>> = Some(
        Search::new("user", |user: &Self, say| {
            say(&user.display_name);
            user.email.iter().for_each(|email| say(email));
        })
        .texts(|user, say| {
            user.description.iter().for_each(|text| say(text));
            user.phone_numbers.iter().for_each(|number| say(number));
            user.all_refs().iter().for_each(|external_ref| say(external_ref));
        })
        .by(&[
            Facet::refs(&["tag", "tags"], TAGS).to(TagId::KINDS),
            Facet::column(&["account"], ACCOUNT).to(AccountId::KINDS),
            Facet::column(&["rev_org", "workspace"], REV_ORG).to(RevOrgId::KINDS),
        ]),
    );
    const ONE: &'static str = "rev_user";
    const MANY: &'static str = "rev_users";
    const MERGED_INTO: Option<fn(&Self) -> Option<&Id>> =
        Some(|user| user.primary_identity.as_ref());
    type Object = rev_users::RevUser;
    type Summary = UserSummary;

    fn summary_refs<'a>(stored: &'a Stored<Self>, visit: &mut dyn FnMut(&'a Id)) {
        stored.doc.display_picture.iter().chain(&stored.doc.rev_org).for_each(visit);
    }

    fn visibility(cx: &OpCtx) -> Option<Cond<Self>> {
        cx.actor.is_customer().then(|| Cond::is(Column::ID, &cx.actor.id))
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> rev_users::RevUser {
        let external_refs = stored.doc.all_refs();
        let Self {
            display_name,
            email,
            description,
            display_picture,
            external_ref,
            external_refs: _,
            phone_numbers,
            rev_org,
            account: _,
            associations: _,
            is_verified,
            state,
            tags,
            artifacts,
            primary_identity,
        } = stored.doc.clone();
        rev_users::RevUser {
            head: x.base(&stored.meta),
            display_name,
            email,
            description,
            display_picture: x.embed_opt(display_picture.as_ref()),
            external_ref,
            external_refs,
            is_verified,
            phone_numbers,
            primary_identity: x.embed_opt(primary_identity.as_ref()),
            rev_org: x.embed_opt(rev_org.as_ref()),
            state,
            tags: tagging::render(&tags, x),
            artifacts: x.embed_all(&artifacts),
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> UserSummary {
        let doc = &stored.doc;
        UserSummary {
            display_name: Some(doc.display_name.clone()),
            email: doc.email.clone(),
            display_picture: x.embed_opt(doc.display_picture.as_ref()),
            external_ref: Some(doc.external_ref.clone()),
            rev_org: x.embed_opt(doc.rev_org.as_ref()),
            ..crate::users::summary(stored, x, doc.state)
        }
    }
}

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<RevUser>();
    table.follow(artifacts::follow::<RevUser>);
    table.add(Op::create("rev-users.create", "rev_user"), create);
    table.add(Op::read("rev-users.get", "rev_user").audience(Audience::Everyone), get);
    table.add(Op::read("rev-users.list", "rev_user").audience(Audience::Everyone), list);
    table.add(Op::read("rev-users.scan", "rev_user"), scan);
    table.add(Op::write("rev-users.update", "rev_user"), update);
    table.add(Op::write("rev-users.delete", "rev_user"), delete);
    table.add(Op::write("rev-users.merge", "rev_user"), merge);
    associations::ops(table);
    table.feed::<RevUser>("rev-users.get");
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<RevUser>> {
    let CreateRequest {
        display_name,
        description,
        display_picture,
        email,
        external_ref,
        external_refs,
        phone_numbers,
        rev_org,
        account,
        tags,
        artifacts: files,
        customization,
    } = request;
    customization.refuse()?;
    let rev_org: Option<Id> = rev_org.map(Into::into);
    let account = account_of(tx, rev_org.as_ref(), account.map(Into::into)).await?;
    let id = Id::numbered(Kind::RevUser, tx.number(Kind::RevUser).await?);
    let external_refs = distinct(external_refs);
    let external_ref = match external_ref.map(String::from).or(external_refs.first().cloned()) {
        Some(external_ref) => external_ref,
        None => own_reference(tx, &id).await?,
    };
    let display_name = display_name.map_or_else(|| unknown(tx.cx().entropy.as_ref()), String::from);
    let rev_user = RevUser {
        display_name,
        email: email.map(Into::into),
        description: description.map(Into::into),
        display_picture: display_picture.map(Into::into),
        external_ref,
        external_refs,
        phone_numbers: numbers(phone_numbers),
        rev_org,
        account,
        associations: Vec::new(),
        is_verified: !tx.cx().actor.is_customer(),
        state: UserState::Active,
        tags: tagging::resolve(tx, tags, &[]).await?,
        artifacts: distinct(files),
        primary_identity: None,
    };
    let stored = tx.insert_with_id(id, rev_user).await?;
    tx.one(&stored).await
}

/// The account of a contact: that of the workspace, or the one that the request names.
async fn account_of(tx: &mut Tx, rev_org: Option<&Id>, account: Option<Id>) -> Result<Option<Id>> {
    let Some(rev_org) = rev_org else { return Ok(account) };
    // Whether the workspace exists is checked together with all references.
    let Some(workspace) = tx.find::<RevOrg>(rev_org).await? else { return Ok(account) };
    tx.rely_on(&workspace);
    let of_workspace = workspace.doc.account;
    let account = match account {
        Some(account) => Some(tx.primary(&account).await?),
        None => None,
    };
    match account {
        Some(account) if account != of_workspace => {
            let name = |id: &Id| id.display_id().unwrap_or_else(|| id.to_string());
            let message = format!(
                "account: the workspace {} belongs to {}",
                name(rev_org),
                name(&of_workspace)
            );
            Err(ApiError::not_permitted("account", message).into())
        }
        // If an account was deleted, the workspace only has its summary.
        _ => Ok(tx.find::<crate::accounts::Account>(&of_workspace).await?.map(|a| a.meta.id)),
    }
}

/// The reference of a contact that was given none: the display id, or a random text if that is
/// taken.
async fn own_reference(tx: &mut Tx, id: &Id) -> Result<String> {
    let own = id.display_id().unwrap_or_default();
    match tx.find_name(REFERENCE, &own).await? {
        None => Ok(own),
        Some(_) => Ok(tx.cx().opaque(20)),
    }
}

/// A readable name for a contact without one: `Unknown Heron4821`.
fn unknown(entropy: &dyn Entropy) -> String {
    const NAMES: [&str; 16] = [
        "Avocet", "Bittern", "Curlew", "Dunlin", "Egret", "Finch", "Grebe", "Heron", "Ibis",
        "Jacana", "Kestrel", "Linnet", "Merlin", "Nuthatch", "Osprey", "Plover",
    ];
    let mut chance = [0_u8; 3];
    entropy.fill(&mut chance);
    let [name, high, low] = chance;
    let name = NAMES[usize::from(name) % NAMES.len()];
    format!("Unknown {name}{:04}", u16::from_be_bytes([high, low]) % 10_000)
}

/// The numbers in their order, without repetitions.
pub fn numbers(numbers: Vec<PhoneNumber>) -> Vec<String> {
    let mut once = Vec::with_capacity(numbers.len());
    for PhoneNumber(number) in numbers {
        if !once.contains(&number) {
            once.push(number);
        }
    }
    once
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<RevUser>> {
    tx.show::<RevUser>(&request.id).await
}

async fn query(tx: &mut Tx, filters: Filters, sort_by: &[SortBy]) -> Result<Query<RevUser>> {
    let Filters {
        associations,
        created_by,
        created_date,
        modified_date,
        custom_fields: _,
        email,
        external_ref,
        external_refs,
        is_verified,
        phone_numbers,
        rev_org,
        tags,
    } = filters;
    let mut query = Query::new();
    query
        .one_of_ids(Column::CREATED_BY, created_by)
        .within(Column::CREATED_AT, created_date)
        .within(Column::MODIFIED_AT, modified_date)
        .is(IS_VERIFIED, is_verified)
        .has_line(PHONE_NUMBERS, phone_numbers.into_iter().map(|number| number.0).collect())
        .one_of_ids(REV_ORG, rev_org)
        .refers_to(TAGS, tags)
        .sort_by(
            sort_by,
            &[
                ("display_name", DISPLAY_NAME),
                ("display_id", Column::SEQ),
                ("email", EMAIL),
                ("external_ref", EXTERNAL_REF),
            ],
        )?;
    if !associations.is_empty() {
        let associations: Vec<Id> = associations.into_iter().map(Into::into).collect();
        query.with(Cond::any([
            Cond::one_of(ACCOUNT, &associations),
            Cond::one_of(REV_ORG, &associations),
            Cond::refers_to(ASSOCIATIONS, associations),
        ]));
    }
    let emails = email.iter().map(|email| email.to_lowercase()).collect();
    one_of_names(tx, &mut query, EMAIL_ADDRESS, emails).await?;
    one_of_names(tx, &mut query, REFERENCE, external_ref).await?;
    one_of_names(tx, &mut query, REFERENCE, external_refs).await?;
    Ok(query)
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<RevUser>> {
    let ListRequest { sort_by, filters, page } = request;
    let query = query(tx, filters, &sort_by).await?;
    tx.list(query, &page).await
}

/// How many contacts each page of a scan has.
const SCAN_PAGE: i64 = 100;

async fn scan(tx: &mut Tx, request: ScanRequest) -> Result<PageOf<RevUser>> {
    let ScanRequest { cursor, filters } = request;
    let query = query(tx, filters, &[]).await?;
    let page = PageRequest { cursor, limit: Some(SCAN_PAGE), mode: None };
    let page = tx.list(query, &page).await?;
    Ok(PageOf { prev_cursor: None, ..page })
}

async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<RevUser>> {
    let UpdateRequest {
        id,
        display_name,
        description,
        display_picture,
        email,
        external_ref,
        external_refs,
        phone_numbers,
        tags,
        artifacts: files,
        customization,
    } = request;
    customization.refuse()?;
    let old = tx.target::<RevUser>(&id).await?;
    let mut rev_user = old.doc.clone();
    display_name.apply(&mut rev_user.display_name);
    description.apply(&mut rev_user.description);
    display_picture.apply(&mut rev_user.display_picture);
    email.apply(&mut rev_user.email);
    if let Some(external_refs) = external_refs {
        rev_user.external_refs = distinct(external_refs);
        // The first one stays if it can, because a contact always has one.
        if let Some(first) = rev_user.external_refs.first()
            && !rev_user.external_refs.contains(&rev_user.external_ref)
        {
            rev_user.external_ref = first.clone();
        }
    }
    if let Some(external_ref) = external_ref {
        let new = external_ref.into();
        let old = std::mem::replace(&mut rev_user.external_ref, new);
        rev_user.external_refs.retain(|other| *other != old);
    }
    phone_numbers.map(numbers).apply(&mut rev_user.phone_numbers);
    tagging::replace(tx, &mut rev_user.tags, tags).await?;
    files.apply(&mut rev_user.artifacts);
    let stored = tx.update(old, rev_user).await?;
    tx.one(&stored).await
}

/// Deletes a contact. Its last summary, which others keep showing, says that it is deleted.
async fn delete(tx: &mut Tx, request: DeleteRequest) -> Result<Empty> {
    let stored = tx.target::<RevUser>(&request.id).await?;
    let doc = RevUser { state: UserState::Deleted, ..stored.doc.clone() };
    let stored = tx.update(stored, doc).await?;
    tx.delete(stored).await?;
    Ok(Empty {})
}

async fn merge(tx: &mut Tx, request: MergeRequest) -> Result<Empty> {
    let MergeRequest { primary_user, secondary_user } = request;
    let primary = tx.target::<RevUser>(&primary_user).await?;
    let secondary = tx.target::<RevUser>(&secondary_user).await?;
    merging::check(
        (primary.id(), primary.doc.primary_identity.as_ref()),
        (secondary.id(), secondary.doc.primary_identity.as_ref()),
    )?;
    tx.rely_on(&primary);
    let (to, from) = (primary.id().clone(), secondary.id().clone());
    merge_members(tx, &to, &from).await?;
    let primary_identity = Some(to.clone());
    let doc = RevUser { primary_identity, ..secondary.doc.clone() };
    tx.update(secondary, doc).await?;
    tx.cascade(&from, Rewrite::Lead(to)).await?;
    Ok(Empty {})
}
