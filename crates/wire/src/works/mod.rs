//! Works: issues, tickets, tasks and opportunities.
//!
//! `create.rs` and `update.rs` hold a request per type, `filter.rs` what list, export and count
//! take, `count.rs` the groups of a count, `object.rs` what answers show.

mod count;
mod create;
mod filter;
mod object;
mod update;

pub use count::*;
pub use create::*;
pub use filter::*;
pub use object::*;
pub use update::*;

pub use crate::common::Severity;
use crate::common::WorkId;
use crate::{ApiError, At, FromWire, Plus, Timestamp};

crate::wire_enum! {
    /// What kind of work.
    pub enum WorkType = "work-type" {
        /// A build-side job on a part.
        Issue = "issue",
        /// A sales deal.
        Opportunity = "opportunity",
        /// A small step.
        Task = "task",
        /// A customer's request.
        Ticket = "ticket",
    }
}

crate::wire_enum! {
    /// How urgent a work is, from the most urgent.
    pub enum Priority = "issue-priority" {
        /// At once.
        P0 = "p0",
        /// Soon.
        P1 = "p1",
        /// In turn.
        P2 = "p2",
        /// Some day.
        P3 = "p3",
    }
}

crate::wire_enum! {
    /// Where a ticket came from, in the old spelling. `other` is the Python SDK's.
    pub enum TicketChannel = "ticket-channels" {
        /// By mail.
        Email = "email",
        /// Through the widget.
        Plug = "plug",
        /// From a chat room.
        Slack = "slack",
        /// By telephone.
        Twilio = "twilio",
        /// By text message.
        TwilioSms = "twilio_sms",
        /// Any other way.
        Other = "other",
    }
}

crate::wire_enum! {
    /// How likely a deal is, in the old spelling.
    pub enum ForecastCategory = "opportunity-forecast-category" {
        /// Left out of forecasts.
        Omitted = "omitted",
        /// Identified.
        Pipeline = "pipeline",
        /// Possible.
        Upside = "upside",
        /// Likely.
        StrongUpside = "strong_upside",
        /// Committed.
        Commit = "commit",
        /// Won.
        Won = "won",
    }
}

/// A sum of money.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[schemars(rename = "money")]
pub struct Money {
    /// The amount as a decimal number.
    pub amount: String,
    /// The currency by its ISO 4217 code.
    pub currency: String,
}

crate::request! {
    /// A sum of money.
    create struct SetMoney = "set-money" {
        /// The amount as a decimal number.
        amount: Decimal,
        /// The currency by its ISO 4217 code.
        currency: Currency,
    }
}

impl From<SetMoney> for Money {
    fn from(money: SetMoney) -> Self {
        Self { amount: money.amount.0, currency: money.currency.0 }
    }
}

/// A decimal number as text, such as `1250.00`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal(pub String);

/// The three letters of an ISO 4217 currency code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Currency(pub String);

const DECIMAL: &str = r"^-?[0-9]{1,30}(\.[0-9]{1,10})?$";
const CURRENCY: &str = "^[A-Z]{3}$";

fn is_decimal(text: &str) -> bool {
    let digits = |text: &str, max: usize| {
        (1..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let text = text.strip_prefix('-').unwrap_or(text);
    match text.split_once('.') {
        Some((whole, fraction)) => digits(whole, 30) && digits(fraction, 10),
        None => digits(text, 30),
    }
}

fn patterned(text: &str, holds: bool, at: &At<'_>, pattern: &str) -> Result<(), ApiError> {
    if holds {
        return Ok(());
    }
    let field = at.path();
    let message = format!("{field}: {text:?} is not of the form {pattern}");
    Err(ApiError::not_permitted(&field, message).with("pattern", pattern))
}

impl FromWire for Decimal {
    fn from_value(value: serde_json::Value, at: &At<'_>) -> Result<Self, ApiError> {
        let text = String::from_value(value, at)?;
        patterned(&text, is_decimal(&text), at, DECIMAL)?;
        Ok(Self(text))
    }
    fn schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": DECIMAL })
    }
}

impl FromWire for Currency {
    fn from_value(value: serde_json::Value, at: &At<'_>) -> Result<Self, ApiError> {
        let text = String::from_value(value, at)?;
        let holds = text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase());
        patterned(&text, holds, at, CURRENCY)?;
        Ok(Self(text))
    }
    fn schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": CURRENCY })
    }
}

/// The id of one of an enum's values, from 1 to `LAST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnumId<const LAST: i64>(pub i64);

impl<const LAST: i64> FromWire for EnumId<LAST> {
    fn from_value(value: serde_json::Value, at: &At<'_>) -> Result<Self, ApiError> {
        let id = i64::from_value(value, at)?;
        if (1..=LAST).contains(&id) {
            return Ok(Self(id));
        }
        let field = at.path();
        let allowed: Vec<String> = (1..=LAST).map(|id| id.to_string()).collect();
        let message = format!("{field}: {id} is not one of {}", allowed.join(", "));
        Err(ApiError::not_permitted(&field, message).with("allowed_values", allowed))
    }
    fn schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "integer", "format": "int64", "minimum": 1, "maximum": LAST,
        })
    }
}

/// A number from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Probability(pub f64);

impl FromWire for Probability {
    fn from_value(value: serde_json::Value, at: &At<'_>) -> Result<Self, ApiError> {
        let number = f64::from_value(value, at)?;
        if (0.0..=1.0).contains(&number) {
            return Ok(Self(number));
        }
        let field = at.path();
        let message = format!("{field} is {number}, but lies between 0 and 1");
        Err(ApiError::not_permitted(&field, message).with("reason", "between 0 and 1"))
    }
    fn schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "number", "format": "double", "minimum": 0, "maximum": 1,
        })
    }
}

impl From<Probability> for f64 {
    fn from(probability: Probability) -> Self {
        probability.0
    }
}

/// An earlier moment of an object: a time, or the number of a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// A time.
    Time(Timestamp),
    /// A revision, counted from 1.
    Revision(u64),
}

impl FromWire for AsOf {
    const PLUS: Plus = Timestamp::PLUS;

    fn from_value(value: serde_json::Value, at: &At<'_>) -> Result<Self, ApiError> {
        let is_number = match &value {
            serde_json::Value::Array(raws) if at.in_query() => {
                let raw = raws.last().and_then(serde_json::Value::as_str).unwrap_or_default();
                !raw.is_empty() && raw.bytes().all(|byte| byte.is_ascii_digit())
            }
            value => value.is_number(),
        };
        if !is_number {
            return Timestamp::from_value(value, at).map(Self::Time);
        }
        let number = i64::from_value(value, at)?;
        match u64::try_from(number) {
            Ok(revision) if revision > 0 => Ok(Self::Revision(revision)),
            _ => {
                let field = at.path();
                let message = format!("{field}: revisions are counted from 1, not {number}");
                Err(ApiError::not_permitted(&field, message).with("reason", "at least 1"))
            }
        }
    }

    fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let revision = schemars::json_schema!({
            "type": "integer", "format": "int64", "minimum": 1,
        });
        schemars::json_schema!({ "anyOf": [Timestamp::schema(generator), revision] })
    }
}

crate::request! {
    /// The work to get.
    read struct GetRequest = "works-get-request" {
        /// The work to get.
        id: WorkId,
        /// The moment as of which it is shown: a time, or one of its revisions. The work and all
        /// that it embeds are shown as they were then, even if they are deleted by now.
        as_of: Option<AsOf>,
    }
}

crate::request! {
    /// Leads a work back to an earlier revision.
    update struct RevertRequest = "works-revert-request" {
        /// The work.
        id: WorkId,
        /// The revision.
        revision: i64,
    }
}

crate::id_requests! {
    /// The work to delete.
    DeleteRequest = "works-delete-request" { id: WorkId }
}

crate::request! {
    /// A field of an imported work whose counterpart is not known.
    create struct SetUnresolvedField = "works-update-request-staged-info-update-unresolved-field" {
        /// The name here.
        devrev_field_name: Option<String>,
        /// The name for people there.
        external_display_name: Option<String>,
        /// The name there.
        external_field_name: Option<String>,
    }
}

crate::request! {
    /// What is unresolved in an imported work.
    update struct SetStagedInfo = "works-update-request-staged-info-update" {
        /// Names of fields.
        unresolved_fields: Option<Vec<String>>,
        /// Fields that came in.
        sync_in_unresolved_fields: Option<Vec<SetUnresolvedField>>,
        /// Fields that go out.
        sync_out_unresolved_fields: Option<Vec<SetUnresolvedField>>,
    }
}

/// A time that a nullable member can be patched with.
pub type PatchTime = crate::Patch<Timestamp>;
