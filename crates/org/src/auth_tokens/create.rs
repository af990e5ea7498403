//! Issuing tokens: for whom, for what, for how long.

use worksmith_engine::Tx;
use worksmith_kernel::{Result, Stored};
use worksmith_wire::auth_tokens::{
    CreateRequest, CreateResponse, GrantType, RevInfo, SubjectTokenType, TokenStatus, TokenType,
    UpTo,
};
use worksmith_wire::common::UserState;
use worksmith_wire::{ApiError, ErrorType, Id, Kind, Timestamp};

use super::{Issue, rev_info};
use crate::dev_users::DevUser;
use crate::rev_users::RevUser;
use crate::secrets::hash;
use crate::service_accounts::ServiceAccount;
use crate::tokens::{HASH, Token, revoke};

/// The types that this server issues. The others belong to features of the hosted service that it
/// does not have: login providers, gateways, users of several orgs.
const ISSUED: [TokenType; 6] = [
    TokenType::Aat,
    TokenType::AatActAs,
    TokenType::Pat,
    TokenType::PatActAs,
    TokenType::Session,
    TokenType::SessionDev,
];

/// The types that contacts get. All of them are sessions of the contact.
const ISSUED_TO_CONTACTS: [TokenType; 3] =
    [TokenType::Session, TokenType::SessionOnetime, TokenType::SessionRev];

const SECOND_MS: i64 = 1000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// The member with the token that is exchanged.
const SUBJECT_TOKEN: &str = "subject_token";
/// How long a session is valid by default.
const SESSION_MS: i64 = 60 * MINUTE_MS;
/// How long a session is valid that is meant to be exchanged.
const ONETIME_MS: i64 = 10 * MINUTE_MS;
/// How long any other token is valid by default.
const ACCESS_MS: i64 = 365 * DAY_MS;

pub(super) async fn create(tx: &mut Tx, request: CreateRequest) -> Result<CreateResponse> {
    let CreateRequest {
        act_as,
        aud: _,
        client_id,
        expires_in,
        expires_in_mins,
        grant_type,
        requested_token_type,
        rev_info,
        scope,
        subject_token,
        subject_token_type,
        token_hint,
    } = request;
    // The answer contains the token, of which only the hash may be stored.
    tx.keep_secret();
    check_grant(grant_type, subject_token_type, subject_token.is_some(), rev_info.as_ref())?;
    let exchanged = exchanged(tx, subject_token.as_deref()).await?;
    let of_contact = |token: &Stored<Token>| token.doc.subject.kind() == Kind::RevUser;
    let for_contact = rev_info.is_some() || exchanged.as_ref().is_some_and(of_contact);
    let token_type = issued(requested_token_type, for_contact)?;
    let subject = match rev_info {
        Some(info) => rev_info::contact(tx, info).await?,
        None => subject(tx, token_type, act_as.map(Into::into), exchanged.as_ref()).await?,
    };
    let scopes = scopes(tx, scope.as_deref(), exchanged.as_ref())?;
    let now = tx.cx().now;
    let mut expires_at = now.plus_ms(lifetime_ms(token_type, expires_in, expires_in_mins)?);
    if let Some(token) = exchanged {
        if token.doc.token_type == TokenType::SessionOnetime {
            revoke(tx, token).await?;
        } else if let Some(end) = token.doc.expires_at {
            expires_at = expires_at.min(end);
        }
    }
    let is_application = matches!(token_type, TokenType::Aat | TokenType::AatActAs);
    let client_id = client_id
        .map(String::from)
        .or_else(|| is_application.then(|| format!("app-{}", tx.cx().opaque(12))));
    let issue = Issue {
        token_type,
        subject,
        scopes,
        client_id,
        expires_at: Some(expires_at),
        hint: token_hint.map(String::from),
    };
    let (token, text) = issue.make(tx.cx())?;
    let Stored { doc: token, .. } = tx.insert(Kind::Token, token).await?;
    Ok(answer(token, text, expires_at, now))
}

fn answer(token: Token, text: String, end: Timestamp, now: Timestamp) -> CreateResponse {
    CreateResponse {
        access_token: text,
        client_id: token.client_id,
        expires_in: (end.0 - now.0).div_euclid(1000),
        scope: (!token.scopes.is_empty()).then(|| token.scopes.join(" ")),
        token_type: "bearer",
    }
}

/// A token that is exchanged is given as `subject_token`, or as information about a contact.
fn check_grant(
    grant_type: Option<GrantType>,
    of: Option<SubjectTokenType>,
    has_token: bool,
    rev_info: Option<&RevInfo>,
) -> Result<()> {
    if of == Some(SubjectTokenType::RevInfo) && rev_info.is_none() {
        return Err(missing_dependency("subject_token_type", "rev_info").into());
    }
    if grant_type == Some(GrantType::Exchange) && !has_token && rev_info.is_none() {
        return Err(missing_dependency("grant_type", "subject_token").into());
    }
    Ok(())
}

fn issued(wanted: Option<TokenType>, for_contact: bool) -> Result<TokenType> {
    let (default, allowed) = if for_contact {
        (TokenType::SessionRev, ISSUED_TO_CONTACTS.as_slice())
    } else {
        (TokenType::Pat, ISSUED.as_slice())
    };
    let token_type = wanted.unwrap_or(default);
    if allowed.contains(&token_type) {
        return Ok(token_type);
    }
    if ISSUED_TO_CONTACTS.contains(&token_type) {
        return Err(missing_dependency("requested_token_type", "rev_info").into());
    }
    let field = "requested_token_type";
    let whom = if for_contact { " to contacts" } else { "" };
    let message = format!("{field}: this server issues no {}{whom}", token_type.as_str());
    // `session` is in both lists, but named only once.
    let allowed: Vec<_> = if for_contact {
        ISSUED_TO_CONTACTS.iter().map(|issued| issued.as_str()).collect()
    } else {
        ISSUED.iter().chain(&ISSUED_TO_CONTACTS[1..]).map(|issued| issued.as_str()).collect()
    };
    Err(ApiError::not_permitted(field, message).with("allowed_values", allowed).into())
}

fn missing_dependency(provided: &str, needed: &str) -> ApiError {
    let message = format!("{provided} needs {needed}");
    ApiError::new(ErrorType::MissingDependency, message)
        .with("dependent_field_name", needed)
        .with("provided_field_name", provided)
}

/// The token that is exchanged for the new one.
async fn exchanged(tx: &mut Tx, text: Option<&str>) -> Result<Option<Stored<Token>>> {
    let Some(text) = text else { return Ok(None) };
    let now = tx.cx().now;
    let found = match tx.find_name(HASH, &hash(text)).await? {
        Some(id) => tx.find::<Token>(&id).await?,
        None => None,
    };
    if found.as_ref().is_some_and(|token| token.doc.status(now) == TokenStatus::Active) {
        return Ok(found);
    }
    let message = "subject_token is no token of this server that is still good";
    Err(ApiError::not_permitted("subject_token", message).into())
}

/// The subject of the new token: the holder of the exchanged one, the user as whom the caller acts,
/// or the caller.
async fn subject(
    tx: &mut Tx,
    token_type: TokenType,
    act_as: Option<Id>,
    exchanged: Option<&Stored<Token>>,
) -> Result<Id> {
    let caller = exchanged.map_or_else(|| tx.cx().actor.id.clone(), |t| t.doc.subject.clone());
    let acts_for_others = matches!(token_type, TokenType::PatActAs | TokenType::AatActAs);
    let Some(subject) = act_as else {
        return if acts_for_others {
            Err(missing_dependency("requested_token_type", "act_as").into())
        } else {
            active(tx, &caller, SUBJECT_TOKEN).await?;
            Ok(caller)
        };
    };
    if subject.kind() == Kind::DevUser && subject != caller && token_type != TokenType::PatActAs {
        let message = "act_as another dev user goes only with the type pat:act-as";
        let dependency = serde_json::json!([{
            "field_name": "requested_token_type", "field_value": TokenType::PatActAs.as_str(),
        }]);
        return Err(ApiError::new(ErrorType::MissingDependency, message)
            .with("dependencies", dependency)
            .with("provided_field_name", "act_as")
            .into());
    }
    if subject != caller && !tx.cx().actor.is_admin {
        return Err(ApiError::forbidden("only admins make tokens that act as others").into());
    }
    active(tx, &subject, "act_as").await?;
    Ok(subject)
}

/// Refuses a subject that does not exist or can't act.
async fn active(tx: &mut Tx, subject: &Id, field: &str) -> Result<()> {
    let can_act = match subject.kind() {
        Kind::DevUser => {
            let user = tx.find::<DevUser>(subject).await?;
            user.map(|user| user.doc.state == UserState::Active)
        }
        Kind::ServiceAccount => tx.find::<ServiceAccount>(subject).await?.map(|_| true),
        // The subject of an exchanged session. Callers, and users as whom they act, are never
        // contacts here.
        Kind::RevUser if field == SUBJECT_TOKEN => {
            let user = tx.find::<RevUser>(subject).await?;
            user.map(|user| user.doc.state == UserState::Active)
        }
        _ => {
            let message = format!("{field} takes the id of a dev user or a service account");
            return Err(ApiError::field(ErrorType::UnexpectedIdType, field, message)
                .with("value", tx.cx().don(subject))
                .with("allowed_types", vec!["dev_user", "service_account"])
                .into());
        }
    };
    let name = subject.display_id().unwrap_or_default();
    match can_act {
        Some(true) => Ok(()),
        Some(false) => {
            let message = format!("{field}: {name} is not active");
            Err(ApiError::not_permitted(field, message).into())
        }
        None => Err(ApiError::invalid_id(field, format!("{field}: there is no {name}")).into()),
    }
}

/// The scopes of the new token: those requested, and no more than those of the tokens it is derived
/// from.
fn scopes(tx: &Tx, scope: Option<&str>, exchanged: Option<&Stored<Token>>) -> Result<Vec<String>> {
    let own: Vec<String> = tx.cx().actor.scopes.iter().map(ToString::to_string).collect();
    let bounds = [own.as_slice(), exchanged.map_or(&[], |token| token.doc.scopes.as_slice())];
    let mut wanted: Vec<String> = Vec::new();
    for text in scope.unwrap_or_default().split_whitespace() {
        let Some((kind, rights)) = text.split_once(':').filter(|(kind, rights)| {
            !kind.is_empty() && matches!(*rights, "read" | "write" | "all")
        }) else {
            let message = format!("scope: {text:?} is not of the form kind:read|write|all");
            return Err(ApiError::not_permitted("scope", message)
                .with("pattern", "^[a-z_]+:(read|write|all)$")
                .into());
        };
        let has = |bound: &&[String]| {
            bound.is_empty()
                || bound.iter().any(|s| *s == text || *s == format!("{kind}:all"))
                || (rights == "all"
                    && ["read", "write"].iter().all(|r| bound.contains(&format!("{kind}:{r}"))))
        };
        if !bounds.iter().all(has) {
            let message = format!("a token without the scope {text} gives none that has it");
            return Err(ApiError::forbidden(message).into());
        }
        if !wanted.iter().any(|known| known == text) {
            wanted.push(text.to_owned());
        }
    }
    if wanted.is_empty() {
        // If none are requested, the new token gets the narrower of the two.
        let [own, exchanged] = bounds;
        wanted = if exchanged.is_empty() { own.to_vec() } else { exchanged.to_vec() };
        let narrower = |scope: &String| {
            let (kind, rights) = scope.split_once(':').unwrap_or_default();
            own.is_empty() || tx.cx().actor.has_scope(kind, rights)
        };
        if !wanted.iter().all(narrower) {
            let message = "scope: say which scopes of both tokens the new one has";
            return Err(ApiError::missing("scope").at(message).into());
        }
    }
    Ok(wanted)
}

/// `expires_in` counts days, except for `pat:act-as`: the one client in use that requests such
/// tokens means seconds, and requests the next one when they are over.
fn lifetime_ms(
    token_type: TokenType,
    time: Option<UpTo<1825>>,
    minutes: Option<UpTo<1440>>,
) -> Result<i64> {
    let time = time.map_or(0, |UpTo(time)| time);
    let minutes = minutes.map_or(0, |UpTo(minutes)| minutes);
    let unit_ms = if token_type == TokenType::PatActAs { SECOND_MS } else { DAY_MS };
    match (time, minutes) {
        (0, 0) => Ok(match token_type {
            TokenType::SessionOnetime => ONETIME_MS,
            TokenType::Session | TokenType::SessionDev | TokenType::SessionRev => SESSION_MS,
            _ => ACCESS_MS,
        }),
        (time, 0) => Ok(time * unit_ms),
        (0, minutes) => Ok(minutes * MINUTE_MS),
        _ => Err(ApiError::bad_request("either expires_in or expires_in_mins, not both").into()),
    }
}
