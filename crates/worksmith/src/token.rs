//! `worksmith token`: managing tokens, also while the server runs.

use worksmith_engine::Tx;
use worksmith_kernel::{OpCtx, Query, Stored};
use worksmith_org::auth_tokens::Issue;
use worksmith_org::dev_users::{DevUser, EMAILS};
use worksmith_org::tokens::Token;
use worksmith_tracker::bootstrap::{self, FirstUser, Started};
use worksmith_wire::{Id, Kind};

use crate::cli::{TokenCommand, TokenOptions};
use crate::control::{self, Data, Job, Place, Run, Session};
use crate::failure::Failure;
use crate::output::Output;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// More tokens than this are not listed.
const LISTED_MAX: usize = 10_000;

/// Runs the command.
pub(crate) async fn run(options: TokenOptions, output: &Output, run: Run) -> Result<(), Failure> {
    let TokenOptions { data_dir, database, command } = options;
    let place = Place { dir: &data_dir, database: &database, is_made: false, files: None };
    control::run(Job::Token(command), &place, output, None, run).await
}

/// Runs the job where the data is.
pub(crate) async fn job(
    command: TokenCommand,
    data: &Data,
    session: &Session,
) -> Result<(), Failure> {
    let nobody =
        FirstUser { email: String::new(), display_name: String::new(), org_name: String::new() };
    let started = bootstrap::start(&data.engine, &data.environment, &nobody, None).await?;
    let output = &session.output;
    match command {
        TokenCommand::Create { user, name, expires_in_days, base_url } => {
            // A server knows its own address.
            let own = &data.environment.base_url;
            let base_url = if data.is_served { own } else { &*base_url };
            let made = (name.as_str(), expires_in_days, base_url);
            create(data, &started, user.as_deref(), made, output).await
        }
        TokenCommand::List => list(data, &started, output).await,
        TokenCommand::Revoke { id } => revoke(data, &started, &id, output).await,
    }
}

async fn create(
    data: &Data,
    started: &Started,
    user: Option<&str>,
    (name, expires_in_days, base_url): (&str, Option<u32>, &str),
    output: &Output,
) -> Result<(), Failure> {
    let mut tx = data.engine.begin(&started.cx);
    let subject = match user {
        None => started.admin.clone(),
        Some(email) => {
            let found = tx.find_name(EMAILS, &email.trim().to_lowercase()).await?;
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
    output.note(format_args!("Token {}, shown this once:", local(&id)));
    output.line(text);
    Ok(())
}

/// The id of a token, as users write it.
fn local(id: &Id) -> &str {
    id.local()
}

async fn tokens(tx: &mut Tx) -> Result<Vec<Stored<Token>>, Failure> {
    Ok(tx.first::<Token>(&Query::new(), LISTED_MAX).await?)
}

async fn list(data: &Data, started: &Started, output: &Output) -> Result<(), Failure> {
    let mut tx = data.engine.begin(&started.cx);
    let (id, state, issued, expires, user) = ("ID", "STATE", "ISSUED", "EXPIRES", "USER");
    output.line(format_args!("{id:<6} {state:<8} {issued:<24} {expires:<24} {user:<28} NAME"));
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
        let name = &doc.hint;
        output
            .line(format_args!("{id:<6} {state:<8} {issued:<24} {expires:<24} {user:<28} {name}"));
    }
    Ok(())
}

async fn revoke(data: &Data, started: &Started, id: &str, output: &Output) -> Result<(), Failure> {
    let mut tx = data.engine.begin(&started.cx);
    let found = tokens(&mut tx).await?.into_iter().find(|token| local(token.id()) == id);
    let token = found.ok_or_else(|| {
        format!("there is no token {id:?}; `worksmith token list` shows those that there are")
    })?;
    if token.doc.revoked_at.is_some() {
        output.line(format_args!("Token {id} was revoked already."));
        return Ok(());
    }
    let doc = Token { revoked_at: Some(started.cx.now), ..token.doc.clone() };
    tx.update(token, doc).await?;
    tx.finish().await?;
    output.line(format_args!("Token {id} is revoked."));
    Ok(())
}
