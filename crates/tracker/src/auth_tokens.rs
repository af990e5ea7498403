//! Security tokens. Only the hash of a token is kept; its text is shown once.

use serde::{Deserialize, Serialize};
use worksmith_engine::{One, Tx};
use worksmith_kernel::{
    Audience, Changed, Column, ColumnType, Cond, Error, Expander, Keeps, Op, OpCtx, OpTable, Query,
    Resource, Result, Stored, Table, Value, column,
};
use worksmith_wire::auth_tokens::{
    AuthToken, DeleteRequest, GetRequest, InfoRequest, InfoResponse, ListRequest, ListResponse,
    OrgAttributes, SelfDeleteRequest, TokenAttributes, TokenStatus, TokenType, UpdateRequest,
    UserAttributes,
};
use worksmith_wire::common::{AtomSummary, Empty, UserSummary};
use worksmith_wire::{ApiError, Id, Kind, Timestamp};

use crate::dev_orgs::DevOrg;
use crate::dev_users::DevUser;
use crate::secrets::hash;

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

static TABLE: Table = Table {
    name: "tokens",
    kinds: &[Kind::Token],
    columns: &[SUBJECT, TOKEN_TYPE, CLIENT_ID],
    filters: &["subject"],
    sorts: &[],
    digest: &[],
};
const SUBJECT: Column = column("subject", ColumnType::Text);
const TOKEN_TYPE: Column = column("token_type", ColumnType::Text);
const CLIENT_ID: Column = column("client_id", ColumnType::Text);

/// The space of names in which a token is found by its hash.
pub(crate) const HASH: &str = "token.hash";

/// The list has no pages; it shows at most this many, the newest first.
const LIST_MAX: usize = 10_000;

/// The expiry that `info` reports for a token without one: the last second of the year 9999.
const NEVER: i64 = 253_402_300_799;

impl Resource for Token {
    /// A token remains that of the user for whom it was created.
    const KEEPS: Keeps = Keeps::All;
    const TABLE: &'static Table = &TABLE;
    const ONE: &'static str = "token";
    const MANY: &'static str = "tokens";
    type Object = AuthToken;
    type Summary = AtomSummary;

    fn columns(&self) -> Vec<Value> {
        vec![
            (&self.subject).into(),
            self.token_type.as_str().into(),
            self.client_id.as_deref().into(),
        ]
    }

    fn refs<'a>(&'a self, visit: &mut dyn FnMut(&'static str, &'a Id)) {
        visit("subject", &self.subject);
    }

    fn names(&self, claim: &mut dyn FnMut(&'static str, &'static str, &str)) {
        claim(HASH, "token", &self.hash);
    }

    fn visibility(cx: &OpCtx) -> Option<Cond> {
        (!cx.actor.is_admin).then(|| Cond::is("subject", &cx.actor.id))
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
    table.follow(revoke_of_merged);
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
        .one_of_ids("subject", [subject])
        .is("client_id", client_id)
        .is("token_type", requested_token_type.map(TokenType::as_str));
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

/// Revokes the tokens of a dev user who is merged into another: nobody acts as them any more.
async fn revoke_of_merged(tx: &mut Tx, changed: Changed<DevUser>) -> Result<()> {
    let (Some(before), Some(after)) = (changed.before, changed.after) else { return Ok(()) };
    if before.doc.primary_identity.is_none() && after.doc.primary_identity.is_some() {
        revoke_all(tx, after.id(), None).await?;
    }
    Ok(())
}

/// Revokes all tokens of a user, or those of one type.
async fn revoke_all(tx: &mut Tx, subject: &Id, token_type: Option<TokenType>) -> Result<()> {
    let mut query = Query::new();
    query.with(Cond::is("subject", subject)).is("token_type", token_type.map(TokenType::as_str));
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
