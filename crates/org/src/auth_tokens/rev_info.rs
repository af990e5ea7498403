//! Sessions of contacts: an application says who its visitor is, and the contact, its workspace and
//! its account are found by their references, or created.

use worksmith_engine::Tx;
use worksmith_kernel::{Result, Stored};
use worksmith_wire::auth_tokens::{AccountTraits, OrgTraits, RevInfo, TokenType, UserTraits};
use worksmith_wire::common::UserState;
use worksmith_wire::rev_orgs::OrgEnvironment;
use worksmith_wire::{ApiError, Apply, Id, Kind, distinct};

use crate::accounts::{self, Account};
use crate::rev_orgs::{self, RevOrg};
use crate::rev_users::{self, RevUser};
use crate::tokens::Token;

/// Finds or creates the contact that the application describes.
pub(super) async fn contact(tx: &mut Tx, info: RevInfo) -> Result<Id> {
    check_caller(tx).await?;
    let RevInfo {
        account_ref,
        account_traits,
        org_ref,
        org_traits,
        user_id,
        user_ref,
        user_traits,
        workspace_ref,
        workspace_traits,
    } = info;
    if user_id.is_none() && user_ref.is_none() {
        return Err(ApiError::missing("rev_info.user_ref").into());
    }
    let account = match account_ref {
        Some(reference) => Some(account(tx, reference.into(), account_traits).await?),
        None => None,
    };
    let traits = workspace_traits.or(org_traits);
    let workspace = match workspace_ref.or(org_ref) {
        Some(reference) => Some(workspace(tx, reference.into(), account.as_ref(), traits).await?),
        None => None,
    };
    let place = Place {
        account: workspace.as_ref().map(|place| place.doc.account.clone()).or(account),
        rev_org: workspace.map(|workspace| workspace.meta.id),
    };
    let user = match (user_id, &user_ref) {
        (Some(id), _) => {
            let primary = tx.primary(&id).await?;
            let known = tx.find::<RevUser>(&primary).await?;
            let name = id.display_id().unwrap_or_default();
            let message = format!("rev_info.user_id: there is no {name}");
            Some(known.ok_or_else(|| ApiError::invalid_id("rev_info.user_id", message))?)
        }
        (None, Some(reference)) => match tx.find_name(rev_users::REFERENCE, reference).await? {
            Some(id) => tx.find::<RevUser>(&id).await?,
            None => None,
        },
        (None, None) => None,
    };
    let user = match user {
        Some(user) => user,
        None => new_user(tx, user_ref.map(String::from).unwrap_or_default()).await?,
    };
    apply(tx, user, place, user_traits).await
}

/// Where a contact belongs.
struct Place {
    account: Option<Id>,
    rev_org: Option<Id>,
}

/// Only an application or an admin may issue sessions of contacts.
async fn check_caller(tx: &mut Tx) -> Result<()> {
    let actor = tx.cx().actor.clone();
    let token = match &actor.token {
        Some(id) => tx.find::<Token>(id).await?,
        None => None,
    };
    let kinds = [TokenType::Aat, TokenType::AatActAs];
    if actor.is_admin || token.is_some_and(|token| kinds.contains(&token.doc.token_type)) {
        return Ok(());
    }
    Err(ApiError::forbidden("rev_info is for application access tokens and for admins").into())
}

async fn account(tx: &mut Tx, reference: String, traits: Option<AccountTraits>) -> Result<Id> {
    let (name, domains) = match traits {
        Some(AccountTraits { custom_fields: _, display_name, domains }) => {
            (display_name.map(String::from), distinct(domains))
        }
        None => (None, Vec::new()),
    };
    let known = match tx.find_name(accounts::EXTERNAL_REF, &reference).await? {
        Some(id) => tx.find::<Account>(&id).await?,
        None => None,
    };
    let Some(old) = known else { return new_account(tx, reference, name, domains).await };
    let mut account = old.doc.clone();
    name.apply(&mut account.display_name);
    for domain in domains {
        if !account.domains.iter().any(|there| there.to_lowercase() == domain.to_lowercase()) {
            account.domains.push(domain);
        }
    }
    Ok(tx.update(old, account).await?.meta.id)
}

async fn new_account(
    tx: &mut Tx,
    reference: String,
    name: Option<String>,
    domains: Vec<String>,
) -> Result<Id> {
    let id = Id::new(Kind::Account, tx.cx().opaque(8));
    let account = Account {
        display_name: name.unwrap_or_else(|| reference.clone()),
        description: None,
        domains,
        websites: Vec::new(),
        external_refs: vec![reference],
        owned_by: Vec::new(),
        tier: None,
        tags: Vec::new(),
        artifacts: Vec::new(),
        primary_account: None,
    };
    let workspace = RevOrg::default_of(id.clone(), account.display_name.clone(), tx.cx().don(&id));
    tx.insert_with_id(id.clone(), account).await?;
    tx.insert(Kind::RevOrg, workspace).await?;
    Ok(id)
}

async fn workspace(
    tx: &mut Tx,
    reference: String,
    account: Option<&Id>,
    traits: Option<OrgTraits>,
) -> Result<Stored<RevOrg>> {
    let known = match tx.find_name(rev_orgs::REFERENCE, &reference).await? {
        Some(id) => tx.find::<RevOrg>(&id).await?,
        None => None,
    };
    let old = match known {
        Some(old) => {
            if account.is_some_and(|account| *account != old.doc.account) {
                let message = format!("the workspace {reference:?} belongs to another account");
                return Err(ApiError::conflict(message).at("rev_info.workspace_ref").into());
            }
            old
        }
        None => new_workspace(tx, reference, account).await?,
    };
    let Some(traits) = traits else { return Ok(old) };
    // Workspaces store no phone numbers.
    let OrgTraits { custom_fields: _, description, display_name, domain, phone_numbers: _, tier } =
        traits;
    let mut workspace = old.doc.clone();
    description.apply(&mut workspace.description);
    display_name.apply(&mut workspace.display_name);
    domain.apply(&mut workspace.domain);
    tier.apply(&mut workspace.tier);
    tx.update(old, workspace).await
}

/// A workspace always belongs to an account. If the application names none, an account with the
/// same reference is created.
async fn new_workspace(
    tx: &mut Tx,
    reference: String,
    account: Option<&Id>,
) -> Result<Stored<RevOrg>> {
    let account = match account {
        Some(account) => account.clone(),
        None => self::account(tx, reference.clone(), None).await?,
    };
    let workspace = RevOrg {
        account,
        is_default: false,
        display_name: reference.clone(),
        description: None,
        domain: None,
        environment: OrgEnvironment::Production,
        external_ref: reference,
        tier: None,
        tags: Vec::new(),
        artifacts: Vec::new(),
        sla: None,
    };
    tx.insert(Kind::RevOrg, workspace).await
}

async fn new_user(tx: &mut Tx, reference: String) -> Result<Stored<RevUser>> {
    let user = RevUser {
        display_name: reference.clone(),
        email: None,
        description: None,
        display_picture: None,
        external_ref: reference,
        external_refs: Vec::new(),
        phone_numbers: Vec::new(),
        rev_org: None,
        account: None,
        associations: Vec::new(),
        is_verified: true,
        state: UserState::Active,
        tags: Vec::new(),
        artifacts: Vec::new(),
        primary_identity: None,
    };
    tx.insert(Kind::RevUser, user).await
}

async fn apply(
    tx: &mut Tx,
    old: Stored<RevUser>,
    place: Place,
    traits: Option<UserTraits>,
) -> Result<Id> {
    if old.doc.state != UserState::Active {
        return Err(ApiError::forbidden("the contact is not active").into());
    }
    let mut user = old.doc.clone();
    let moves = place.rev_org.is_some() || place.account != user.account;
    if place.account.is_some() && moves {
        (user.account, user.rev_org) = (place.account, place.rev_org);
    }
    if let Some(traits) = traits {
        let UserTraits {
            custom_fields: _,
            description,
            display_name,
            email,
            full_name,
            phone_numbers,
        } = traits;
        let name = display_name.map(String::from).or(full_name.map(String::from));
        name.apply(&mut user.display_name);
        description.apply(&mut user.description);
        email.apply(&mut user.email);
        if !phone_numbers.is_empty() {
            user.phone_numbers = rev_users::numbers(phone_numbers);
        }
    }
    Ok(tx.update(old, user).await?.meta.id)
}
