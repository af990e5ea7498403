//! Security tokens.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;

use crate::common::{AtomBase, RevUserId, TokenId, UserId, UserType};
use crate::custom::NoCustomFields;
use crate::rev_users::PhoneNumber;
use crate::{ApiError, At, DateTime, FromWire, MailAddress, Text};

crate::wire_enum! {
    /// The grant type by which a token is requested.
    pub enum GrantType = "auth-token-grant-type" {
        /// A token for the caller, or for somebody on whose behalf the caller may act.
        Issue = "urn:devrev:params:oauth:grant-type:token-issue",
        /// A token in exchange for another one.
        Exchange = "urn:ietf:params:oauth:grant-type:token-exchange",
    }
}

crate::wire_enum! {
    /// The type of a token: what it is for.
    pub enum TokenType = "auth-token-requested-token-type" {
        /// An application.
        Aat = "urn:devrev:params:oauth:token-type:aat",
        /// An application that acts as somebody.
        AatActAs = "urn:devrev:params:oauth:token-type:aat:act-as",
        /// An application in public.
        AatPublic = "urn:devrev:params:oauth:token-type:aat:public",
        /// A dev user.
        Dev = "urn:devrev:params:oauth:token-type:dev",
        /// A dev user of several orgs.
        DevConnect = "urn:devrev:params:oauth:token-type:dev:connect",
        /// A gateway.
        Gat = "urn:devrev:params:oauth:token-type:gat",
        /// A dev user, in person.
        Pat = "urn:devrev:params:oauth:token-type:pat",
        /// A user as whom an admin acts.
        PatActAs = "urn:devrev:params:oauth:token-type:pat:act-as",
        /// Getting other tokens.
        Rat = "urn:devrev:params:oauth:token-type:rat",
        /// A contact.
        Rev = "urn:devrev:params:oauth:token-type:rev",
        /// A session.
        Session = "urn:devrev:params:oauth:token-type:session",
        /// A session of a dev user.
        SessionDev = "urn:devrev:params:oauth:token-type:session:dev",
        /// A session before an org is chosen.
        SessionDev0 = "urn:devrev:params:oauth:token-type:session:dev0",
        /// A single call.
        SessionOnetime = "urn:devrev:params:oauth:token-type:session:onetime",
        /// A session of a contact.
        SessionRev = "urn:devrev:params:oauth:token-type:session:rev",
        /// A session as a contact.
        SessionRevActAs = "urn:devrev:params:oauth:token-type:session:rev:act-as",
        /// The vendor.
        Super = "urn:devrev:params:oauth:token-type:super",
        /// A bot of the server.
        Sys = "urn:devrev:params:oauth:token-type:sys",
        /// Anything.
        Jwt = "urn:ietf:params:oauth:token-type:jwt",
    }
}

crate::wire_enum! {
    /// The type of a token that is exchanged.
    pub enum SubjectTokenType = "auth-token-subject-token-type" {
        /// Of a login provider.
        JwtAuth0 = "urn:devrev:params:oauth:token-type:jwt:auth0",
        /// Of a dev user.
        JwtDev = "urn:devrev:params:oauth:token-type:jwt:dev",
        /// For getting other tokens.
        Rat = "urn:devrev:params:oauth:token-type:rat",
        /// Of a contact.
        Rev = "urn:devrev:params:oauth:token-type:rev",
        /// Information about a contact.
        RevInfo = "urn:devrev:params:oauth:token-type:revinfo",
        /// Of a session.
        Session = "urn:devrev:params:oauth:token-type:session",
        /// Of a bot.
        Sysu = "urn:devrev:params:oauth:token-type:sysu",
        /// Information about a user.
        UserInfo = "urn:devrev:params:oauth:token-type:userinfo",
        /// Anything.
        Jwt = "urn:ietf:params:oauth:token-type:jwt",
    }
}

crate::wire_enum! {
    /// Whether a token is valid.
    pub enum TokenStatus = "auth-token-status" {
        /// It is valid.
        Active = "active",
        /// It has expired.
        Expired = "expired",
        /// It was revoked.
        Revoked = "revoked",
    }
}

/// An integer from 0 to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpTo<const MAX: i64>(pub i64);

impl<const MAX: i64> FromWire for UpTo<MAX> {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let number = i64::from_value(value, at)?;
        if (0..=MAX).contains(&number) {
            return Ok(Self(number));
        }
        let (field, reason) = (at.path(), format!("an integer from 0 to {MAX}"));
        Err(ApiError::not_permitted(&field, format!("{field} must be {reason}"))
            .with("reason", reason))
    }
    fn schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 0, "maximum": MAX })
    }
}

crate::request! {
    /// Traits of the account of a contact.
    create struct AccountTraits = "auth-tokens-account-traits" {
        /// Custom fields.
        custom_fields: Option<NoCustomFields>,
        /// The name.
        display_name: Option<Text<1, 256>>,
        /// The domains of its addresses.
        domains: Vec<Text<1, 256>>,
    }
}

crate::request! {
    /// Traits of the workspace of a contact.
    create struct OrgTraits = "auth-tokens-org-traits" {
        /// Custom fields.
        custom_fields: Option<NoCustomFields>,
        /// What it is.
        description: Option<Text<0, 65_536>>,
        /// The name.
        display_name: Option<Text<1, 256>>,
        /// The domain.
        domain: Option<Text<1, 256>>,
        /// The phone numbers.
        phone_numbers: Vec<Text<1, 64>>,
        /// The tier.
        tier: Option<Text<0, 256>>,
    }
}

crate::request! {
    /// Information about a contact.
    create struct UserTraits = "auth-tokens-user-traits" {
        /// Custom fields.
        custom_fields: Option<NoCustomFields>,
        /// Who it is.
        description: Option<Text<0, 65_536>>,
        /// The name that others see.
        display_name: Option<Text<1, 256>>,
        /// The email address.
        email: Option<MailAddress<3, 320>>,
        /// The full name.
        full_name: Option<Text<0, 256>>,
        /// The phone numbers.
        phone_numbers: Vec<PhoneNumber>,
    }
}

crate::request! {
    /// The contact to find or create, and to issue a session for.
    create struct RevInfo = "auth-tokens-rev-info" {
        /// The account by its reference.
        account_ref: Option<Text<1, 512>>,
        /// Traits of the account.
        account_traits: Option<AccountTraits>,
        /// The workspace by its reference, under its old name.
        org_ref: Option<Text<1, 512>>,
        /// Traits of the workspace, under their old name.
        org_traits: Option<OrgTraits>,
        /// The contact by its id.
        user_id: Option<RevUserId>,
        /// The contact by its reference.
        user_ref: Option<Text<1, 512>>,
        /// Traits of the contact.
        user_traits: Option<UserTraits>,
        /// The workspace by its reference.
        workspace_ref: Option<Text<1, 512>>,
        /// Traits of the workspace.
        workspace_traits: Option<OrgTraits>,
    }
}

crate::request! {
    /// Creates a token.
    create struct CreateRequest = "auth-tokens-create-request" {
        /// The user as whom the token acts.
        act_as: Option<UserId>,
        /// The audience of the token.
        aud: Vec<String>,
        /// The application.
        client_id: Option<Text<1, 256>>,
        /// How long it is valid, in days; for `pat:act-as` in seconds, which is what a client in
        /// use means. 0 counts as absent.
        expires_in: Option<UpTo<1825>>,
        /// How long it is valid, in minutes; 0 counts as absent.
        expires_in_mins: Option<UpTo<1440>>,
        /// The grant type.
        grant_type: Option<GrantType>,
        /// The type of the token.
        requested_token_type: Option<TokenType>,
        /// The contact to issue a session for.
        rev_info: Option<RevInfo>,
        /// The scopes, separated by spaces; everything that the subject may do when absent.
        scope: Option<String>,
        /// The token to exchange.
        subject_token: Option<String>,
        /// The type of the token to exchange.
        subject_token_type: Option<SubjectTokenType>,
        /// The owner's name for it.
        token_hint: Option<Text<0, 256>>,
    }
}

crate::id_requests! {
    /// The token to get.
    GetRequest = "auth-tokens-get-request" { token_id: TokenId }
}

crate::request! {
    /// Which tokens to list.
    read struct ListRequest = "auth-tokens-list-request" {
        /// Tokens of this application.
        client_id: Option<String>,
        /// Tokens of this type.
        requested_token_type: Option<TokenType>,
        /// Tokens of this user; of the caller when absent.
        subject: Option<UserId>,
    }
}

crate::request! {
    /// Asks for information about the token of the call.
    read struct InfoRequest = "auth-tokens-info-request" {}
}

crate::request! {
    /// Changes the owner's name for a token.
    update struct UpdateRequest = "auth-tokens-update-request" {
        /// The owner's name for it.
        token_hint: Text<0, 256>,
        /// The token.
        token_id: TokenId,
    }
}

crate::request! {
    /// Revokes a token.
    create struct DeleteRequest = "auth-tokens-delete-request" {
        /// The token; that of the call, when absent.
        token_id: Option<TokenId>,
    }
}

crate::request! {
    /// Revokes all tokens of the caller.
    create struct SelfDeleteRequest = "auth-tokens-self-delete-request" {
        /// Only those of this type.
        requested_token_type: Option<TokenType>,
    }
}

/// A new token.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "auth-tokens-create-response")]
pub struct CreateResponse {
    /// The text of the token, shown this once.
    pub access_token: String,
    /// The application.
    pub client_id: Option<String>,
    /// How long it is valid, in seconds (BEHAVIOUR 13.2).
    pub expires_in: i64,
    /// The scopes, separated by spaces.
    pub scope: Option<String>,
    /// How it is sent: always `bearer`.
    #[schemars(extend("enum" = ["bearer"]))]
    pub token_type: &'static str,
}

/// Information about a token, without its text.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "auth-token")]
pub struct AuthToken {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The application.
    pub client_id: Option<String>,
    /// When it expires.
    pub expires_at: Option<DateTime>,
    /// When it was issued.
    pub issued_at: DateTime,
    /// The type of the token.
    pub requested_token_type: TokenType,
    /// The scopes; everything that the subject may do when absent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Whether it is valid.
    pub status: TokenStatus,
    /// Who acts with it.
    pub subject: String,
    /// The owner's name for it.
    pub token_hint: String,
}

/// Tokens.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "auth-tokens-list-response")]
pub struct ListResponse {
    /// The tokens, newest first.
    pub tokens: Vec<AuthToken>,
}

/// Information about the token of the call.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "auth-tokens-info-response")]
pub struct InfoResponse {
    /// The org.
    pub organization: OrgAttributes,
    /// The token.
    pub token: TokenAttributes,
    /// The user.
    pub user: UserAttributes,
}

/// The org that a token belongs to.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "auth-tokens-org-attributes")]
pub struct OrgAttributes {
    /// The short id for people, such as `ISS-42`.
    pub display_id: String,
    /// The id.
    pub id: String,
    /// The short name in addresses.
    pub slug: Option<String>,
}

/// The claims of a token.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "auth-tokens-token-attributes")]
pub struct TokenAttributes {
    /// When it expires, in seconds since 1970.
    pub expiry: i64,
    /// When it was issued, in seconds since 1970.
    pub issued_at: i64,
    /// Who issued it.
    pub issuer: String,
    /// Who acts with it.
    pub subject: String,
}

/// Who acts with a token.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "auth-tokens-user-attributes")]
pub struct UserAttributes {
    /// What kind of user.
    #[serde(rename = "type")]
    pub kind: UserType,
    /// The short id for people, such as `ISS-42`.
    pub display_id: String,
    /// The name that others see.
    pub display_name: Option<String>,
    /// The email address.
    pub email: Option<String>,
    /// The full name.
    pub full_name: Option<String>,
    /// The id.
    pub id: String,
}
