//! The document of a security token, and how tokens end. Only the hash of a token is kept.

use serde::{Deserialize, Serialize};
use worksmith_engine::Tx;
use worksmith_kernel::{
    Column, Cond, Error, Expander, Keeps, Name, OpCtx, Query, Reference, Resource, Result, Stored,
};
use worksmith_wire::auth_tokens::{AuthToken, TokenStatus, TokenType};
use worksmith_wire::common::AtomSummary;
use worksmith_wire::{Id, Kind, Timestamp};

use crate::secrets::hash;

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

/// Whom it stands for.
pub const SUBJECT: Column<Token> =
    Column::text("subject", |token: &Token| (&token.subject).into()).filter();
/// What kind of token it is.
pub const TOKEN_TYPE: Column<Token> =
    Column::text("token_type", |token| token.token_type.as_str().into());
/// The client that it was issued to.
pub const CLIENT_ID: Column<Token> =
    Column::text("client_id", |token| token.client_id.as_deref().into());
/// Finds a token by its hash.
pub const HASH: Name<Token> = Name::new("token.hash", "token", |token, claim| claim(&token.hash));

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

    /// The status depends on the time, which only the operations know.
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

/// Revokes a token; one that was revoked before keeps its instant.
pub async fn revoke(tx: &mut Tx, old: Stored<Token>) -> Result<()> {
    let revoked_at = old.doc.revoked_at.or(Some(tx.cx().now));
    let token = Token { revoked_at, ..old.doc.clone() };
    tx.update(old, token).await.map(drop)
}

/// Revokes all tokens of a user, or those of one type.
pub async fn revoke_all(tx: &mut Tx, subject: &Id, token_type: Option<TokenType>) -> Result<()> {
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
