//! `worksmith token`: tokens while the server is stopped.

use worksmith_kernel::{OpCtx, Query, Stored};
use worksmith_store::Tx;
use worksmith_tracker::auth_tokens::{Issue, Token};
use worksmith_tracker::bootstrap::{self, FirstUser, Started};
use worksmith_tracker::dev_users::DevUser;
use worksmith_wire::{Id, Kind};

use crate::cli::{TokenCommand, TokenOptions};
use crate::failure::Failure;
use crate::home::Home;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// More tokens than this are not listed.
const LISTED_MAX: usize = 10_000;

/// Runs the command.
pub(crate) async fn run(options: TokenOptions) -> Result<(), Failure> {
    let dir = &options.data_dir;
    let home = Home::open_existing(dir, &options.database).await?;
    let nobody =
        FirstUser { email: String::new(), display_name: String::new(), org_name: String::new() };
    let started = bootstrap::start(&home.store, &home.environment, &nobody, None).await?;
    match options.command {
        TokenCommand::Create { user, name, expires_in_days, base_url } => {
            create(&home, &started, user.as_deref(), &name, expires_in_days, &base_url).await
        }
        TokenCommand::List => list(&home, &started).await,
        TokenCommand::Revoke { id } => revoke(&home, &started, &id).await,
    }
}

async fn create(
    home: &Home,
    started: &Started,
    user: Option<&str>,
    name: &str,
    expires_in_days: Option<u32>,
    base_url: &str,
) -> Result<(), Failure> {
    let mut tx = home.store.begin(&started.cx);
    let subject = match user {
        None => started.admin.clone(),
        Some(email) => {
            let found = tx.find_name("dev_user.email", &email.trim().to_lowercase()).await?;
            found.ok_or_else(|| format!("the org has no member with the address {email:?}"))?
        }
    };
    let days = expires_in_days.map(i64::from);
    let expires_at = days.map(|days| started.cx.now.plus_ms(days * DAY_MS));
    let hint = Some(name.to_owned());
    let issue = Issue { expires_at, hint, ..Issue::personal(subject) };
    let (token, text) = issue.make(&OpCtx { base_url: base_url.into(), ..started.cx.clone() })?;
    let id = tx.insert(Kind::Token, token).await?.id().clone();
    tx.finish().await?;
    eprintln!("Token {}, shown this once:", local(&id));
    println!("{text}");
    Ok(())
}

/// What the user calls a token.
fn local(id: &Id) -> &str {
    id.local()
}

async fn tokens(tx: &mut Tx) -> Result<Vec<Stored<Token>>, Failure> {
    Ok(tx.first::<Token>(&Query::new(), LISTED_MAX).await?)
}

async fn list(home: &Home, started: &Started) -> Result<(), Failure> {
    let mut tx = home.store.begin(&started.cx);
    println!("{:<6} {:<8} {:<24} {:<24} {:<28} NAME", "ID", "STATE", "ISSUED", "EXPIRES", "USER");
    for token in tokens(&mut tx).await? {
        let doc = &token.doc;
        let state = if doc.revoked_at.is_some() {
            "revoked"
        } else if doc.expires_at.is_some_and(|end| end <= started.cx.now) {
            "expired"
        } else {
            "valid"
        };
        let user = tx.find::<DevUser>(&doc.subject).await.ok().flatten();
        let user = user.map_or_else(|| doc.subject.to_string(), |user| user.doc.email);
        let expires = doc.expires_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
        let (id, issued) = (local(token.id()), doc.issued_at.to_string());
        println!("{id:<6} {state:<8} {issued:<24} {expires:<24} {user:<28} {}", doc.hint);
    }
    Ok(())
}

async fn revoke(home: &Home, started: &Started, id: &str) -> Result<(), Failure> {
    let mut tx = home.store.begin(&started.cx);
    let found = tokens(&mut tx).await?.into_iter().find(|token| local(token.id()) == id);
    let token = found.ok_or_else(|| {
        format!("there is no token {id:?}; `worksmith token list` shows those that there are")
    })?;
    if token.doc.revoked_at.is_some() {
        println!("Token {id} was revoked already.");
        return Ok(());
    }
    let doc = Token { revoked_at: Some(started.cx.now), ..token.doc.clone() };
    tx.update(token, doc).await?;
    tx.finish().await?;
    println!("Token {id} is revoked.");
    Ok(())
}
