//! The stock fields of each leaf type, as schemas describe them.

use FieldType::{Bool, Double, Enum, Id, RichText, Struct, Timestamp, Tokens, Uenum};
use worksmith_wire::Text;
use worksmith_wire::schemas::{AllowedValues, Field, FieldType, FieldUi, UenumValue};

/// The stock leaf types, in the order of the numbers of their fragments, which must never change;
/// and whether orgs can add fields to them.
pub(super) const LEAVES: [(&str, bool); 19] = [
    ("issue", true),
    ("ticket", true),
    ("task", true),
    ("opportunity", true),
    ("product", true),
    ("capability", true),
    ("feature", true),
    ("enhancement", true),
    ("runnable", true),
    ("linkable", true),
    ("account", true),
    ("rev_org", true),
    ("rev_user", true),
    ("dev_user", true),
    ("group", false),
    ("tag", false),
    ("conversation", true),
    ("incident", true),
    ("custom_object", false),
];

/// The description of a stock field.
struct Stock {
    name: &'static str,
    of: FieldType,
    is_list: bool,
    is_required: bool,
    is_filterable: bool,
    /// The leaf types that ids may name, or the texts to choose from.
    choices: &'static [&'static str],
}

const fn one(name: &'static str, of: FieldType) -> Stock {
    Stock { name, of, is_list: false, is_required: false, is_filterable: false, choices: &[] }
}

impl Stock {
    const fn list(mut self) -> Self {
        self.is_list = true;
        self
    }

    const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    const fn filterable(mut self) -> Self {
        self.is_filterable = true;
        self
    }

    const fn of(mut self, choices: &'static [&'static str]) -> Self {
        self.choices = choices;
        self
    }
}

const OWNERS: &[&str] = &["dev_user", "service_account", "sys_user"];
const USERS: &[&str] = &["dev_user", "rev_user", "service_account", "sys_user"];
const PARTS: &[&str] = &["product", "capability", "feature", "enhancement", "runnable", "linkable"];

/// The fields of every leaf type.
const BASE: &[Stock] = &[
    one("created_by", Id).of(USERS).filterable(),
    one("created_date", Timestamp).filterable(),
    one("modified_by", Id).of(USERS).filterable(),
    one("modified_date", Timestamp).filterable(),
];

const WORK: &[Stock] = &[
    one("title", Tokens).required(),
    one("body", RichText),
    one("applies_to_part", Id).of(PARTS).filterable(),
    one("owned_by", Id).of(OWNERS).list().required().filterable(),
    one("reported_by", Id).of(USERS).list().filterable(),
    one("artifacts", Id).of(&["artifact"]).list(),
    one("tags", Struct).list().filterable(),
    one("stage", Struct).filterable(),
    one("target_close_date", Timestamp).filterable(),
    one("actual_close_date", Timestamp).filterable(),
    one("external_ref", Tokens).filterable(),
    one("subtype", Tokens).filterable(),
];

const PRIORITIES: &[&str] = &["p0", "p1", "p2", "p3"];

const ISSUE: &[Stock] = &[
    one("priority", Enum).of(PRIORITIES).filterable(),
    one("priority_v2", Uenum).filterable(),
    one("developed_with", Id).of(PARTS).list(),
    one("sprint", Id).of(&["vista_group_item"]).filterable(),
    one("target_start_date", Timestamp).filterable(),
    one("actual_start_date", Timestamp).filterable(),
];

const TICKET: &[Stock] = &[
    one("severity", Enum).of(&["blocker", "high", "medium", "low"]).filterable(),
    one("severity_v2", Uenum).filterable(),
    one("account", Id).of(&["account"]).filterable(),
    one("rev_org", Id).of(&["rev_org"]).filterable(),
    one("group", Id).of(&["group"]).filterable(),
    one("channels", Enum)
        .of(&["email", "plug", "slack", "twilio", "twilio_sms", "other"])
        .list()
        .filterable(),
    one("channels_v2", Id).of(&["channel"]).list().filterable(),
    one("source_channel", Tokens).filterable(),
    one("source_channel_v2", Id).of(&["channel"]).filterable(),
    one("is_spam", Bool).filterable(),
    one("is_frozen", Bool).filterable(),
    one("needs_response", Bool).filterable(),
    one("sentiment", Uenum),
    one("sentiment_summary", Tokens),
    one("sentiment_modified_date", Timestamp),
    one("visibility", Uenum).filterable(),
];

const TASK: &[Stock] =
    &[one("priority", Enum).of(PRIORITIES), one("embedded", Bool), one("start_date", Timestamp)];

const OPPORTUNITY: &[Stock] = &[
    one("account", Id).of(&["account"]).required().filterable(),
    one("contacts", Id).of(&["rev_user"]).list().filterable(),
    one("amount", Double),
    one("customer_budget", Double),
    one("probability", Double),
    one("value", Struct),
    one("annual_contract_value", Struct),
    one("forecast_category", Enum).of(&[
        "omitted",
        "pipeline",
        "upside",
        "strong_upside",
        "commit",
        "won",
    ]),
    one("forecast_category_v2", Uenum).filterable(),
    one("priority", Enum).of(PRIORITIES),
];

const PART: &[Stock] = &[
    one("name", Tokens).required().filterable(),
    one("description", RichText),
    one("owned_by", Id).of(OWNERS).list().required().filterable(),
    one("artifacts", Id).of(&["artifact"]).list(),
    one("tags", Struct).list().filterable(),
];

const ENHANCEMENT: &[Stock] = &[
    one("parent_part", Id).of(PARTS).filterable(),
    one("stage_v2", Struct).filterable(),
    one("target_close_date", Timestamp).filterable(),
    one("target_start_date", Timestamp).filterable(),
    one("actual_close_date", Timestamp).filterable(),
    one("actual_start_date", Timestamp).filterable(),
];

const ACCOUNT: &[Stock] = &[
    one("display_name", Tokens).required().filterable(),
    one("description", RichText),
    one("domains", Tokens).list().filterable(),
    one("external_refs", Tokens).list().filterable(),
    one("owned_by", Id).of(OWNERS).list().filterable(),
    one("tags", Struct).list().filterable(),
    one("tier", Tokens),
];

const REV_ORG: &[Stock] = &[
    one("display_name", Tokens).required().filterable(),
    one("description", RichText),
    one("account", Id).of(&["account"]).filterable(),
    one("domain", Tokens),
    one("external_ref", Tokens).filterable(),
    one("tags", Struct).list().filterable(),
    one("tier", Tokens),
];

const USER: &[Stock] = &[
    one("display_name", Tokens),
    one("full_name", Tokens),
    one("email", Tokens).filterable(),
    one("phone_numbers", Tokens).list(),
    one("state", Tokens).filterable(),
];

const GROUP: &[Stock] = &[
    one("name", Tokens).required().filterable(),
    one("description", RichText),
    one("owner", Id).of(OWNERS),
];

const TAG: &[Stock] = &[
    one("name", Tokens).required().filterable(),
    one("description", RichText),
    one("allowed_values", Tokens).list(),
];

const CUSTOM_OBJECT: &[Stock] = &[
    one("title", Tokens),
    one("description", RichText),
    one("unique_key", Tokens),
    one("stage", Struct),
];

/// The descriptions of the fields of a leaf type; the first group is shared by leaf types of its
/// kind.
fn groups(leaf_type: &str) -> [&'static [Stock]; 2] {
    match leaf_type {
        "issue" => [WORK, ISSUE],
        "ticket" => [WORK, TICKET],
        "task" => [WORK, TASK],
        "opportunity" => [WORK, OPPORTUNITY],
        "enhancement" => [PART, ENHANCEMENT],
        "product" | "capability" | "feature" | "runnable" | "linkable" => [PART, &[]],
        "account" => [ACCOUNT, &[]],
        "rev_org" => [REV_ORG, &[]],
        "rev_user" | "dev_user" => [USER, &[]],
        "group" => [GROUP, &[]],
        "tag" => [TAG, &[]],
        "conversation" | "incident" => [&WORK[..2], &[]],
        _ => [CUSTOM_OBJECT, &[]],
    }
}

/// The fields of a stock leaf type or, for one of the org's own, those of all custom objects.
pub(super) fn fields(leaf_type: &str) -> Vec<Field> {
    groups(leaf_type).into_iter().flatten().chain(BASE).map(descriptor).collect()
}

fn descriptor(stock: &Stock) -> Field {
    let texts = || stock.choices.iter().map(|choice| Text((*choice).to_owned())).collect();
    let yes = |holds: bool| holds.then_some(true);
    Field {
        name: Text(stock.name.to_owned()),
        field_type: if stock.is_list { FieldType::Array } else { stock.of },
        base_type: if stock.is_list { stock.of.base() } else { None },
        is_required: yes(stock.is_required),
        is_filterable: yes(stock.is_filterable),
        id_type: (stock.of == Id && !stock.choices.is_empty()).then(texts),
        allowed_values: match stock.of {
            Enum => Some(AllowedValues::Texts(
                stock.choices.iter().map(|choice| Text((*choice).to_owned())).collect(),
            )),
            Uenum => Some(AllowedValues::Values(values(stock.name))),
            _ => None,
        },
        ui: Some(FieldUi { display_name: Some(Text(words(stock.name))), ..FieldUi::default() }),
        ..Field::default()
    }
}

/// The display name: `target_close_date` becomes `Target close date`.
fn words(name: &str) -> String {
    let name = name.strip_suffix("_v2").unwrap_or(name).replace('_', " ");
    let mut letters = name.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// The labels of the numbered values of stock fields; their ids and ordinals count from 1.
fn labels(field: &str) -> &'static [&'static str] {
    match field {
        "priority_v2" => &["P0", "P1", "P2", "P3"],
        "severity_v2" => &["Blocker", "High", "Medium", "Low"],
        "sentiment" => &["Delighted", "Happy", "Neutral", "Unhappy", "Frustrated"],
        "visibility" => &["internal", "external", "private"],
        "forecast_category_v2" => {
            &["Omitted", "Pipeline", "Upside", "Strong Upside", "Commit", "Won"]
        }
        _ => &[],
    }
}

/// The numbered values of a stock field.
pub fn values(field: &str) -> Vec<UenumValue> {
    let value = |(id, label): (i64, &&str)| UenumValue {
        id,
        label: Text((*label).to_owned()),
        ordinal: id,
        is_deprecated: None,
        tooltip: None,
    };
    (1..).zip(labels(field)).map(value).collect()
}

/// Whether an org may add to the values of a stock field, and relabel them.
pub(super) fn is_overridable(field: &str) -> bool {
    matches!(field, "priority_v2" | "sentiment" | "forecast_category_v2")
}
