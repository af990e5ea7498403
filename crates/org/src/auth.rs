//! From the text of a token to the context of its holder, which is built once per request, and
//! nowhere else.

use std::sync::Arc;

use compact_str::CompactString;
use worksmith_engine::Engine;
use worksmith_kernel::{Actor, OpCtx, Resource, Result, Stored};
use worksmith_wire::common::UserState;
use worksmith_wire::{ApiError, ErrorType, Id, Kind, Timestamp};

use crate::dev_users::DevUser;
use crate::environment::Environment;
use crate::rev_users::RevUser;
use crate::secrets::hash;
use crate::service_accounts::ServiceAccount;
use crate::sys_users::SysUser;
use crate::tokens::{HASH, Token};

/// A context for the holder of the token.
pub async fn authenticate(
    environment: &Environment,
    engine: &Engine,
    token: &str,
) -> Result<OpCtx> {
    let hash = hash(token);
    let mut known = engine.recall::<Holder>(&hash);
    if let Some(holder) = &known {
        // Another server may have changed what is cached here, about the holder and everything
        // else.
        engine.store().catch_up(&holder.org).await?;
        known = engine.recall(&hash);
    }
    let holder = match known {
        Some(holder) => holder,
        None => Holder::find(engine, &hash).await?,
    };
    if holder.expires_at.is_some_and(|end| end <= environment.clock.now()) {
        return refuse(ErrorType::TokenExpired, "the token has expired; issue a new one");
    }
    Ok(environment.context(&holder.org, holder.actor.clone()))
}

/// The user who acts with a token that was not revoked.
struct Holder {
    org: String,
    actor: Actor,
    expires_at: Option<Timestamp>,
}

impl Holder {
    /// Finds the holder of the token with this hash, and lets the store remember it until a token
    /// or a user changes.
    async fn find(engine: &Engine, hash: &str) -> Result<Arc<Self>> {
        let Some((org, id)) = engine.store().locate(HASH, hash).await? else {
            return refuse(ErrorType::Unauthenticated, "the token is not known here");
        };
        engine.store().catch_up(&org).await?;
        let moment = engine.moment();
        let Some(token) = engine.peek::<Token>(&org, &id).await? else {
            return refuse(ErrorType::Unauthenticated, "the token is not known here");
        };
        if token.doc.revoked_at.is_some() {
            return refuse(ErrorType::TokenRevoked, "the token was revoked");
        }
        let actor = actor(engine, &org, &token).await?;
        let holder = Arc::new(Self { org, actor, expires_at: token.doc.expires_at });
        let read = [token.id(), &holder.actor.id];
        engine.remember(hash, Arc::clone(&holder), (&holder.org, &read), moment);
        Ok(holder)
    }
}

fn refuse<T>(kind: ErrorType, message: &str) -> Result<T> {
    Err(ApiError::new(kind, message).into())
}

/// Who acts with a token.
async fn actor(engine: &Engine, org: &str, token: &Stored<Token>) -> Result<Actor> {
    let actor = actor_of(engine, org, &token.doc.subject, &token.doc.scopes).await?;
    Ok(Actor { token: Some(token.id().clone()), ..actor })
}

/// A user who acts with certain scopes. Refuses one who can't act.
pub async fn actor_of(
    engine: &Engine,
    org: &str,
    subject: &Id,
    scopes: &[String],
) -> Result<Actor> {
    let mut actor = Actor {
        id: subject.clone(),
        is_admin: false,
        rev_org: None,
        account: None,
        scopes: scopes.iter().map(CompactString::from).collect(),
        token: None,
    };
    match subject.kind() {
        Kind::DevUser => {
            let user = subject_of::<DevUser>(engine, org, subject).await?;
            if user.state != UserState::Active {
                return refuse(ErrorType::Unauthenticated, "the user of the token is not active");
            }
            actor.is_admin = user.is_admin;
        }
        Kind::ServiceAccount => drop(subject_of::<ServiceAccount>(engine, org, subject).await?),
        Kind::SysUser => drop(subject_of::<SysUser>(engine, org, subject).await?),
        Kind::RevUser => {
            let user = subject_of::<RevUser>(engine, org, subject).await?;
            if user.state != UserState::Active {
                return refuse(ErrorType::Unauthenticated, "the user of the token is not active");
            }
            (actor.rev_org, actor.account) = (user.rev_org, user.account);
        }
        _ => return refuse(ErrorType::Unauthenticated, "the token has no subject that can act"),
    }
    Ok(actor)
}

async fn subject_of<R: Resource>(engine: &Engine, org: &str, id: &Id) -> Result<R> {
    match engine.peek::<R>(org, id).await? {
        Some(stored) => Ok(stored.doc),
        None => refuse(ErrorType::Unauthenticated, "the user of the token is gone"),
    }
}
