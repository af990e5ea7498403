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
    /// How a token is asked for.
    pub enum GrantType = "auth-token-grant-type" {
        /// For the caller, or for whom the caller may act.
        Issue = "urn:devrev:params:oauth:grant-type:token-issue",
        /// For another token.
        Exchange = "urn:ietf:params:oauth:grant-type:token-exchange",
    }
}

crate::wire_enum! {
    /// What a token is for.
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
        /// Somebody as whom an admin acts.
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
    /// What the token given for another is.
    pub enum SubjectTokenType = "auth-token-subject-token-type" {
        /// Of a login provider.
        JwtAuth0 = "urn:devrev:params:oauth:token-type:jwt:auth0",
        /// Of a dev user.
        JwtDev = "urn:devrev:params:oauth:token-type:jwt:dev",
        /// For getting other tokens.
        Rat = "urn:devrev:params:oauth:token-type:rat",
        /// Of a contact.
        Rev = "urn:devrev:params:oauth:token-type:rev",
        /// What is known of a contact.
        RevInfo = "urn:devrev:params:oauth:token-type:revinfo",
        /// Of a session.
        Session = "urn:devrev:params:oauth:token-type:session",
        /// Of a bot.
        Sysu = "urn:devrev:params:oauth:token-type:sysu",
        /// What is known of a user.
        UserInfo = "urn:devrev:params:oauth:token-type:userinfo",
        /// Anything.
        Jwt = "urn:ietf:params:oauth:token-type:jwt",
    }
}

crate::wire_enum! {
    /// Whether a token is good for anything.
    pub enum TokenStatus = "auth-token-status" {
        /// It is.
        Active = "active",
        /// It has ended.
        Expired = "expired",
        /// It was taken back.
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
    /// What is known of the account of a contact.
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
    /// What is known of the workspace of a contact.
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
    /// What is known of a contact.
    create struct UserTraits = "auth-tokens-user-traits" {
        /// Custom fields.
        custom_fields: Option<NoCustomFields>,
        /// Who it is.
        description: Option<Text<0, 65_536>>,
        /// The name that others see.
        display_name: Option<Text<1, 256>>,
        /// The address.
        email: Option<MailAddress<3, 320>>,
        /// The whole name.
        full_name: Option<Text<0, 256>>,
        /// The phone numbers.
        phone_numbers: Vec<PhoneNumber>,
    }
}

crate::request! {
    /// The contact to find or make, and to issue a session for.
    create struct RevInfo = "auth-tokens-rev-info" {
        /// The account by its reference.
        account_ref: Option<Text<1, 512>>,
        /// What is known of the account.
        account_traits: Option<AccountTraits>,
        /// The workspace by its reference, as it was spelt before.
        org_ref: Option<Text<1, 512>>,
        /// What is known of the workspace, as it was spelt before.
        org_traits: Option<OrgTraits>,
        /// The contact by its id.
        user_id: Option<RevUserId>,
        /// The contact by its reference.
        user_ref: Option<Text<1, 512>>,
        /// What is known of the contact.
        user_traits: Option<UserTraits>,
        /// The workspace by its reference.
        workspace_ref: Option<Text<1, 512>>,
        /// What is known of the workspace.
        workspace_traits: Option<OrgTraits>,
    }
}

crate::request! {
    /// Asks for a new token.
    create struct CreateRequest = "auth-tokens-create-request" {
        /// As whom the token acts.
        act_as: Option<UserId>,
        /// For whom the token is meant.
        aud: Vec<String>,
        /// The application.
        client_id: Option<Text<1, 256>>,
        /// How long it is good, in days; for `pat:act-as` in seconds, as a client in use means it.
        /// 0 is as if absent.
        expires_in: Option<UpTo<1825>>,
        /// How long it is good, in minutes; 0 is as if absent.
        expires_in_mins: Option<UpTo<1440>>,
        /// How it is asked for.
        grant_type: Option<GrantType>,
        /// What it is for.
        requested_token_type: Option<TokenType>,
        /// The contact to issue a session for.
        rev_info: Option<RevInfo>,
        /// What it may do, separated by spaces; all that its subject may, when absent.
        scope: Option<String>,
        /// The token to exchange.
        subject_token: Option<String>,
        /// What the token to exchange is.
        subject_token_type: Option<SubjectTokenType>,
        /// What its owner calls it.
        token_hint: Option<Text<0, 256>>,
    }
}

crate::request! {
    /// Names a token.
    read struct GetRequest = "auth-tokens-get-request" {
        /// The token.
        token_id: TokenId,
    }
}

crate::request! {
    /// Which tokens to list.
    read struct ListRequest = "auth-tokens-list-request" {
        /// Of this application.
        client_id: Option<String>,
        /// Of this type.
        requested_token_type: Option<TokenType>,
        /// Of this user; of the caller, when absent.
        subject: Option<UserId>,
    }
}

crate::request! {
    /// Asks whose token the call was made with.
    read struct InfoRequest = "auth-tokens-info-request" {}
}

crate::request! {
    /// Changes what a token is called.
    update struct UpdateRequest = "auth-tokens-update-request" {
        /// What its owner calls it.
        token_hint: Text<0, 256>,
        /// The token.
        token_id: TokenId,
    }
}

crate::request! {
    /// Takes a token back.
    create struct DeleteRequest = "auth-tokens-delete-request" {
        /// The token; that of the call, when absent.
        token_id: Option<TokenId>,
    }
}

crate::request! {
    /// Takes all tokens of the caller back.
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
    /// How long it is good, in seconds (BEHAVIOUR 13.2).
    pub expires_in: i64,
    /// What it may do.
    pub scope: Option<String>,
    /// How it is sent: always `bearer`.
    #[schemars(extend("enum" = ["bearer"]))]
    pub token_type: &'static str,
}

/// What is known of a token. Its text is not.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "auth-token")]
pub struct AuthToken {
    /// The head.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The application.
    pub client_id: Option<String>,
    /// When it ends.
    pub expires_at: Option<DateTime>,
    /// When it was issued.
    pub issued_at: DateTime,
    /// What it is for.
    pub requested_token_type: TokenType,
    /// What it may do; all that its subject may, when absent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Whether it is good for anything.
    pub status: TokenStatus,
    /// Who acts with it.
    pub subject: String,
    /// What its owner calls it.
    pub token_hint: String,
}

/// Tokens.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "auth-tokens-list-response")]
pub struct ListResponse {
    /// The tokens, newest first.
    pub tokens: Vec<AuthToken>,
}

/// Whose token a call was made with.
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
    /// The short id for people.
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
    /// When it ends, in seconds since 1970.
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
    /// The short id for people.
    pub display_id: String,
    /// The name that others see.
    pub display_name: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// The whole name.
    pub full_name: Option<String>,
    /// The id.
    pub id: String,
}
