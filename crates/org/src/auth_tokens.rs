//! Security tokens. Only the hash of a token is kept; its text is shown once.

use worksmith_engine::{Audience, One, Op, OpTable, Tx};
use worksmith_kernel::{Query, Result, Stored};
use worksmith_wire::auth_tokens::{
    DeleteRequest, GetRequest, InfoRequest, InfoResponse, ListRequest, ListResponse, OrgAttributes,
    SelfDeleteRequest, TokenAttributes, TokenType, UpdateRequest, UserAttributes,
};
use worksmith_wire::common::{Empty, UserSummary};
use worksmith_wire::{ApiError, Id, Kind, Timestamp};

use crate::dev_orgs::DevOrg;
use crate::tokens::{CLIENT_ID, SUBJECT, TOKEN_TYPE, Token, revoke, revoke_all};

mod create;
mod rev_info;
mod text;

pub use text::Issue;

/// The list has no pages; it shows at most this many, the newest first.
const LIST_MAX: usize = 10_000;

/// The expiry that `info` reports for a token without one: the last second of the year 9999.
const NEVER: i64 = 253_402_300_799;

/// Registers the family. What a caller may do with the token of the call itself needs no scope.
pub fn ops(table: &mut OpTable) {
    table.family::<Token>();
    let everyone = Audience::Everyone;
    table.add(Op::create("auth-tokens.create", "token"), create::create);
    table.add(Op::read("auth-tokens.get", "token"), get);
    table.add(Op::read("auth-tokens.list", "token"), list);
    table.add(Op::read("auth-tokens.info", "").audience(everyone), info);
    table.add(Op::write("auth-tokens.update", "token"), update);
    table.add(Op::write("auth-tokens.delete", "").audience(everyone), delete);
    table.add(Op::write("auth-tokens.self.delete", "token").audience(everyone), self_delete);
}

/// An answer that shows a token as it is now.
async fn shown(tx: &mut Tx, stored: &Stored<Token>) -> Result<One<Token>> {
    let status = stored.doc.status(tx.cx().now);
    tx.one_with(stored, |token| token.status = status).await
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<Token>> {
    let stored = tx.target::<Token>(&request.token_id).await?;
    shown(tx, &stored).await
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<ListResponse> {
    let ListRequest { client_id, requested_token_type, subject } = request;
    let subject = subject.map_or_else(|| tx.cx().actor.id.clone(), Into::into);
    let mut query = Query::new();
    query
        .one_of_ids(SUBJECT, [subject])
        .is(CLIENT_ID, client_id)
        .is(TOKEN_TYPE, requested_token_type.map(TokenType::as_str));
    let query = tx.visible::<Token>(query);
    let found = tx.first::<Token>(&query, LIST_MAX).await?;
    let now = tx.cx().now;
    let mut tokens = tx.objects(&found).await?;
    for (token, stored) in tokens.iter_mut().zip(&found) {
        token.status = stored.doc.status(now);
    }
    Ok(ListResponse { tokens })
}

async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<Token>> {
    let UpdateRequest { token_hint, token_id } = request;
    let old = tx.target::<Token>(&token_id).await?;
    let token = Token { hint: token_hint.into(), ..old.doc.clone() };
    let stored = tx.update(old, token).await?;
    shown(tx, &stored).await
}

async fn delete(tx: &mut Tx, request: DeleteRequest) -> Result<Empty> {
    let DeleteRequest { token_id } = request;
    let (own, wanted) = (tx.cx().actor.token.clone(), token_id.map(Id::from));
    let Some(id) = wanted.or_else(|| own.clone()) else {
        return Err(ApiError::missing("token_id").into());
    };
    if own.as_ref() != Some(&id) && !tx.cx().actor.has_scope("token", "write") {
        return Err(ApiError::forbidden("the token lacks the scope token:write").into());
    }
    let old = tx.target::<Token>(&id).await?;
    revoke(tx, old).await?;
    Ok(Empty {})
}

async fn self_delete(tx: &mut Tx, request: SelfDeleteRequest) -> Result<Empty> {
    let SelfDeleteRequest { requested_token_type } = request;
    let subject = tx.cx().actor.id.clone();
    revoke_all(tx, &subject, requested_token_type).await?;
    Ok(Empty {})
}

async fn info(tx: &mut Tx, InfoRequest {}: InfoRequest) -> Result<InfoResponse> {
    let id = tx.cx().actor.token.clone();
    let token = match &id {
        Some(id) => tx.find::<Token>(id).await?,
        None => None,
    };
    let Some(Stored { doc: token, .. }) = token else {
        return Err(ApiError::not_found("the call was not made with a token").into());
    };
    let org = Id::new(Kind::DevOrg, tx.cx().org.org.clone());
    let x = tx.expand(vec![org.clone(), token.subject.clone()]).await?;
    let slug = x.doc::<DevOrg>(&org).map(|org| org.doc.slug.clone());
    // The summary contains what is needed, whatever the kind of user.
    let summary = x.embed::<UserSummary>(&token.subject);
    let summary: serde_json::Value = summary
        .and_then(|summary| serde_json::from_str(summary.rendered().get()).ok())
        .unwrap_or_default();
    let text = |name: &str| summary[name].as_str().map(str::to_owned);
    let subject = x.don(&token.subject);
    Ok(InfoResponse {
        organization: OrgAttributes {
            display_id: org.display_id().unwrap_or_default(),
            id: x.don(&org),
            slug,
        },
        token: TokenAttributes {
            expiry: token.expires_at.map_or(NEVER, seconds),
            issued_at: seconds(token.issued_at),
            issuer: tx.cx().base_url.to_string(),
            subject: subject.clone(),
        },
        user: UserAttributes {
            kind: crate::users::user_type(&token.subject),
            display_id: token.subject.display_id().unwrap_or_default(),
            display_name: text("display_name"),
            email: text("email"),
            full_name: text("full_name"),
            id: subject,
        },
    })
}

/// Whole seconds since 1970.
fn seconds(at: Timestamp) -> i64 {
    at.0.div_euclid(1000)
}
