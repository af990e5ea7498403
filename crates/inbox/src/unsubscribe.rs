//! The links in mail by which people get no more of it, without signing in (BEHAVIOUR 24.6).
//!
//! A link names the org, the person and the object, and is signed with the key of the org. It holds
//! as long as the mail that it is in, and does nothing but what it says.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use worksmith_engine::{Engine, Tx};
use worksmith_kernel::{Actor, Error, Result};
use worksmith_org::dev_orgs::SLUG;
use worksmith_org::environment::Environment;
use worksmith_wire::Id;
use worksmith_wire::common::WorkId;

use crate::{people, preferences, state, subscribers};

/// The path of the links.
pub const PATH: &str = "/unsubscribe";
/// The longest token, in bytes.
const TOKEN_BYTES_MAX: usize = 512;
/// After so many lost races, somebody has to try again.
const TRIES_MAX: usize = 50;

/// Who gets no more mail, and about what.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Link {
    org: String,
    user: Id,
    /// What it is about, if that is known.
    object: Option<Id>,
}

/// What a link offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The name of the person.
    pub person: String,
    /// The display id of the work, if it is about one. Otherwise, it is about everything.
    pub work: Option<String>,
}

/// What somebody gets no more mail about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The work that the link is about, or anything if it is about none.
    Work,
    /// Anything.
    Everything,
}

impl Link {
    /// The work that it is about.
    fn work(&self) -> Option<&Id> {
        self.object.as_ref().filter(|id| WorkId::KINDS.contains(&id.kind()))
    }
}

fn signature(key: &str, payload: &str) -> Result<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(Error::internal)?;
    mac.update(b"unsubscribe\n");
    mac.update(payload.as_bytes());
    Ok(mac)
}

/// The address by which somebody gets no more mail about an object.
pub(crate) async fn address(tx: &mut Tx, user: &Id, object: Option<&Id>) -> Result<String> {
    let key = state::key(tx).await?;
    let key = key.ok_or_else(|| Error::internal("a letter without a key to sign it"))?;
    let object = object.map(Id::to_string).unwrap_or_default();
    let payload = URL_SAFE_NO_PAD.encode(format!("{}\n{user}\n{object}", tx.cx().org.org));
    let signature = signature(&key, &payload)?.finalize().into_bytes();
    let signature = URL_SAFE_NO_PAD.encode(signature);
    Ok(format!("{}{PATH}?token={payload}.{signature}", tx.cx().base_url))
}

fn read(payload: &str) -> Option<Link> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let mut lines = text.split('\n');
    let (org, user, object) = (lines.next()?, lines.next()?, lines.next()?);
    let user = user.parse().ok()?;
    let object = if object.is_empty() { None } else { Some(object.parse().ok()?) };
    lines.next().is_none().then(|| Link { org: org.to_owned(), user, object })
}

/// The link of a token, and a transaction in its org, as the server itself; `None` if the token is
/// not one of ours.
async fn verified(
    engine: &Engine,
    environment: &Environment,
    token: &str,
) -> Result<Option<(Link, Tx)>> {
    let halves = token.split_once('.').filter(|_| token.len() <= TOKEN_BYTES_MAX);
    let Some((payload, given)) = halves else { return Ok(None) };
    let (Some(link), Ok(given)) = (read(payload), URL_SAFE_NO_PAD.decode(given)) else {
        return Ok(None);
    };
    if !engine.store().orgs(SLUG).await?.contains(&link.org) {
        return Ok(None);
    }
    engine.store().catch_up(&link.org).await?;
    let mut tx = engine.begin(&environment.context(&link.org, Actor::system()));
    let Some(key) = state::key(&mut tx).await? else { return Ok(None) };
    let is_signed = signature(&key, payload)?.verify_slice(&given).is_ok();
    Ok(is_signed.then_some((link, tx)))
}

/// What a link offers; `None` if there is no such link.
pub async fn offer(
    engine: &Engine,
    environment: &Environment,
    token: &str,
) -> Result<Option<Offer>> {
    let Some((link, mut tx)) = verified(engine, environment, token).await? else {
        return Ok(None);
    };
    let work = link.work().and_then(Id::display_id);
    let person = people::find(&mut tx, &link.user).await?;
    let person = person.map(|person| person.name).unwrap_or_default();
    Ok(Some(Offer { person, work }))
}

/// Does what a link offers, and says what that was; `None` if there is no such link. Doing so twice
/// is the same as once.
pub async fn accept(
    engine: &Engine,
    environment: &Environment,
    token: &str,
    scope: Scope,
) -> Result<Option<Offer>> {
    for _ in 0..TRIES_MAX {
        let Some((link, mut tx)) = verified(engine, environment, token).await? else {
            return Ok(None);
        };
        if let Some(work) = link.work().filter(|_| scope == Scope::Work) {
            if tx.is_there(work).await? && tx.is_there(&link.user).await? {
                subscribers::mute(&mut tx, work, &link.user).await?;
            }
        } else {
            // About what is no work, nobody gets mail but what is directed at them.
            let user = tx.primary(&link.user).await?;
            if tx.is_there(&user).await? {
                preferences::stop_mail(&mut tx, &user).await?;
            }
        }
        match tx.finish().await {
            Ok(()) => return offer(engine, environment, token).await,
            Err(Error::Stale) => engine.store().rest().await,
            Err(other) => return Err(other),
        }
    }
    Err(Error::unavailable(format!("unsubscribing lost {TRIES_MAX} races")))
}

#[cfg(test)]
mod tests {
    use worksmith_wire::Kind;

    use super::*;

    #[test]
    fn a_link_is_read_as_it_was_written() {
        let link = Link {
            org: "Ab3x".to_owned(),
            user: Id::numbered(Kind::DevUser, 3),
            object: Some(Id::numbered(Kind::Issue, 7)),
        };
        let payload = URL_SAFE_NO_PAD.encode("Ab3x\ndev_user/3\nissue/7");
        assert_eq!(read(&payload), Some(link));
        for other in ["", "Ab3x", "Ab3x\ndev_user/3", "Ab3x\nx\nissue/7", "a\nuser/1\nissue/7\nx"] {
            assert_eq!(read(&URL_SAFE_NO_PAD.encode(other)), None, "{other}");
        }
        assert_eq!(read("%%"), None);
    }
}
