//! The text of a token: a JSON Web Token whose claims tell clients where to go and who they are.
//!
//! The server never trusts the claims: it finds a token by the hash of its whole text. So the
//! signature must be unguessable, and its key is not stored; see
//! `docs/decisions/015-tokens-are-jwts.md`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;
use worksmith_kernel::{Error, OpCtx, Result};
use worksmith_wire::auth_tokens::TokenType;
use worksmith_wire::{Id, Kind, Timestamp};

use super::seconds;
use crate::secrets::hash;
use crate::tokens::Token;

/// The token to be issued.
pub struct Issue {
    /// The type of the token.
    pub token_type: TokenType,
    /// Who acts with it.
    pub subject: Id,
    /// Its scopes; if empty, it may do everything that the subject may do.
    pub scopes: Vec<String>,
    /// The application that it is issued to.
    pub client_id: Option<String>,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// The owner's name for it; the last letters of its text when absent.
    pub hint: Option<String>,
}

impl Issue {
    /// A personal access token that never expires.
    pub fn personal(subject: Id) -> Self {
        Self {
            token_type: TokenType::Pat,
            subject,
            scopes: Vec::new(),
            client_id: None,
            expires_at: None,
            hint: None,
        }
    }

    /// Creates the token: its document, and its text, which is shown once and not stored.
    pub fn make(self, cx: &OpCtx) -> Result<(Token, String)> {
        let text = text(cx, &self)?;
        let Self { token_type, subject, scopes, client_id, expires_at, hint } = self;
        let hint = hint.unwrap_or_else(|| text[text.len() - HINT..].to_owned());
        let token = Token {
            hash: hash(&text),
            hint,
            token_type,
            subject,
            scopes,
            client_id,
            issued_at: cx.now,
            expires_at,
            revoked_at: None,
        };
        Ok((token, text))
    }
}

/// How many letters of the text a hint shows.
const HINT: usize = 4;
/// The length of the random part that tells tokens apart.
const ID_LENGTH: usize = 22;

/// `{"alg":"HS256","typ":"JWT"}`
const HEADER: &[u8] = br#"{"alg":"HS256","typ":"JWT"}"#;

/// The claims, by the names that the hosted service gives them.
#[derive(Serialize)]
struct Claims<'a> {
    /// The address of the API, from which clients take their base URL.
    iss: &'a str,
    sub: String,
    /// Who requested the token; for a session of a contact, the application.
    azp: String,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    jti: String,
    #[serde(rename = "http://devrev.ai/devo_don")]
    org: String,
    #[serde(rename = "http://devrev.ai/devoid", skip_serializing_if = "Option::is_none")]
    org_display_id: Option<String>,
    #[serde(rename = "http://devrev.ai/devuid", skip_serializing_if = "Option::is_none")]
    dev_user_display_id: Option<String>,
    #[serde(rename = "http://devrev.ai/svcacc", skip_serializing_if = "Option::is_none")]
    service_account: Option<String>,
    #[serde(rename = "http://devrev.ai/tokentype")]
    token_type: &'static str,
}

fn text(cx: &OpCtx, issue: &Issue) -> Result<String> {
    let subject = &issue.subject;
    let asker = if subject.kind() == Kind::RevUser { &cx.actor.id } else { subject };
    let org = Id::new(Kind::DevOrg, cx.org.org.clone());
    let is = |id: &Id, kind: Kind| id.kind() == kind;
    let claims = Claims {
        iss: &cx.base_url,
        sub: cx.don(subject),
        azp: cx.don(asker),
        iat: seconds(cx.now),
        exp: issue.expires_at.map(seconds),
        jti: cx.opaque(ID_LENGTH),
        org: cx.don(&org),
        org_display_id: org.display_id(),
        dev_user_display_id: subject.display_id().filter(|_| is(subject, Kind::DevUser)),
        service_account: is(asker, Kind::ServiceAccount).then(|| cx.don(asker)),
        token_type: issue.token_type.as_str(),
    };
    let claims = serde_json::to_vec(&claims).map_err(Error::internal)?;
    let mut text = URL_SAFE_NO_PAD.encode(HEADER);
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(claims, &mut text);
    let mut key = [0_u8; 32];
    cx.entropy.fill(&mut key);
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(Error::internal)?;
    mac.update(text.as_bytes());
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(mac.finalize().into_bytes(), &mut text);
    Ok(text)
}
