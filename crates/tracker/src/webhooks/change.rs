//! How a webhook becomes what a request says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use worksmith_hooks::{Target, is_header_name, is_header_value, is_reserved};
use worksmith_kernel::{OpCtx, Result};
use worksmith_wire::webhooks::{
    Action, CreateRequest, EventType, HEADERS_MAX, Header, SetHeader, Status, UpdateRequest,
};
use worksmith_wire::{ApiError, AtMost, ListPatch, distinct};

use super::doc::{Challenge, OldSecret, Webhook};

/// How long a receiver has to answer a challenge, in milliseconds.
const CHALLENGE_MS: i64 = 3 * 60 * 1000;
/// How long requests are signed by a secret that was replaced, too.
const OLD_SECRET_MS: i64 = 24 * 60 * 60 * 1000;
/// How long a secret is, in bytes.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 8..=32;

/// A new webhook.
pub(super) fn made(cx: &OpCtx, request: CreateRequest) -> Result<Webhook> {
    let CreateRequest { url, event_types, secret, headers: AtMost(headers) } = request;
    let mut all = Vec::new();
    for header in headers {
        put(&mut all, header)?;
    }
    let secret = secret.filter(|secret| !secret.is_empty());
    let mut webhook = Webhook {
        url: address(url.into())?,
        secret: secret.map_or_else(|| Ok(random(cx)), |secret| checked(&secret))?,
        old_secret: None,
        status: Status::Unverified,
        is_waiting: false,
        event_types: with_verify(distinct(event_types)),
        headers: all,
        scopes: scopes(cx),
        challenge: None,
    };
    challenge(&mut webhook, cx);
    Ok(webhook)
}

/// A webhook after an update.
pub(super) fn changed(old: &Webhook, cx: &OpCtx, request: UpdateRequest) -> Result<Webhook> {
    let UpdateRequest { id: _, action, status, event_types, headers, secret, url } = request;
    let action = wanted(action, status)?;
    let mut webhook = Webhook { scopes: scopes(cx), ..old.clone() };
    event_types.apply(&mut webhook.event_types);
    webhook.event_types = with_verify(webhook.event_types);
    change_headers(&mut webhook.headers, headers)?;
    if let Some(url) = url {
        webhook.url = address(url.into())?;
    }
    if let Some(secret) = secret {
        let secret = if secret.is_empty() { random(cx) } else { checked(&secret)? };
        if secret != webhook.secret {
            let until = cx.now.plus_ms(OLD_SECRET_MS);
            let secret = std::mem::replace(&mut webhook.secret, secret);
            webhook.old_secret = Some(OldSecret { secret, until });
        }
    }
    let is_other = webhook.url != old.url || webhook.secret != old.secret;
    match (action, old.status) {
        (Some(Action::Deactivate), _) => deactivate(&mut webhook),
        (Some(Action::Activate), Status::Inactive | Status::Unverified) => {
            challenge(&mut webhook, cx);
        }
        (_, Status::Active | Status::Unverified) if is_other => challenge(&mut webhook, cx),
        _ => {}
    }
    Ok(webhook)
}

/// Has nothing more told to a webhook.
pub(super) fn deactivate(webhook: &mut Webhook) {
    (webhook.status, webhook.is_waiting, webhook.challenge) = (Status::Inactive, false, None);
}

/// The receiver has proved that it is one.
pub(super) fn activate(webhook: &mut Webhook) {
    (webhook.status, webhook.is_waiting, webhook.challenge) = (Status::Active, false, None);
}

/// Has the receiver asked to prove that it is one.
fn challenge(webhook: &mut Webhook, cx: &OpCtx) {
    webhook.is_waiting |= webhook.status == Status::Active;
    webhook.status = Status::Unverified;
    let until = cx.now.plus_ms(CHALLENGE_MS);
    webhook.challenge = Some(Challenge { text: random(cx), until });
}

fn wanted(action: Option<Action>, status: Option<Status>) -> Result<Option<Action>> {
    match (action, status) {
        (Some(_), Some(_)) => {
            let message = "status says the same as action; leave one of them out";
            Err(ApiError::invalid_field("status", message).into())
        }
        (action, None) => Ok(action),
        (None, Some(Status::Active)) => Ok(Some(Action::Activate)),
        (None, Some(Status::Inactive)) => Ok(Some(Action::Deactivate)),
        (None, Some(Status::Unverified)) => {
            let message = "status: a webhook is made active or inactive";
            Err(ApiError::not_permitted("status", message).into())
        }
    }
}

fn scopes(cx: &OpCtx) -> Vec<String> {
    cx.actor.scopes.iter().map(ToString::to_string).collect()
}

/// Every webhook is verified; the type comes last, as on the hosted service.
fn with_verify(mut types: Vec<EventType>) -> Vec<EventType> {
    types.retain(|kind| *kind != EventType::Verify);
    types.push(EventType::Verify);
    types
}

fn address(url: String) -> Result<String> {
    match Target::parse(&url) {
        Ok(_) => Ok(url),
        Err(why) => Err(ApiError::not_permitted("url", format!("url {why}")).into()),
    }
}

fn random(cx: &OpCtx) -> String {
    let mut bytes = [0; 24];
    cx.entropy.fill(&mut bytes);
    STANDARD.encode(bytes)
}

fn checked(secret: &str) -> Result<String> {
    let bytes = STANDARD.decode(secret).ok();
    if bytes.is_some_and(|bytes| SECRET_BYTES.contains(&bytes.len())) {
        return Ok(secret.to_owned());
    }
    let message = "secret must be 8 to 32 bytes in base64";
    Err(ApiError::not_permitted("secret", message).into())
}

/// Adds a header, or replaces one of the same name.
fn put(headers: &mut Vec<Header>, header: SetHeader) -> Result<()> {
    let (name, value) = (String::from(header.name), String::from(header.value));
    let refuse = |field: &str, why: String| ApiError::not_permitted(field, why).into();
    if !is_header_name(&name) {
        let why = "headers: a name has letters, digits, hyphens and underscores";
        return Err(refuse("headers.name", why.to_owned()));
    }
    if is_reserved(&name) {
        return Err(refuse("headers.name", format!("headers: {name} is set by the server")));
    }
    if !is_header_value(&value) {
        let why = format!(
            "headers: the value of {name} is not printable ASCII without blanks \
                           around it"
        );
        return Err(refuse("headers.value", why));
    }
    let header = Header { name, value };
    match headers.iter_mut().find(|one| one.name.eq_ignore_ascii_case(&header.name)) {
        Some(one) => *one = header,
        None => headers.push(header),
    }
    Ok(())
}

fn change_headers(
    headers: &mut Vec<Header>,
    patch: ListPatch<SetHeader, String, HEADERS_MAX>,
) -> Result<()> {
    let ListPatch { add, remove, set } = patch;
    if set.is_some() {
        headers.clear();
    }
    headers.retain(|one| !remove.iter().any(|name| one.name.eq_ignore_ascii_case(name)));
    for header in set.into_iter().flatten().chain(add) {
        put(headers, header)?;
    }
    if headers.len() > HEADERS_MAX {
        let message = format!("headers: a webhook has at most {HEADERS_MAX}");
        return Err(ApiError::not_permitted("headers", message).into());
    }
    Ok(())
}
