//! Security tokens. Only the hash of a token is kept; its text is shown once.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use worksmith_kernel::{
    Column, ColumnType, Expander, OpCtx, OpTable, Resource, Stored, Table, Value, column,
};
use worksmith_store::Tx;
use worksmith_wire::common::AtomSummary;
use worksmith_wire::{Id, Kind, Timestamp};

/// The document of a token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Token {
    /// The SHA-256 of its text in hex.
    pub hash: String,
    /// The last letters of its text, or what its owner calls it.
    pub hint: String,
    /// The type URN.
    pub token_type: String,
    /// Who acts with it.
    pub subject: Id,
    /// What it may do; empty for all that the subject may.
    pub scopes: Vec<String>,
    /// The application that it was issued to.
    pub client_id: Option<String>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

static TABLE: Table = Table {
    name: "tokens",
    kinds: &[Kind::Token],
    columns: &[SUBJECT, TOKEN_TYPE, CLIENT_ID],
    indexes: &[&["subject"]],
};
const SUBJECT: Column = column("subject", ColumnType::Text);
const TOKEN_TYPE: Column = column("token_type", ColumnType::Text);
const CLIENT_ID: Column = column("client_id", ColumnType::Text);

/// The space of names in which a token is found by its hash.
pub(crate) const HASH: &str = "token.hash";

/// A personal access token.
pub const PAT: &str = "urn:devrev:params:oauth:token-type:pat";

/// The hash under which a token's text is kept.
pub fn hash(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .fold(String::with_capacity(64), |hex, byte| hex + &format!("{byte:02x}"))
}

impl Resource for Token {
    const TABLE: &'static Table = &TABLE;
    const ONE: &'static str = "token";
    const MANY: &'static str = "tokens";
    type Object = AtomSummary;
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

    fn object(stored: &Stored<Self>, x: &Expander) -> AtomSummary {
        Self::summary(stored, x)
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> AtomSummary {
        x.atom(stored.id())
    }
}

impl Token {
    /// A personal access token of `subject` with the given text, which is kept nowhere.
    pub fn personal(cx: &OpCtx, subject: Id, text: &str, hint: &str) -> Self {
        Self {
            hash: hash(text),
            hint: hint.to_owned(),
            token_type: PAT.to_owned(),
            subject,
            scopes: Vec::new(),
            client_id: None,
            issued_at: cx.now,
            expires_at: None,
            revoked_at: None,
        }
    }
}

/// Registers the family.
pub fn ops(table: &mut OpTable<Tx>) {
    table.family::<Token>();
}
