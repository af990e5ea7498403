//! Security tokens. Only the hash of a token is kept; its text is shown once.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use worksmith_kernel::{
    Audience, Column, Cond, Error, Expander, Keeps, Name, Op, OpCtx, OpTable, Query, Reference,
    Resource, Result, Stored,
};
use worksmith_store::{One, Tx};
use worksmith_wire::auth_tokens::{
    AuthToken, DeleteRequest, GetRequest, InfoRequest, InfoResponse, ListRequest, ListResponse,
    OrgAttributes, SelfDeleteRequest, TokenAttributes, TokenStatus, TokenType, UpdateRequest,
    UserAttributes,
};
use worksmith_wire::common::{AtomSummary, Empty, UserSummary};
use worksmith_wire::{ApiError, Id, Kind, Timestamp};

use crate::dev_orgs::DevOrg;

mod create;
mod rev_info;
mod text;

pub use text::Issue;

/// The document of a token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Token {
    /// The SHA-256 of its text in hex.
    pub hash: String,
    /// The last letters of its text, or the owner's name for it.
    pub hint: String,
    /// The type of the token.
    pub token_type: TokenType,
    /// Who acts with it.
    pub subject: Id,
    /// Its scopes; if empty, it may do everything that the subject may do.
    pub scopes: Vec<String>,
    /// The application that it was issued to.
    pub client_id: Option<String>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

const SUBJECT: Column<Token> =
    Column::text("subject", |token: &Token| (&token.subject).into()).filter();
const TOKEN_TYPE: Column<Token> =
    Column::text("token_type", |token| token.token_type.as_str().into());
const CLIENT_ID: Column<Token> =
    Column::text("client_id", |token| token.client_id.as_deref().into());

/// Finds a token by its hash.
pub(crate) const HASH: Name<Token> =
    Name::new("token.hash", "token", |token, claim| claim(&token.hash));

/// The list has no pages; it shows at most this many, the newest first.
const LIST_MAX: usize = 10_000;

/// The expiry that `info` reports for a token without one: the last second of the year 9999.
const NEVER: i64 = 253_402_300_799;

/// The hash by which a token is stored instead of its text.
pub fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

impl Resource for Token {
    /// A token remains that of the user for whom it was created.
    const KEEPS: Keeps = Keeps::All;
    const TABLE_NAME: &'static str = "tokens";
    const KINDS: &'static [Kind] = &[Kind::Token];
    const COLUMNS: &'static [Column<Self>] = &[SUBJECT, TOKEN_TYPE, CLIENT_ID];
    const REFS: &'static [Reference<Self>] =
        &[Reference::new("subject", |token, visit| visit(&token.subject))];
    const NAMES: &'static [Name<Self>] = &[HASH];
    const ONE: &'static str = "token";
    const MANY: &'static str = "tokens";
    type Object = AuthToken;
    type Summary = AtomSummary;

    fn visibility(cx: &OpCtx) -> Option<Cond<Self>> {
        (!cx.actor.is_admin).then(|| Cond::is(SUBJECT, &cx.actor.id))
    }

    /// The status depends on the time, which only the operations know; see [`shown`].
    fn object(stored: &Stored<Self>, x: &Expander) -> AuthToken {
        let token = stored.doc.clone();
        AuthToken {
            head: x.base(&stored.meta),
            client_id: token.client_id,
            expires_at: token.expires_at.map(Into::into),
            issued_at: token.issued_at.into(),
            requested_token_type: token.token_type,
            scopes: token.scopes,
            status: TokenStatus::Active,
            subject: x.don(&token.subject),
            token_hint: token.hint,
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> AtomSummary {
        x.atom(stored.id())
    }
}

impl Token {
    /// A personal access token of `subject` with a chosen text, which is not stored.
    pub fn personal(cx: &OpCtx, subject: Id, text: &str, hint: &str) -> Self {
        Self {
            hash: hash(text),
            hint: hint.to_owned(),
            token_type: TokenType::Pat,
            subject,
            scopes: Vec::new(),
            client_id: None,
            issued_at: cx.now,
            expires_at: None,
            revoked_at: None,
        }
    }

    /// Whether it is valid at an instant.
    pub fn status(&self, now: Timestamp) -> TokenStatus {
        if self.revoked_at.is_some() {
            TokenStatus::Revoked
        } else if self.expires_at.is_some_and(|end| end <= now) {
            TokenStatus::Expired
        } else {
            TokenStatus::Active
        }
    }
}

/// Registers the family. What a caller may do with the token of the call itself needs no scope.
pub fn ops(table: &mut OpTable<Tx>) {
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

async fn revoke(tx: &mut Tx, old: Stored<Token>) -> Result<()> {
    let revoked_at = old.doc.revoked_at.or(Some(tx.cx().now));
    let token = Token { revoked_at, ..old.doc.clone() };
    tx.update(old, token).await.map(drop)
}

async fn self_delete(tx: &mut Tx, request: SelfDeleteRequest) -> Result<Empty> {
    let SelfDeleteRequest { requested_token_type } = request;
    let subject = tx.cx().actor.id.clone();
    revoke_all(tx, &subject, requested_token_type).await?;
    Ok(Empty {})
}

/// Revokes all tokens of a user, or those of one type.
pub(crate) async fn revoke_all(
    tx: &mut Tx,
    subject: &Id,
    token_type: Option<TokenType>,
) -> Result<()> {
    let mut query = Query::new();
    query.with(Cond::is(SUBJECT, subject)).is(TOKEN_TYPE, token_type.map(TokenType::as_str));
    // All of them, however many: one that is missed would stay valid.
    let count = tx.count::<Token>(&query).await?;
    let limit = usize::try_from(count).map_err(Error::internal)?;
    for token in tx.first::<Token>(&query, limit).await? {
        revoke(tx, token).await?;
    }
    Ok(())
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
