//! The first start on an empty store: the org, its bot, its first dev user, and a token.

use worksmith_engine::{Engine, Tx};
use worksmith_fields::stages;
use worksmith_kernel::{Actor, Error, OpCtx, Result};
use worksmith_org::auth_tokens::Issue;
use worksmith_org::dev_orgs::{DevOrg, SLUG};
use worksmith_org::dev_users::DevUser;
use worksmith_org::environment::Environment;
use worksmith_org::secrets::hash;
use worksmith_org::sys_users::SysUser;
use worksmith_org::tokens::{HASH, Token};
use worksmith_sla::metric_definitions;
use worksmith_store::Lease;
use worksmith_wire::common::UserState;
use worksmith_wire::{Id, Kind};

/// The slug of the org that a server starts with.
const FIRST_ORG: &str = "worksmith";

/// How long a server may take to create an org before another one tries, in milliseconds.
const LEASE_MS: i64 = 10_000;

/// What the first start creates.
#[derive(Clone, Debug)]
pub struct FirstUser {
    /// The email address of the first dev user, who is an admin.
    pub email: String,
    /// The name of the first dev user.
    pub display_name: String,
    /// The name of the org.
    pub org_name: String,
}

/// What a start found or created.
pub struct Started {
    /// A context of the server's own bot in the org.
    pub cx: OpCtx,
    /// The first dev user.
    pub admin: Id,
    /// Whether the store was empty.
    pub is_new: bool,
    /// The text of a token that was just created; it is shown only this once.
    pub new_token: Option<String>,
}

/// Whether the first start has taken place.
pub async fn is_there(engine: &Engine) -> Result<bool> {
    Ok(engine.store().locate(SLUG, FIRST_ORG).await?.is_some())
}

/// Creates what an empty store lacks. `token`, if given, becomes a token of the first dev user.
pub async fn start(
    engine: &Engine,
    environment: &Environment,
    first: &FirstUser,
    token: Option<&str>,
) -> Result<Started> {
    create_org(engine, environment, FIRST_ORG, first, token).await
}

/// Creates what the org with that slug lacks, including the org itself. A server starts with one
/// org; further orgs are isolated from each other. `token`, if given, becomes a token of its first
/// dev user.
pub async fn create_org(
    engine: &Engine,
    environment: &Environment,
    slug: &str,
    first: &FirstUser,
    token: Option<&str>,
) -> Result<Started> {
    loop {
        match create_org_now(engine, environment, slug, first, token).await {
            // Another server is creating the org, or has created it or the same token meanwhile.
            Err(Error::Stale) => engine.store().rest().await,
            made => return made,
        }
    }
}

/// The same; stale if another server is in the way.
async fn create_org_now(
    engine: &Engine,
    environment: &Environment,
    slug: &str,
    first: &FirstUser,
    token: Option<&str>,
) -> Result<Started> {
    let (org, is_new) = match engine.store().locate(SLUG, slug).await? {
        Some((org, _)) => (org, false),
        None => (environment.context("", Actor::system()).opaque(6), true),
    };
    let cx = environment.context(&org, Actor::system());
    if !is_new || !engine.store().is_shared() {
        return start_in(engine, cx, slug, first, token, is_new).await;
    }
    let name = lease_name(slug);
    // The holder is the name of the org to be created.
    let lease = Lease { name: &name, holder: &org, now: cx.now, until: cx.now.plus_ms(LEASE_MS) };
    if !engine.store().lease(&lease).await? {
        return Err(Error::Stale);
    }
    let made = match engine.store().locate(SLUG, slug).await? {
        // The previous holder has created it.
        Some(_) => Err(Error::Stale),
        None => start_in(engine, cx, slug, first, token, is_new).await,
    };
    engine.store().release(&name, &org).await?;
    made
}

fn lease_name(slug: &str) -> String {
    format!("first start of {slug}")
}

async fn start_in(
    engine: &Engine,
    cx: OpCtx,
    slug: &str,
    first: &FirstUser,
    token: Option<&str>,
    is_new: bool,
) -> Result<Started> {
    let admin = Id::numbered(Kind::DevUser, 1);
    let mut tx = engine.begin(&cx);
    if is_new {
        let org = cx.org.org.clone();
        make_org(&mut tx, &org, slug, first).await?;
    }
    metric_definitions::seed(&mut tx).await?;
    worksmith_fields::schemas::leaf::seed(&mut tx).await?;
    worksmith_inbox::state::begin(&mut tx).await?;
    let new_token = first_token(&mut tx, &admin, token, is_new).await?;
    tx.finish().await?;
    Ok(Started { cx, admin, is_new, new_token })
}

/// Makes sure that the first user has the chosen token or, in a new org, any token. Returns the
/// text of a token that was created.
async fn first_token(
    tx: &mut Tx,
    admin: &Id,
    chosen: Option<&str>,
    is_new: bool,
) -> Result<Option<String>> {
    const HINT: &str = "first token";
    let (token, text) = match chosen {
        Some(text) if tx.find_name(HASH, &hash(text)).await?.is_none() => {
            (Token::personal(tx.cx(), admin.clone(), text, HINT), None)
        }
        None if is_new => {
            let hint = Some(HINT.to_owned());
            let (token, text) = Issue { hint, ..Issue::personal(admin.clone()) }.make(tx.cx())?;
            (token, Some(text))
        }
        _ => return Ok(None),
    };
    tx.insert(Kind::Token, token).await?;
    Ok(text)
}

async fn make_org(tx: &mut Tx, org: &str, slug: &str, first: &FirstUser) -> Result<()> {
    let bot = tx.insert(Kind::SysUser, SysUser::new("Worksmith Bot")).await?;
    if *bot.id() != tx.cx().actor.id {
        return Err(Error::internal("the bot is not the first system user"));
    }
    let doc = DevOrg { display_name: first.org_name.clone(), slug: slug.to_owned() };
    tx.insert_with_id(Id::new(Kind::DevOrg, org), doc).await?;
    let admin = DevUser {
        display_name: first.display_name.clone(),
        is_admin: true,
        ..DevUser::new(first.email.trim(), UserState::Active)
    };
    tx.insert(Kind::DevUser, admin).await?;
    stages::seed::seed(tx).await?;
    worksmith_work::channels::seed(tx).await?;
    Ok(())
}
